"""The flow reader in the child process: the same pages, the preview kept, errors as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import DocumentDamaged
from pipelines.media.admit import PAPERS, admit
from pipelines.media.worker import Worker
from pipelines.readers.flow_reader import FlowReader
from pipelines.settings import Settings
from tests.pipelines.readers import flow_kit as kit


@pytest.mark.slow
def test_files_are_read_in_the_child_and_the_preview_is_kept(tmp_path: Path) -> None:
    good = kit.hwpx(tmp_path / "a.hwpx", kit.hp_p("가로등이 꺼졌습니다."))
    bad = kit.hwpx(tmp_path / "b.hwpx", kit.hp_p("&c;"), prolog=kit.BOMB)
    previews = tmp_path / "previews"
    previews.mkdir()
    with Worker() as worker:
        reader = FlowReader(worker=worker, folder=previews)
        media = admit(good, settings=Settings(), accept=PAPERS)
        document = reader.read(media)
        assert document.preview == previews / f"{media.sha256}.pdf"
        assert document.preview.read_bytes().startswith(b"%PDF-")
        assert document.pages[0].blocks[0].text == "가로등이 꺼졌습니다."
        with pytest.raises(DocumentDamaged):
            reader.read(admit(bad, settings=Settings(), accept=PAPERS))
