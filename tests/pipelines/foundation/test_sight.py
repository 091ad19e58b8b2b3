"""The embedded engine sees where it is given a file for pictures. Tiny weights, the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pipelines.errors import ModelCannotTake, ModelFailed
from pipelines.foundation.catalog import open_model
from pipelines.foundation.gguf import GgufModel, GgufOptions
from pipelines.settings import Settings
from pipelines.types import Ask

from . import tiny_gguf

QUIET = {"enable_thinking": False}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    return (
        tiny_gguf.text_gguf(folder / "model.gguf"),
        tiny_gguf.clip_gguf(folder / "mmproj.gguf"),
    )


@pytest.fixture
def model(files: tuple[Path, Path]) -> Iterator[GgufModel]:
    weights, mmproj = files
    made = GgufModel(
        "tiny", weights, GgufOptions(context_tokens=1024, mmproj=mmproj, template=QUIET)
    )
    yield made
    made.close()


def ask(*images: Path, schema: dict[str, object] | None = None) -> Ask:
    return Ask(system="s", user="무엇이 보입니까?", images=images, max_new_tokens=40, schema=schema)


def test_pixels_reach_the_weights(model: GgufModel, tmp_path: Path) -> None:
    red, noise = tmp_path / "red.png", tmp_path / "noise.png"
    Image.new("RGB", (120, 90), "red").save(red)
    Image.effect_noise((120, 90), 90).convert("RGB").save(noise)
    assert model.modalities == {"text", "image"}
    blind, one, other = (model.generate(ask(*paths)) for paths in ((), (red,), (noise,)))
    assert one.prompt_tokens == other.prompt_tokens == blind.prompt_tokens + 16
    assert one.text != other.text
    assert model.generate(ask(red, noise)).prompt_tokens == blind.prompt_tokens + 32
    words = ["맨홀", "가로등"]
    assert json.loads(model.generate(ask(red, schema={"enum": words})).text) in words


def test_what_is_no_picture_is_said(model: GgufModel, tmp_path: Path) -> None:
    path = tmp_path / "no.png"
    path.write_bytes(b"no picture")
    with pytest.raises(ModelCannotTake):
        model.generate(ask(path))
    assert model.generate(ask()).text


def test_without_that_file_a_picture_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    model = GgufModel("tiny", files[0], GgufOptions(context_tokens=1024))
    with pytest.raises(ModelCannotTake):
        model.generate(ask(tmp_path / "photo.jpg"))
    model.close()
    with pytest.raises(ModelFailed):
        GgufModel("tiny", files[0], GgufOptions(mmproj=tmp_path / "gone.gguf"))


def test_the_settings_alone_give_sight(files: tuple[Path, Path]) -> None:
    weights, mmproj = files
    named = Settings(model="qwen3-vl-2b", model_path=weights, context_tokens=1024)
    blind = open_model(named)
    seeing = open_model(named.model_copy(update={"mmproj_path": mmproj}))
    assert (blind.modalities, seeing.modalities) == ({"text"}, {"text", "image"})
    assert seeing.generate(ask()).text
    for model in (blind, seeing):
        model.close()
