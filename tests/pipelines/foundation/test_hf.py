"""The transformers engine beyond the contract: bad folders, pictures, and every architecture."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

from pipelines.engine_errors import ModelTooLarge, ModelUnloadable
from pipelines.errors import ModelCannotTake
from pipelines.foundation import folder as folders
from pipelines.foundation.catalog import load_catalog, open_model
from pipelines.foundation.hf import HfModel, HfOptions
from pipelines.settings import Settings
from pipelines.types import Ask

from . import tiny

pytestmark = pytest.mark.slow
SEEING = frozenset({"text", "image"})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.text_folder("llama", tmp_path_factory.mktemp("llama"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(whole, tmp_path / "model")


def problem_of(folder: Path, **options: object) -> str:
    with pytest.raises(ModelUnloadable) as caught:
        HfModel("m", folder, HfOptions(**options))  # type: ignore[arg-type]
    assert caught.value.facts["name"]
    return str(caught.value.facts["problem"])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "nothing") == "there is no such folder"


def test_a_folder_without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert problem_of(folder) == "tokenizer.json is missing"


def test_a_folder_without_config_or_with_a_broken_one(folder: Path) -> None:
    for text in ("[]", "{", None):
        path = folder / "config.json"
        path.unlink() if text is None else path.write_text(text)
        assert "config.json" in problem_of(folder)


def test_weights_that_can_hold_programs_are_not_read(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.rename(folder / "pytorch_model.bin")
    assert "safetensors" in problem_of(folder)


def test_weights_cut_short(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    assert problem_of(folder)


def test_an_unknown_architecture(folder: Path) -> None:
    tiny.change_config(folder, architectures=["ThoughtUpForCausalLM"], model_type="thought_up")
    assert problem_of(folder) == "unknown architecture ThoughtUpForCausalLM"


def test_a_makers_own_code_does_not_run_unless_it_is_named(folder: Path) -> None:
    ran = folder / "ran"
    (folder / "own.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass OwnConfig: pass\n")
    tiny.change_config(
        folder,
        architectures=["OwnForCausalLM"],
        model_type="own",
        auto_map={"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnForCausalLM"},
    )
    assert "MINWON_REMOTE_CODE" in problem_of(folder)
    assert not ran.exists()


def test_no_chat_template(folder: Path) -> None:
    for path in (folder / "chat_template.jinja", folder / "chat_template.json"):
        path.unlink(missing_ok=True)
    path = folder / "tokenizer_config.json"
    tree = json.loads(path.read_text())
    tree.pop("chat_template", None)
    path.write_text(json.dumps(tree))
    assert problem_of(folder) == "it has no chat template"


def test_a_model_larger_than_memory_is_refused_before_it_is_read(folder: Path) -> None:
    folders.check_memory(folder, "float32", 100_000_000)
    with pytest.raises(ModelTooLarge):
        folders.check_memory(folder, "float32", 100_000)
    # A file of a terabyte that takes no room on the disk: nothing of it is read.
    with (folder / "more.safetensors").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ModelTooLarge) as caught:
        HfModel("m", folder, HfOptions())
    assert int(caught.value.facts["needed_mb"]) > int(caught.value.facts["free_mb"]) > 0


def test_the_settings_alone_load_it(whole: Path) -> None:
    model = open_model(Settings(model="tri-7b", model_path=whole))
    assert model.generate(Ask(system="s", user="u", max_new_tokens=3)).output_tokens <= 3
    model.close()


def test_the_reasoning_switch_reaches_the_template(whole: Path) -> None:
    counts = {}
    for on in (True, False):
        model = HfModel("m", whole, HfOptions(template={"enable_thinking": on}))
        counts[on] = model.generate(Ask(system="s", user="u", max_new_tokens=1)).prompt_tokens
        model.close()
    assert counts[True] > counts[False]
    template = load_catalog()["exaone-4.5-33b"].reasoning.template()
    assert template == {"enable_thinking": False}


@pytest.mark.parametrize("kind", tiny.SEES)
def test_a_seeing_model_sees(kind: str, tmp_path: Path) -> None:
    model = HfModel(kind, tiny.seeing_folder(kind, tmp_path / "m"), HfOptions(), modalities=SEEING)
    pictures = []
    for name, picture in (
        ("red", Image.new("RGB", (120, 90), "red")),
        ("noise", Image.effect_noise((120, 90), 90).convert("RGB")),
    ):
        pictures.append(tmp_path / f"{name}.png")
        picture.save(pictures[-1])
    blind = model.generate(Ask(system="s", user="무엇이 보입니까?", max_new_tokens=8))
    one, other = (
        model.generate(Ask(system="s", user="무엇이 보입니까?", images=(path,), max_new_tokens=8))
        for path in pictures
    )
    assert one.prompt_tokens == other.prompt_tokens > blind.prompt_tokens
    assert one.text != other.text  # the pixels reached the weights
    two = model.generate(Ask(system="s", user="비교", images=tuple(pictures), max_new_tokens=8))
    assert two.prompt_tokens > one.prompt_tokens
    schema: dict[str, object] = {"enum": ["맨홀", "가로등"]}
    held = model.generate(Ask(system="s", user="고르십시오", images=(pictures[0],), schema=schema))
    assert json.loads(held.text) in schema["enum"]  # type: ignore[operator]
    pictures[0].write_bytes(b"no picture")
    with pytest.raises(ModelCannotTake):
        model.generate(Ask(system="s", user="u", images=(pictures[0],)))
    model.close()


SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "place": {"enum": ["효자동", ""]},
        "line": {"enum": [-1, 0, 1, 2]},
        "lines": {"type": "array", "items": {"enum": [0, 1]}, "minItems": 1, "maxItems": 2},
        "title": {"type": "string", "minLength": 2, "maxLength": 12},
        "note": {"type": ["string", "null"], "maxLength": 8},
    },
    "required": ["place", "line", "lines", "title", "note"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("kind", tiny.TEXT)
def test_random_weights_still_give_valid_json(kind: str, tmp_path: Path) -> None:
    model = HfModel(kind, tiny.text_folder(kind, tmp_path), HfOptions())
    for user in ("가로등이 꺼졌어요", "The lamp is broken", "{}"):
        reply = model.generate(Ask(system="s", user=user, schema=SCHEMA, max_new_tokens=150))
        assert reply.stop == "end"
        jsonschema.validate(json.loads(reply.text), SCHEMA)
    model.close()


FRONT = "너는 꼼꼼한 서기이다. 한 문장으로 답하라. " * 12


@pytest.mark.parametrize("kind", tiny.TEXT)
def test_what_is_remembered_changes_no_word(kind: str, tmp_path: Path) -> None:
    """Long enough that a sliding window of the tiny models has passed over the front part."""
    folder = tiny.text_folder(kind, tmp_path)
    asks = [
        Ask(system=FRONT, user=user, max_new_tokens=12)
        for user in ("가로등이 꺼졌어요", "쓰레기가 쌓였어요", "가로등이 꺼졌어요")
    ]
    model = HfModel(kind, folder, HfOptions())
    replies = [model.generate(ask) for ask in asks]
    model.close()
    fresh = HfModel(kind, folder, HfOptions())
    assert fresh.generate(asks[1]).text == replies[1].text
    fresh.close()
    assert replies[2].text == replies[0].text
    if kind in {"llama", "qwen2", "qwen3", "solar_open", "hyperclovax"}:
        assert replies[1].cached_tokens > 0.8 * replies[1].prompt_tokens
