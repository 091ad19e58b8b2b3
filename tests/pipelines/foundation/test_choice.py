"""Several models at once: which are meant, where they are, whether there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.engine_errors import ModelTooLarge
from pipelines.errors import ModelUnknown
from pipelines.foundation.catalog import engine_of
from pipelines.foundation.choice import check_room, is_set_up, row_of, settings_for
from pipelines.settings import Settings

SMALL, LARGE = "qwen2.5-coder-0.5b", "exaone-4.0-1.2b"


def test_the_settings_own_model_is_as_they_have_it() -> None:
    own = Settings(model=LARGE, model_path=Path("/weights/x.gguf"))
    assert settings_for(own, LARGE) is own


@pytest.mark.parametrize(
    ("where", "engine"),
    [
        ("/weights/x.gguf", "gguf"),
        ("/weights/folder", "hf"),
        ("http://127.0.0.1:9/v1", "remote"),
    ],
)
def test_where_it_is_decides_what_runs_it(where: str, engine: str) -> None:
    # What the settings say of their own model must not reach another one.
    own = Settings(model=SMALL, remote_url="http://127.0.0.1:1/v1", engine="remote")
    one = settings_for(own, f" {LARGE} = {where} ")
    assert (one.model, engine_of(row_of(one), one)) == (LARGE, engine)


def test_a_model_without_weights_or_server_is_not_set_up(tmp_path: Path) -> None:
    empty = Settings(cache_dir=tmp_path)
    assert is_set_up(settings_for(empty, SMALL))  # its packages are installed with the tests
    assert not is_set_up(settings_for(empty, LARGE))
    with pytest.raises(ModelUnknown):
        is_set_up(settings_for(empty, "no-such-model"))


def test_a_model_that_does_not_fit_is_refused_with_both_numbers() -> None:
    one = settings_for(Settings(), SMALL)
    check_room(one, 800)
    with pytest.raises(ModelTooLarge) as caught:
        check_room(one, 799)
    assert caught.value.facts == {"needed_mb": 800, "free_mb": 799}
    check_room(settings_for(Settings(), f"{LARGE}=http://127.0.0.1:9/v1"), 1)  # not here
