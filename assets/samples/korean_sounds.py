"""Korean text -> the phonemes that the Kokoro voice takes, made from how the text is pronounced.

The sound changes of Korean (liaison, nasalisation, aspiration, tensing) come from the package
ko-pron; here its pronounced hangul only becomes phonemes.
"""

from __future__ import annotations

import re
import unicodedata

from ko_pron import romanise

_INITIALS = "k kk n t tt ɾ m p pp s ss - ʨ ʨʨ ʨʰ kʰ tʰ pʰ h".split()
_VOWELS = "a e ja je ʌ e jʌ je o wa we we jo u wʌ we wi ju ɯ ɯi i".split()
_FINALS = "- k k k n n n t l k m l l l l l m p p t t ŋ t t k t p t".split()
_VOICED = {"k": "ɡ", "t": "d", "p": "b", "ʨ": "ʥ"}
_SONORANT = {"vowel", "n", "m", "ŋ", "l"}
_STOPS = re.compile(r"([,.!?])")


def korean_phonemes(sentence: str) -> str:
    """One sentence in hangul (no digits, no Latin letters) -> phonemes and punctuation."""
    out = []
    for part in _STOPS.split(sentence):
        if _STOPS.fullmatch(part):
            out.append(part)
        elif part.strip():
            # Of several accepted pronunciations, which it joins with "/", the first.
            heard = unicodedata.normalize("NFC", romanise(part.strip(), "ph").split("/")[0])
            out.append(" " + " ".join(map(_word, heard.split())))
    return "".join(out).strip()


def _word(word: str) -> str:
    out = []
    before = ""
    for sign in word:
        code = ord(sign) - 0xAC00
        if not 0 <= code < 11_172:
            raise ValueError(f"not a hangul syllable: {sign!r}")
        initial = _INITIALS[code // 588].strip("-")
        vowel = _VOWELS[code % 588 // 28]
        final = _FINALS[code % 28].strip("-")
        if before in _SONORANT:
            initial = _VOICED.get(initial, initial)
        if initial == "ɾ" and before == "l":
            initial = "l"
        if initial in ("s", "ss") and vowel[0] in "ij":
            initial = initial.replace("s", "ɕ")
        if initial[:1] in ("ʨ", "ʥ") and vowel[0] == "j":
            vowel = vowel[1:]  # 쳐 is said 처
        out.append(initial + vowel + final)
        before = final or "vowel"
    return "".join(out)
