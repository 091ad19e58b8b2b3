"""The reply draft: the policy's template, filled with checked facts only."""

from __future__ import annotations

import datetime as dt

from pipelines.drafting.policy import Category, Policy

FALLBACK = "ko"
_DATES = {
    "ko": "{d.year}년 {d.month}월 {d.day}일",
    "ja": "{d.year}年{d.month}月{d.day}日",
    "zh": "{d.year}年{d.month}月{d.day}日",
    "en": "{d.day} {month} {d.year}",
    "es": "{d.day} de {month} de {d.year}",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
}


def spoken_date(day: dt.date, language: str) -> str:
    """A date as people write it; ISO where we have no form for the language."""
    months = _MONTHS.get(language, "").split()
    form = _DATES.get(language)
    return form.format(d=day, month=months[day.month - 1] if months else "") if form else str(day)


def write_reply(
    policy: Policy,
    category: Category,
    *,
    language: str,
    topic: str,
    place: str,
    request: str,
    emergency: bool,
    due: dt.date,
) -> str:
    """The reply in the speaker's language; Korean where the policy has no templates for it.

    Every slot takes a fact that was checked before; nothing here is written by a model.
    """
    spoken = language if language in policy.replies else FALLBACK
    kind = ("emergency_" if emergency else "") + ("with_place" if place else "without_place")
    template = policy.replies[spoken][kind]
    slots = {
        "agency": policy.agency_names.get(spoken, policy.agency),
        "department": category.departments.get(spoken, category.department),
        "category": category.names.get(spoken, category.code),
        "topic": topic,
        "place": place,
        "request": request,
        "due_date": spoken_date(due, spoken),
        "receipt": "",
    }
    filled = template
    for slot, value in slots.items():  # one pass a slot: a citizen's braces stay plain text
        filled = filled.replace("{" + slot + "}", value.replace("{", "(").replace("}", ")"))
    return filled.strip()
