"""Simple patterns of places in English, Spanish, Japanese and Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_EN_KINDS = (
    "Street|St|Road|Rd|Avenue|Ave|Boulevard|Lane|Drive|Square|Station|Park|School|University|"
    "College|Hospital|Clinic|Market|Bridge|River|Stream|Apartments?|Building|Tower|Mall|Center|"
    "Centre|Library|Museum|Hall|Office|Church|Temple|Beach|Mountain|Terminal|Airport|Intersection|"
    "Crossing|Tunnel|Plaza|District|City|Village|Town|County|Pool|Stadium|Gym|Hotel|Port"
)
_EN_LOWER = (
    f"{_EN_KINDS.lower()}|elementary school|middle school|high school|bus stop|playground|"
    "crosswalk|parking lot|community center|city hall|district office|health center|restaurant|"
    "alley|sidewalk|construction site|entrance|subway station|kindergarten|supermarket|farm|"
    "pharmacy"
)
_CAP = r"[A-Z][\w'’]*(?:-[A-Za-z]+)*"
_WHERE_EN = (
    r"in front of|next to|close to|across from|opposite|behind|near|beside|at|around|by|on|in"
)
_ENGLISH = (
    # Seongsan-dong 125-3, Mapo-gu; World Cup-ro 12-gil
    re.compile(r"(?:\d+(?:-\d+)?,? )?[A-Z]\w*(?: [A-Z]\w*){0,2}"
               r"-(?:dong|gu|ro|gil|si|do|eup|myeon|ri|ga)\b"
               r"(?:,? \d+(?:-\d+)*(?:-gil)?)?(?:,? [A-Z]\w*-(?:dong|gu|si|do|ro|gil))*"),
    # Exit 2 of Mapo Station; 12 Hill Street; Green Park
    re.compile(rf"(?:[Ee]xit \d+ (?:of|at) )?(?:the )?(?:\d+ )?(?:{_CAP} (?:and |of )?){{1,4}}"
               rf"(?:{_EN_KINDS}|{_EN_LOWER})\b(?:,? (?:[Ee]xit|[Gg]ate|[Pp]latform) \d+)?"),
    re.compile(rf"\b(?:{_WHERE_EN}) (?P<place>(?:the |my |our )?(?:[\w'’-]+ ){{0,3}}?"
               rf"(?:{_EN_LOWER})\b(?: (?:entrance|exit|gate|number) ?\d*)?)"),
)  # fmt: skip
_ES_KINDS = (
    "calle|avenida|plaza|paseo|carretera|camino|estación|parada|parque|escuela|colegio|hospital|"
    "mercado|puente|río|barrio|edificio|centro|biblioteca|museo|ayuntamiento|iglesia|playa|"
    "terminal|cruce|esquina|instituto|universidad|apartamentos|piscina|estadio|distrito|polideportivo"
)
_UP = r"[A-ZÁÉÍÓÚÑ][\wáéíóúñü'-]*"
_SPANISH = (
    re.compile(rf"\b(?i:{_ES_KINDS})(?: (?:de la|de los|de las|del|de|la|el|los|las|municipal|"
               rf"pública|primaria|central))*(?: {_UP}(?: de(?: la)?)?)*(?: {_UP})?"
               rf"(?:,? (?:número )?\d+)?"),
)  # fmt: skip
_JA_KINDS = (
    "駅|区|市|町|村|丁目|通り|公園|小学校|中学校|高校|大学|病院|市場|交差点|橋|図書館|役所|区役所|市役所|"
    "洞|マンション|アパート|団地|バス停|神社|寺|広場|駐車場|保育園|幼稚園|体育館|プール|商店街|川|海岸|ビル"
)
_JAPANESE = re.compile(
    rf"(?:[一-龥々ァ-ヶーA-Za-z0-9]{{1,12}}(?:{_JA_KINDS})(?:\d+(?:-\d+)*(?:番地?|号)?)?の?)+"
    r"(?:\d+番)?(?:出口|入口|前|横|隣|裏|近く|向かい|周辺)?"
)
_ZH_KINDS = (
    "路|街|大道|巷|区|市|县|镇|村|站|地铁站|公园|小学|中学|大学|学校|医院|市场|广场|桥|图书馆|小区|大厦|"
    "商场|十字路口|路口|停车场|幼儿园|车站|公寓|洞|河|楼"
)
_CHINESE = re.compile(
    rf"(?:(?<=[在到从于去往,。、\s])|^)[一-龥A-Za-z0-9]{{1,10}}?(?:{_ZH_KINDS})"
    rf"(?:[一-龥]{{0,6}}?(?:{_ZH_KINDS}))*(?:\d+(?:-\d+)?号)?的?(?:\d+号出口|[东西南北]?门口?|出口|入口|前面?|旁边?|附近|对面|后面)?"
)
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-龥]")
_LATIN = re.compile(r"[A-Za-z]{2}")


def foreign_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of places in a text that isn't Korean, the longest first."""
    found = [span for span in _matches(text) if span[1] - span[0] > 1]
    return sorted(set(found), key=lambda span: (span[0] - span[1], span))


def _matches(text: str) -> Iterator[tuple[int, int]]:
    if _LATIN.search(text):
        for pattern in (*_ENGLISH, *_SPANISH):
            for match in pattern.finditer(text):
                yield match.span("place" if "place" in pattern.groupindex else 0)
    if _HAN.search(text):
        pattern = _JAPANESE if _KANA.search(text) else _CHINESE
        for match in pattern.finditer(text):
            kept = match.group().rstrip("のた的")
            yield match.start(), match.start() + len(kept)
