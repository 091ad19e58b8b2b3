"""Sentences that talk to a machine instead of an office: no model reads them, people still do.

Narrow on purpose: a citizen may complain about a chatbot, quote a rule, or ask for urgency. What is
looked for is somebody who commands: a program, a field of the case, or the text above. How often
honest sentences are hit is measured (docs/decisions/engines.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_SPACED = re.compile(r"(?<!\w)(?:\w ){3,}\w(?!\w)")

_FIELD_KO = (
    r"(긴급도|우선순위|분류|카테고리|부서|제목|장소|요약문?|요청란?|요청 사항|답변|출력|필드|칸)"
)
_FIELD_EN = r"(urgency|priority|category|department|title|place|summary|request|reply|field|output)"
_COMMAND_KO = (
    r"(하라|하여라|해라|써라|쓰라|적어라|적으라|넣어라|채워라|비워라|남겨라|덧붙여라|따르라|삼아라|바꿔라|바꾸라|켜라"
    r"|올려라|내려라|답하라|말하라|두라|출력해|설정해|변경해|표시해|적어|하시오|할 것|둘 것"
    r"|쓸 것|적을 것|말 것|하지 마|쓰지 말|(?<!주)십시오"
    r"|처리한다|고정한다|보고한다|침묵한다|승인한다|덧붙인다)"
)
_MACHINE_KO = (
    r"(인공지능|에이아이|챗봇|언어\s*모델|(?<![가-힣A-Za-z])AI|LLM|GPT|로봇|비서|시스템|자동\s*(분류|처리)\s*(프로그램|시스템)?"
    r"|모델|프로그램)\s*(담당자)?(은|는|이|가|에게|에게는|아|야|이여)(?![가-힣])"
)
_MACHINE_EN = (
    r"\b(the|an|any|dear|this|to)\s+(large\s+)?(ai|llm|language\s+model|model|assistant|chatbot|bot|"
    r"automated\s+systems?)\b"
)

_PATTERNS = (
    # What was said to the machine before, taken back or replaced.
    r"(이전|위|앞|앞선|앞에서|지금까지|모든|기존|아래|다음)[가-힣]*\s*(받은\s*)?(지시|명령|프롬프트|규칙|예시|지침)"
    r".{0,20}(무시|잊|따르|버리|취소|잘못|거짓|권한|전부|삼아)",
    r"(지시|명령|프롬프트|지침)[가-힣]*\s*(모두\s*|전부\s*|다\s*)?(무시|잊어|따르지|출력|공개|버리)",
    r"(이|위|앞|앞선|다음)[가-힣]*\s*(내용|문장|줄|글)[가-힣]*\s.{0,16}"
    r"(무시하|삭제하|만 민원|프롬프트)",
    r"\b(ignore|disregard|forget|throw\s+away)\b.{0,30}\b(instructions?|prompts?|orders?)\b",
    r"(^|[.!:;]\s*|please\s+)(ignore|disregard|forget)\b.{0,30}\b(rules?|above|before|examples?)\b",
    r"\b(examples?|orders?|instructions?|rules?)\s+(before|above)\b.{0,20}\b(wrong|false|void)\b",
    r"\b(only\s+the\s+text|everything)\s+(after|before|above)\b.{0,30}",
    r"\b(next|following)\s+(orders?|instructions?)\b.{0,20}\b(authority|priority)\b",
    # The machine, spoken to or spoken of as one that obeys.
    _MACHINE_KO + r".{0,60}" + _COMMAND_KO,
    _MACHINE_EN
    + r".{0,60}\b(must|should|shall|will|has\s+to|marks?|writes?|adds?|reports?|confirms?|"
    r"leaves?|treats?|chooses?|goes\s+silent|ignores?)\b",
    r"\b(note|message|order|memo)?\s*(for|to)\s+(the\s+|all\s+)?(ai|llm|model|assistant|bot|"
    r"automated\s+systems?)\s*:",
    r"\bas\s+an?\s+(ai|assistant|language\s+model)\b",
    r"(기계|AI|인공지능)가?\s*읽는\s*(줄|문장|글)",
    # Somebody who speaks of the complainant to a third: people who complain say "I".
    r"(^|[.!:;]\s*)(please\s+)?(tell|inform|assure|answer|refuse)\s+"
    r"(this\s+(person|citizen|user|caller|complainant)|the\s+(citizen|complainant|caller))\b",
    # Who the machine is to be.
    r"시스템\s*(프롬프트|지시|명령|관리자)|[#<\[]\s*(시스템|system|inst)\b|시스템\s*[#>\]]",
    r"(시스템|system|assistant)\s*[::]|너는\s*이제|당신은\s*이제|너의?\s*(임무|지침|역할)|네\s*지침|역할극",
    r"(개발자|관리자|developer|admin(istrator)?|debug)\s*(모드|mode)|(관리자|administrator)[가이]?\s.{0,12}(추가|added)",
    r"\byou\s+are\s+now\s+(an?|in|called)\b|\byour\s+(new\s+)?(task|guidelines|instructions|prompt)\b|\bact\s+as\s+(if|an?)\b"
    r"|\bgame\s+in\s+which\s+you\b|\bpretend\s+(to|that|you)\b|\bfrom\s+now\s+on\b.{0,12}\b(answer|reply|write|speak)",
    r"지금부터\s*(모든|너|답|대답)|이제부터\s*(새로운|너|모든)",
    # A field of the case, filled from outside.
    _FIELD_KO + r"\s*(칸|란)?\s*(은|는|을|를|에|에는|로)\s.{0,40}" + _COMMAND_KO,
    _FIELD_KO
    + r"\s*(칸|란)?[은는을를]?\s*.{0,16}로\s*(설정|변경|바꿔|바꾸라|지정|출력|표시|적어|고정)",
    r"(모든|전부)\s*(필드|칸|항목)[을를]?\s.{0,16}(채워|비워|없음)",
    _FIELD_KO + r"\s*=|=\s*(emergency|high|low|긴급)",
    r"\b(urgency|priority|category)\b\s*(=|:|equals|is\s+fixed|must\s+be|to\b)",
    _FIELD_EN + r"\s*(field\s*)?(=|equals|must\s+be|is\s+always|is\s+fixed|has\s+to\s+be)",
    r"\b(set|change|mark|lock|override|leave|empty|fill|choose|output|put|write)\b.{0,30}\b(the|every|in)\s+"
    r"(lowest\s+|highest\s+)?" + _FIELD_EN + r"\b",
    r"\bset\s+(the\s+)?(urgency|priority)\b|\b(output|mark|choose)\b.{0,24}\b(urgency|priority)\b",
    # What the machine is to print, and its own signs.
    r"(라고|으로|로)만\s*(답|출력|대답)|^\s*(출력|output)\s*[::]|그대로\s*(복사|출력)|(라고|이라고)\s*(써라|적어라|써\s*[.!]|보고한다|요약할)",
    r"(제목|요약|답변|요약문)에[는]?\s.{0,40}(써|적어|넣어라|덧붙여)\s*[.!]?\s*$",
    r"\b(output|print|reveal|repeat|list)\b.{0,24}\b(prompt|instructions?|json|guidelines|word)\b",
    r"</?\s*(evidence|system|user|assistant)|<\|im_|\[/?INST\]|###",
    r'[{,]\s*"(place|urgency|title|category|summary|request)"|\bjson\b.{0,20}(urgency|그대로)',
    r"\b(base64|temperature\s*=|format\s+error|validation)\b|형식\s*오류를\s*막",
)
# Where a Latin word begins or ends: a Korean particle may follow it without a blank ("JSON의").
_BORDER = r"(?:(?<![a-z0-9_])(?=[a-z0-9_])|(?<=[a-z0-9_])(?![a-z0-9_]))"
_ORDERS = re.compile(
    "|".join(f"(?:{pattern})" for pattern in _PATTERNS).replace(r"\b", _BORDER), re.IGNORECASE
)


def gives_orders(text: str) -> bool:
    """True where a text gives orders to a machine; written around in whatever way letters allow."""
    plain = _plain(text)
    if _ORDERS.search(plain):
        return True
    close = _SPACED.sub(lambda run: run.group().replace(" ", ""), plain)
    return close != plain and _spread_out(close)


def _spread_out(text: str) -> bool:
    """Letters set apart were joined: word borders are lost, so these are looked for without."""
    packed = "".join(text.lower().split())
    return bool(re.search(r"ignore|disregard|(지시|명령|규칙)[를을]?(무시|잊)", packed))


# What a sentence looks like that goes on with an order: a bare command, never a request.
_GOES_ON = re.compile(
    r"^\s*(and\s+|then\s+)?(ignore|write|print|answer|output|decode|obey|delete|leave|put|add|say|act|"
    r"do|set|fill|mark|choose|speak|use|treat|send|end|stop)\b(?!.*\bplease\b)"
    r"|^(?!.*(주십시오|주세요|바랍니다|부탁)).*(어라|아라|하라|해라|써라|한다|시오|할\s*것|말\s*것"
    r"|(말|답|출력|설정|실행)(해|하고)|써|적어|바꿔)\s*[.!。]?\s*$"
    r"|^\s*(끝|end)\s*[.!]?\s*$",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?。！？…:：]\s*$")


def commanding(told: Sequence[str]) -> list[bool]:
    """Which of these sentences, in their order, no model shall read.

    An order may run over the end of a printed line, and a sentence of it may not name the machine:
    what belongs to one, in the half line or the bare command beside it, is one too.
    """
    found = [gives_orders(sentence) for sentence in told]
    for here in range(1, len(told)):
        before, after = told[here - 1], told[here]
        if found[here - 1] and _is_bare_command(after):
            found[here] = True
        elif not _ENDED.search(before) and _runs_on(before, after):
            found[here - 1] = found[here] = True
    for here in reversed(range(1, len(told))):
        if found[here] and _is_bare_command(told[here - 1]):
            found[here - 1] = True
    return found


def _is_bare_command(sentence: str) -> bool:
    return _GOES_ON.search(_plain(sentence)) is not None


def _plain(text: str) -> str:
    """As it reads: without unseen signs, wide letters as plain ones."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text))


def _runs_on(before: str, after: str) -> bool:
    """True where an order begins in one line and ends in the next."""
    plain = [_plain(text) for text in (before, after)]
    border = len(plain[0])
    hits = _ORDERS.finditer(" ".join(plain))
    return any(hit.start() < border < hit.end() - 1 for hit in hits)
