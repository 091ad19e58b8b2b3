"""The parts of reading that need no weights."""

from __future__ import annotations

import itertools
import threading
import time

import numpy as np
import pytest

from pipelines.media.audio import RATE_HZ
from pipelines.readers import rescore, sentences
from pipelines.readers.correct import Corrector
from pipelines.readers.languages import LanguageChooser
from pipelines.readers.pieces import Window, Windows, cut_at, levelled, plan, tracks
from pipelines.readers.score import cer, wer
from pipelines.readers.sounds import distance, jamo
from pipelines.readers.turns import Turns
from pipelines.readers.whisper import Draft
from pipelines.types import Word


def word(text: str, start_s: float = 0.0, end_s: float = 0.4, confidence: float = 0.9) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=confidence)


def row(text: str, confidence: float = 0.9) -> list[Word]:
    return [word(t, i * 0.5, i * 0.5 + 0.4, confidence) for i, t in enumerate(text.split())]


# --- score


@pytest.mark.parametrize(
    ("truth", "heard", "error"),
    [
        ("기차도 전기도 없었다.", "기차도 전기도 없었다", 0.0),
        ("기차도 전기도 없었다", "기 차도전기도, 없었다!", 0.0),
        ("세 시에 삼층에서", "3시에 3층에서", 0.0),
        ("전화는 공일공", "전화는 010", 0.0),
        ("만이천 원", "12,000원", 0.0),
        ("3시", "4시", 0.5),
        ("세시에 왔다", "네시에 왔다", 0.2),
        ("가로등", "", 1.0),
        ("", "", 0.0),
        ("", "아", 1.0),
        ("Drop the two", "drop, the two.", 0.0),
    ],
)
def test_character_error(truth: str, heard: str, error: float) -> None:
    assert cer(truth, heard) == pytest.approx(error)


def test_word_error() -> None:
    assert wer("drop the tue now", "Drop the two, now.") == pytest.approx(0.25)


# --- sentences


def test_sentences_end_at_marks_and_pauses_and_lose_nothing() -> None:
    words = row("가로등이 꺼졌습니다. 위험합니다 고쳐 주세요")
    words[2] = word("위험합니다", 1.0, 1.2)
    words[3] = word("고쳐", 1.6, 1.9)
    parts = sentences.split(words)
    assert [[w.text for w in part] for part in parts] == [
        ["가로등이", "꺼졌습니다."],
        ["위험합니다"],
        ["고쳐", "주세요"],
    ]


def test_loops_are_kept_once_and_telephone_numbers_whole() -> None:
    looped = row("네 " + "감사합니다 고객님 " * 6 + "끝")
    assert [w.text for w in sentences.without_loops(looped)] == ["네", "감사합니다", "고객님", "끝"]
    number = row("번호는 5 5 5 5")
    assert sentences.without_loops(number) == number
    twice = row("아니 아니 그게")
    assert sentences.without_loops(twice) == twice


def test_words_join_as_the_language_writes() -> None:
    assert sentences.joined(row("東 京 は Open AI です"), "ja") == "東京はOpen AIです"
    assert sentences.joined(row("가로등 고장"), "ko") == "가로등 고장"


def test_what_lies_in_silence_was_not_said() -> None:
    assert sentences.was_said([word("네", 1.0, 1.5)], [(0.8, 1.6)])
    assert not sentences.was_said([word("감사합니다", 5.0, 6.5)], [(0.8, 1.6)])


def test_a_voice_without_words_is_a_hole() -> None:
    words = [word("one", 0.0, 0.5), word("two", 0.5, 1.0)]
    assert sentences.holes(words, [(0.0, 1.0), (2.0, 6.0)]) == [(2.0, 6.0)]
    assert sentences.holes(words, [(0.0, 2.5)]) == []


def test_the_first_word_does_not_begin_in_the_silence() -> None:
    moved = sentences.timed([word(" 네", 0.0, 2.0)], 10.0, [(11.5, 12.0)])
    assert moved[0].text == "네"
    assert moved[0].start_s == pytest.approx(11.45)


# --- pieces


def test_pieces_hold_every_voiced_span_once_and_fit() -> None:
    rng = np.random.default_rng(4)
    spans, at = [], 0.0
    for _ in range(60):
        at += float(rng.uniform(0.3, 3.0))
        end = at + float(rng.uniform(0.2, 40.0))
        spans.append((at, end))
        at = end
    pieces = plan(spans, at, 28.0)
    assert all(0 < b - a <= 28.0 + 1e-6 for a, b in pieces)
    assert all(before[1] <= after[0] + 1e-6 for before, after in itertools.pairwise(pieces))
    for a, b in spans:
        covered = sum(max(0.0, min(b, d) - max(a, c)) for c, d in pieces)
        assert covered == pytest.approx(b - a)


def test_a_window_ends_in_its_last_pause() -> None:
    assert cut_at([(0.0, 80.0), (82.0, 120.0)], 120.0) == pytest.approx(81.0)
    assert cut_at([(0.0, 118.0)], 120.0) == pytest.approx(119.0)
    assert cut_at([(0.0, 120.0)], 120.0) == 120.0
    assert cut_at([], 120.0) == 120.0


def test_windows_hand_over_what_was_not_used() -> None:
    chunks = iter([np.full((RATE_HZ, 1), i, np.float32) for i in range(10)])
    windows = Windows(chunks, window_s=4)
    seen = []
    for window in windows:
        end_s = window.end_s if window.last else window.end_s - 1.5
        if not window.last:
            windows.hand_back(window, end_s)
        used = window.samples[: int((end_s - window.start_s) * RATE_HZ)]
        seen.append((window.start_s, used))
    assert next(start for start, _ in seen) == 0.0
    whole = np.concatenate([used for _, used in seen])
    assert np.array_equal(whole[:, 0], np.repeat(np.arange(10, dtype=np.float32), RATE_HZ))
    assert isinstance(window, Window)


def test_two_speakers_on_two_channels_are_read_apart() -> None:
    rng = np.random.default_rng(5)
    left, right = (rng.normal(0, 0.1, RATE_HZ).astype(np.float32) for _ in range(2))
    assert len(tracks(np.stack([left, right], axis=1))) == 2
    assert len(tracks(np.stack([left, left * 0.8], axis=1))) == 1
    assert len(tracks(np.stack([left, left * 0.0], axis=1))) == 1
    assert len(tracks(left[:, None])) == 1


def test_quiet_sound_is_made_louder_and_silence_stays() -> None:
    quiet = (0.02 * np.sin(np.arange(RATE_HZ) / 10)).astype(np.float32) + np.float32(0.1)
    assert 0.3 < np.abs(levelled(quiet)).max() <= 1.0
    assert not levelled(np.zeros(100, np.float32)).any()


# --- languages


def test_the_five_languages_are_likelier_but_others_can_win() -> None:
    assert LanguageChooser()([{"nn": 0.6, "ko": 0.4}]) == ["ko"]
    assert LanguageChooser()([{"de": 0.95, "en": 0.05}]) == ["de"]
    assert LanguageChooser("es")([{"ko": 1.0}]) == ["es"]


def test_a_near_tie_is_korean_and_nothing_clearer() -> None:
    assert LanguageChooser()([{"ja": 0.5, "ko": 0.45}]) == ["ko"]
    assert LanguageChooser()([{"ja": 0.85, "ko": 0.15}]) == ["ja"]
    assert LanguageChooser()([{"en": 0.52, "la": 0.24, "ko": 0.02}]) == ["en"]


def test_a_doubtful_piece_follows_the_recording() -> None:
    chooser = LanguageChooser()
    chooser([{"ko": 0.99, "ja": 0.01}])
    assert chooser([{"ja": 0.55, "ko": 0.45}, {"en": 0.97, "ko": 0.03}]) == ["ko", "en"]
    assert chooser.main == "ko"


# --- sounds and corrections

AREAS = frozenset({"성산동", "상산동", "영등포구", "마포구"})


class _Areas:
    names = AREAS
    inside: dict[str, frozenset[str]] = {}  # noqa: RUF012 - nothing is put into it


def corrector() -> Corrector:
    return Corrector(("가로등", "보도블록", "불법 주정차", "맨홀 뚜껑"), _Areas())


def test_what_sounds_alike_is_near() -> None:
    assert jamo("들이") == jamo("드리")
    assert distance(jamo("가로등"), jamo("카로등")) < distance(jamo("가로등"), jamo("바로등"))
    assert distance(jamo("애"), jamo("에")) == pytest.approx(0.1)


def test_an_unsure_word_near_one_term_is_corrected_and_kept() -> None:
    [fixed] = corrector().correct([word("카로등이", confidence=0.3)])
    assert (fixed.text, fixed.heard, fixed.unsure) == ("가로등이", "카로등이", True)


def test_a_sure_word_is_left_alone() -> None:
    sure = [word("카로등이", confidence=0.95)]
    assert corrector().correct(sure) == sure


def test_an_ambiguous_word_is_only_marked() -> None:
    ambiguous = Corrector(("가로둥", "가로돔"))
    [left] = ambiguous.correct([word("가로둠이", confidence=0.3)])
    assert (left.text, left.heard, left.unsure) == ("가로둠이", None, True)


def test_a_term_in_two_words_becomes_one() -> None:
    words = [word("가로", 0.0, 0.4, 0.4), word("등이", 0.4, 0.8, 0.6), word("꺼졌어요", 0.9, 1.3)]
    fixed = corrector().correct(words)
    assert [w.text for w in fixed] == ["가로등이", "꺼졌어요"]
    assert (fixed[0].heard, fixed[0].start_s, fixed[0].end_s) == ("가로 등이", 0.0, 0.8)


def test_places_keep_their_kind_and_far_words_stay() -> None:
    [place] = corrector().correct([word("영둥포구에서", confidence=0.4)])
    assert place.text == "영등포구에서"
    far = [word("바나나를", confidence=0.1), word("Wi-Fi", confidence=0.1)]
    assert [w.text for w in corrector().correct(far)] == ["바나나를", "Wi-Fi"]


def test_a_particle_is_not_taken_for_the_end_of_a_term() -> None:
    office = Corrector(("도로과", "군청", "아파트"))
    heard = [word(t, confidence=0.2) for t in ("도로가", "근처", "아파트", "앞에")]
    assert [w.text for w in office.correct(heard)] == ["도로가", "근처", "아파트", "앞에"]


# --- texts that sound alike


def draft(text: str, logprob: float, tokens: int = 20) -> Draft:
    return Draft(tokens=tuple(range(tokens)), text=text, logprob=logprob, no_speech=0.0)


def test_the_likelier_sentence_wins_among_near_ones() -> None:
    heard = [
        draft("그는 1위절이 피하면서 걸어갔다.", -0.34),
        draft("그는 이리절이 피하면서 걸어갔다.", -0.34),
        draft("그는 이리저리 피하면서 걸어갔다.", -0.36),
    ]
    assert rescore.best(heard, "ko") is heard[2]
    assert rescore.best(heard, "ja") is heard[0]  # nobody judges Japanese


def test_the_sound_has_the_last_word() -> None:
    heard = [
        draft("그는 이리절이 피하면서 걸어갔다.", -0.3),
        draft("그는 이리저리 피하면서 걸어갔다.", -0.9),
    ]
    assert rescore.best(heard, "ko") is heard[0]


def test_no_sentence_is_left_out_to_be_likelier() -> None:
    heard = [
        draft("본식집을 하고 있어요. 어떻게 신청하면 또 해나요?", -0.3),
        draft("본식집을 하고 있어요.", -0.3, tokens=10),
    ]
    assert rescore.best(heard, "ko") is heard[0]
    assert rescore.best([draft("", -0.3)], "ko").text == ""


def test_numbers_stay_digits_where_they_are_numbers() -> None:
    heard = [
        draft("101동 앞 가로등이 꺼졌습니다.", -0.3),
        draft("백일동 앞 가로등이 꺼졌습니다.", -0.3),
    ]
    assert rescore.best(heard, "ko") is heard[0]


# --- turns


def test_turns_are_given_in_order() -> None:
    turns, order = Turns(), []

    def work(number: int) -> None:
        with turns:
            order.append(number)

    with turns:
        threads = []
        for number in range(5):
            thread = threading.Thread(target=work, args=(number,))
            thread.start()
            threads.append(thread)
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]
