"""The reply draft: the policy's template, filled with checked facts only."""

from __future__ import annotations

import datetime as dt

from pipelines.drafting.policy import Category, Policy
from pipelines.wording import say_day

FALLBACK = "ko"


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
        "due_date": say_day(due, spoken),
        "receipt": "",
    }
    filled = template
    for slot, value in slots.items():  # one pass a slot: a citizen's braces stay plain text
        filled = filled.replace("{" + slot + "}", value.replace("{", "(").replace("}", ")"))
    return filled.strip()
