"""Whatever a reader can find is read back from JSON equal to what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.store import codec
from demo.store.corrections import corrected
from pipelines.types import Evidence, FrameSpot, Note, PageSpot, TimeSpan, Timing, Word

number = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(min_value=0, max_value=1)
words_of_people = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
box = st.tuples(number, number, number, number)
where = st.one_of(
    st.builds(TimeSpan, start_s=number, end_s=number),
    st.builds(
        PageSpot,
        page_no=st.integers(1, 10_000),
        box_pt=box,
        page_pt=st.none() | st.tuples(number, number),
    ),
    st.builds(FrameSpot, time_s=number, box_px=box, end_s=st.none() | number),
)
word = st.builds(
    Word,
    text=words_of_people,
    start_s=number,
    end_s=number,
    confidence=share,
    heard=st.none() | words_of_people,
    unsure=st.booleans(),
)
evidence = st.builds(
    Evidence,
    source=st.text("0123456789abcdef", min_size=64, max_size=64),
    where=where,
    text=words_of_people,
    confidence=share,
    language=st.sampled_from(["ko", "en"]),
    words=st.lists(word, max_size=4).map(tuple),
    image=st.none() | st.just(Path("frames/1.png")),
    origin=st.sampled_from(["reader", "model:photo", "model:page", "model:frame"]),
)
facts = st.dictionaries(words_of_people, words_of_people | st.integers() | number, max_size=4)
timing = st.builds(Timing, read_s=number, first_token_s=number, draft_s=number, total_s=number)


@given(evidence)
def test_evidence_survives(piece: Evidence) -> None:
    stored = json.loads(json.dumps(codec.pack_evidence(piece)))
    again = codec.unpack_evidence(stored)
    assert again == piece
    if isinstance(piece.where, PageSpot):  # a page's size is no part of where something is
        assert isinstance(again.where, PageSpot)
        assert again.where.page_pt == piece.where.page_pt


def test_what_an_older_program_wrote_is_read() -> None:
    page = {"kind": "page", "page_no": 2, "box_pt": [1, 2, 3, 4]}
    frame = {"kind": "frame", "time_s": 1.5, "box_px": [1, 2, 3, 4]}
    assert codec.unpack_where(page) == PageSpot(page_no=2, box_pt=(1, 2, 3, 4))
    assert codec.unpack_where(frame) == FrameSpot(time_s=1.5, box_px=(1, 2, 3, 4))


@given(st.builds(Note, code=words_of_people, facts=facts))
def test_notes_survive(note: Note) -> None:
    assert codec.unpack_note(json.loads(json.dumps(codec.pack_note(note)))) == note


@given(timing)
def test_timing_survives(value: Timing) -> None:
    assert codec.unpack_timing(json.loads(json.dumps(codec.pack_timing(value)))) == value


def test_a_place_of_tomorrow_is_refused() -> None:
    with pytest.raises(ValueError, match="hologram"):
        codec.unpack_where({"kind": "hologram"})


spoken = st.lists(
    st.builds(
        Word,
        text=st.text("가나다라마", min_size=1, max_size=3).map(lambda text: f" {text}"),
        start_s=st.floats(0, 10),
        end_s=st.floats(10, 20),
        confidence=share,
        unsure=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(spoken, st.lists(st.text("가나다바사", min_size=1, max_size=3), min_size=1, max_size=8))
def test_corrected_words_are_the_corrected_text_within_the_same_seconds(
    words: list[Word], tokens: list[str]
) -> None:
    made = corrected(words, " ".join(tokens))
    assert [entry.text.strip() for entry in made] == tokens
    assert not any(entry.unsure for entry in made)
    for entry in made:
        assert min(w.start_s for w in words) <= entry.start_s
        assert entry.end_s <= max(w.end_s for w in words) + 1e-9


@given(spoken)
def test_an_unchanged_text_changes_no_word(words: list[Word]) -> None:
    made = corrected(words, " ".join(entry.text.strip() for entry in words))
    assert [(entry.text, entry.start_s, entry.heard) for entry in made] == [
        (entry.text, entry.start_s, entry.heard) for entry in words
    ]
