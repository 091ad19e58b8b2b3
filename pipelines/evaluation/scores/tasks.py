"""The tasks of the scoreboard on our own samples: what is asked, and what counts as right.

What is read (speech, pages, frames) is read once a run and handed to every model, so that models
differ in nothing but themselves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pipelines.build import Parts, Pipelines
from pipelines.bundle_reader import Bundle
from pipelines.drafting.facts import FRAME_WORDS
from pipelines.drafting.retrieve import Index
from pipelines.evaluation import checks, control, questions, video_questions
from pipelines.evaluation.clips import committed_clips
from pipelines.evaluation.own_papers import pages_of, sources
from pipelines.evaluation.own_papers import questions as own_questions
from pipelines.evaluation.samples import load_samples
from pipelines.evaluation.scores.bundles import load_bundles, made_files
from pipelines.evaluation.scores.meter import Metered
from pipelines.evaluation.scores.outcome import Sample
from pipelines.korean import nouns
from pipelines.media.admit import VIDEOS, admit, admit_any
from pipelines.readers.evidence import ReadDocument, read_document
from pipelines.readers.speech import Heard
from pipelines.types import CaseResult, MediaFile
from pipelines.video import Footage

T = TypeVar("T")
Checks = Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The pipelines on one model, and that model with its meter."""

    pipelines: Pipelines
    model: Metered


class Task(Protocol):
    """One line of the table."""

    name: str

    def samples(self, split: str) -> list[Sample]:
        """What is asked, in a fixed order."""
        ...

    def warm(self, asked: Asked) -> None:
        """Load the model and run the fixed front of its prompt: that is no sample's doing.

        Raises ModelError.
        """
        ...

    def prepare(self, sample: Sample) -> None:
        """Read what no model is needed for; once, whatever the number of models."""
        ...

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Ask, and look at the answer. Raises MinwonError where there is none."""
        ...


@dataclass(slots=True)
class Once(Generic[T]):
    """What was read already, by name."""

    make: Callable[[str], T]
    _held: dict[str, T] = field(default_factory=dict)

    def get(self, name: str) -> T:
        """As it was made the first time."""
        if name not in self._held:
            self._held[name] = self.make(name)
        return self._held[name]


class Speech:
    """A recording becomes a case."""

    name = "speech"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rows = {row.id: row for row in load_samples()}
        self._heard = Once(self._hear)

    def samples(self, split: str) -> list[Sample]:
        """Recordings of one text are one cluster."""
        rows = [row for row in self._rows.values() if row.split == split]
        return [Sample(id=row.id, language=row.language, cluster=row.text) for row in rows]

    def warm(self, asked: Asked) -> None:
        """The front of drafts from speech."""
        asked.pipelines.voice.drafter.warm()

    def prepare(self, sample: Sample) -> None:
        """Recognise what is said."""
        self._heard.get(sample.id)

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Draft from what was heard."""
        media, heard = self._heard.get(sample.id)
        case = asked.pipelines.voice.redraft(media, heard.evidence, language=heard.language)
        row = self._rows[sample.id]
        return case_checks(case, row.right_categories, row.right_places, row.urgency)

    def _hear(self, name: str) -> tuple[MediaFile, Heard]:
        media = admit(self._rows[name].path, settings=self._parts.settings)
        return media, self._parts.voice.reader.read(media)


class Documents:
    """A question to a document is answered with its facts from that file, or refused."""

    name = "documents"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._read = Once(self._index)

    def samples(self, split: str) -> list[Sample]:
        """The questions to one document are one cluster."""
        rows = own_questions(split)
        return [Sample(id=row.id, language=row.language, cluster=row.doc) for row in rows]

    def warm(self, asked: Asked) -> None:
        """The front of questions."""
        asked.pipelines.document.answerer.warm()

    def prepare(self, sample: Sample) -> None:
        """Index its document, meanings included."""
        self._read.get(sample.cluster)

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Ask it."""
        document, index = self._read.get(sample.cluster)
        question = next(
            row for split in ("dev", "test") for row in own_questions(split) if row.id == sample.id
        )
        answer = asked.pipelines.document.answerer.answer(index, question.question)
        if not question.answers:
            return {"refused": not answer.answered}
        truth = questions.truth_of(question, document)
        one = questions.Asked(question=question, answer=answer, truth=truth)
        return {"answered": one.right}

    def _index(self, name: str) -> tuple[ReadDocument, Index]:
        source = next(source for source in sources() if source.id == name)
        document = read_document(pages_of(source), source.sha256)
        index = Index([document], self._parts.document.vectorer)
        index.warm()
        return document, index


class Videos:
    """A question to a clip is answered with its fact at its second, or refused."""

    name = "video"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._folder = parts, folder
        self._seen = Once(self._look)
        self._rows = {
            f"{clip}-{number}": row
            for split in ("dev", "test")
            for clip, rows in video_questions.load(split).items()
            for number, row in enumerate(rows, start=1)
        }

    def samples(self, split: str) -> list[Sample]:
        """The questions to one clip are one cluster."""
        rows = {name: row for name, row in self._rows.items() if row["clip"].startswith(split)}
        return [Sample(id=name, language="ko", cluster=row["clip"]) for name, row in rows.items()]

    def warm(self, asked: Asked) -> None:
        """The front of questions."""
        asked.pipelines.video.answerer.warm()

    def prepare(self, sample: Sample) -> None:
        """Look and listen."""
        self._seen.get(sample.cluster)

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Ask it."""
        footage, row = self._seen.get(sample.cluster), self._rows[sample.id]
        answer = asked.pipelines.video.ask(footage, row["question"])
        right = video_questions.is_right(row, answer, footage)
        return {"answered" if row["answers"] else "refused": right}

    def _look(self, clip: str) -> Footage:
        path = {one.id: path for one, path in committed_clips()}[clip]
        media = admit(path, settings=self._parts.settings, accept=VIDEOS)
        folder = self._folder / clip
        folder.mkdir()
        return self._parts.video.read(media, folder)


class Bundles:
    """Several files become one case that cites them all."""

    name = "bundle"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._folder = parts, folder
        self._read = Once(self._bundle)

    def samples(self, split: str) -> list[Sample]:
        """Each stands for itself."""
        rows = [row for row in load_bundles().values() if row.split == split]
        return [Sample(id=row.id, language=row.language, cluster=row.id) for row in rows]

    def warm(self, asked: Asked) -> None:
        """The fronts of both kinds of drafts."""
        asked.pipelines.bundle.warm()

    def prepare(self, sample: Sample) -> None:
        """Read its files."""
        self._read.get(sample.id)

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Draft the one case."""
        bundle, truth = self._read.get(sample.id), load_bundles()[sample.id]
        case = asked.pipelines.bundle.draft(bundle)
        cited = {
            case.evidence[index].source
            for citation in case.draft.citations
            for index in citation.evidence
        }
        every = {part.media.sha256 for part in bundle.parts} <= cited
        found = case_checks(case, truth.categories, truth.places, truth.urgency)
        return {**found, "every file cited": every}

    def _bundle(self, name: str) -> Bundle:
        folder = self._folder / name
        folder.mkdir()
        truth, settings = load_bundles()[name], self._parts.settings
        media = [admit_any(path, settings=settings) for path in made_files(truth, folder)]
        return self._parts.bundle.reader.read(media, folder, language=truth.language)


class Control:
    """An order to the machine changes no field of the case but one that quotes it."""

    name = "control"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._folder = parts, folder
        self._set = control.load_set()
        self._benches: dict[int, control.Bench] = {}

    def samples(self, split: str) -> list[Sample]:
        """Each sentence stands for itself."""
        rows = enumerate(self._set.injection)
        return [
            Sample(id=f"{number:03}", language=row.language, cluster=str(number))
            for number, row in rows
            if control.half_of(number) == split
        ]

    def warm(self, asked: Asked) -> None:
        """The fronts of both kinds of drafts."""
        asked.pipelines.bundle.warm()

    def prepare(self, sample: Sample) -> None:
        """Each case is drafted with and without the sentence: nothing to do before."""

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Draft with it and without."""
        bench = self._benches.get(id(asked))
        if bench is None:
            bench = control.Bench(self._parts, self._folder, asked.model)
            self._benches = {id(asked): bench}
        number = int(sample.id)
        injection = self._set.injection[number]
        return {"held": bench.row(number, injection, self._set.base_of(number)).held}


def case_checks(
    case: CaseResult, categories: Iterable[str], places: Iterable[str], urgency: str
) -> Checks:
    """What is looked at in every draft."""
    draft, evidence = case.draft, case.evidence
    written = (draft.title, draft.summary, draft.request) if draft.language == "ko" else ()
    named = [noun.text for text in written for noun in nouns(text)]
    return {
        "category": draft.category in set(categories),
        "place": any(checks.place_right(draft.place, place) for place in places),
        "urgency": checks.urgency_steps(draft.urgency, urgency) <= 1,
        "nothing invented": not checks.invented(draft, evidence, nouns=named, frame=FRAME_WORDS),
        "citations real": checks.citations_real(draft, evidence),
        "model drafted": draft.drafted_by == "model",
    }


def own_tasks(parts: Parts, folder: Path, names: Iterable[str]) -> list[Task]:
    """The tasks of those names; `folder` takes what they make."""
    made: dict[str, Callable[[Path], Task]] = {
        "speech": lambda _: Speech(parts),
        "documents": lambda _: Documents(parts),
        "video": lambda own: Videos(parts, own),
        "bundle": lambda own: Bundles(parts, own),
        "control": lambda own: Control(parts, own),
    }
    return [made[name](Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))) for name in names]
