"""A locked PDF opens with its password, once, as a copy that asks for none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import DocumentEncrypted, DocumentPasswordWrong
from pipelines.media.worker import Worker
from pipelines.readers import mupdf
from pipelines.readers.unlock import unlock
from pipelines.types import MediaFile
from tests.pipelines.readers import paper_kit

AES_256 = 5


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(preload=("pipelines.readers.unlock",)) as made:
        yield made


def media(path: Path, media_type: str = "application/pdf") -> MediaFile:
    return MediaFile(
        path=path, kind="document", media_type=media_type, size_bytes=9, sha256="a" * 64
    )


def locked(folder: Path) -> MediaFile:
    page = paper_kit.text("the secret line")
    return media(
        paper_kit.pdf(
            folder / "locked.pdf", page, encryption=AES_256, user_pw="열쇠 1", owner_pw="owner"
        )
    )


@pytest.mark.parametrize("password", ["열쇠 1", "owner"])
def test_the_right_password_opens_a_copy(worker: Worker, tmp_path: Path, password: str) -> None:
    target = tmp_path / "open.pdf"
    opened = unlock(locked(tmp_path), password, worker=worker, target=target)
    assert opened.path == target
    assert opened.sha256 == "a" * 64
    with mupdf.open_document(target) as document:
        assert "the secret line" in document[0].get_text()


def test_a_wrong_password_and_none_are_refused(worker: Worker, tmp_path: Path) -> None:
    target = tmp_path / "open.pdf"
    for wrong in ("열쇠 2", "x" * 5000):
        with pytest.raises(DocumentPasswordWrong):
            unlock(locked(tmp_path), wrong, worker=worker, target=target)
    with pytest.raises(DocumentEncrypted):
        unlock(locked(tmp_path), "", worker=worker, target=target)
    assert not target.exists()


def test_what_asks_for_nothing_stays_where_it_is(worker: Worker, tmp_path: Path) -> None:
    plain = media(paper_kit.pdf(tmp_path / "plain.pdf", paper_kit.text("open")))
    assert unlock(plain, "x", worker=worker, target=tmp_path / "t.pdf") == plain
    letter = media(tmp_path / "letter.txt", "text/plain")
    assert unlock(letter, "x", worker=worker, target=tmp_path / "t.pdf") == letter
