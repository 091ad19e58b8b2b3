"""How urgent: the model's choice, held between what the citizen's words allow and demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipelines.drafting.case import URGENCIES, Urgency
from pipelines.drafting.policy import Policy

# Somebody may be hurt or something damaged: without such a word, "high" is the model's habit.
_HAZARDS = (
    *("위험", "다칠", "다쳐", "사고", "넘어", "떨어질", "떨어졌", "부러", "깨진", "깨져", "미끄러"),
    *("부딪", "무서", "구멍", "파손", "상한", "식중독", "배탈"),
    *("danger", "unsafe", "hurt", "injur", "accident", "fall", "fell", "trip", "hit by", "broken"),
    *("危険", "危ない", "転", "事故", "怖い", "壊れ", "危险", "摔", "受伤", "坏了"),
    *("peligro", "accidente", "caer", "caíd", "lastim", "tropez", "rota", "roto"),
)
# Somebody's life is at stake now.
_LIFE = (
    *("갇혔", "갇혀", "의식이 없", "숨을 안", "숨을 못", "피를 흘", "불이 났", "불이 나고", "불났"),
    *("가스 냄새", "가스가 새", "물에 빠졌", "죽고 싶", "감전됐", "깔렸"),
    *("trapped", "unconscious", "not breathing", "bleeding", "on fire", "gas leak", "smell gas"),
    *("閉じ込め", "意識がない", "火事です", "ガス漏れ", "被困", "昏迷", "着火", "燃气泄漏"),
    *("atrapad", "inconsciente", "sangrando", "fuga de gas", "olor a gas"),
)


def danger_in(text: str, policy: Policy, language: str) -> bool:
    """True where one of the policy's emergency words stands in the text.

    Korean words count in every language's text too: people mix them in.
    """
    known = policy.emergency_words
    return _has(text, (*known.get(language, ()), *known.get("ko", ()), *_LIFE))


def bounded(chosen: Urgency, texts: Sequence[str], policy: Policy, language: str) -> Urgency:
    """The policy's emergency words lift to "high" at least, a life at stake to "emergency".

    Without any of them "emergency" becomes "high", and "high" becomes "normal" where nothing
    said could hurt anybody.
    """
    text = " ".join(texts)
    if _has(text, _LIFE):
        return "emergency"
    if danger_in(text, policy, language):
        return max(chosen, "high", key=URGENCIES.index)
    most: Urgency = "high" if _has(text, _HAZARDS) else "normal"
    return min(chosen, most, key=URGENCIES.index)


def _has(text: str, words: Iterable[str]) -> bool:
    lowered = text.lower()
    return any(word.lower() in lowered for word in words)
