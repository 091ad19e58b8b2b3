"""assets/policy/retention.toml -> how many days what is kept."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import PolicyInvalid

FILE = "retention.toml"
"""Beside the policy."""
Days = Annotated[int, Field(ge=1, le=36_500)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Closed(_Row):
    """Cases that are answered, withdrawn or merged; days after that."""

    days: Days
    category: dict[str, Days] = {}


class Unfiled(_Row):
    """Cases that never reached the office; days after the last touch."""

    drafted: Days
    cancelled: Days
    failed: Days


class Files(_Row):
    """What lies beside the database; days after the last touch."""

    uploads: Days
    backups: Days


class Rules(_Row):
    """The whole file."""

    closed: Closed
    unfiled: Unfiled
    files: Files


def load_rules(folder: Path, categories: Collection[str]) -> Rules | None:
    """The rules beside the policy; None where there are none: then nothing is deleted.

    Raises PolicyInvalid, also for a category that the policy does not have.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        rules = Rules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise PolicyInvalid(path=str(path), problem=str(exc)) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise PolicyInvalid(path=str(path), problem=f"{place}: {first['msg']}") from exc
    for code in rules.closed.category:
        if code not in categories:
            problem = f"closed.category.{code}: no category has this code"
            raise PolicyInvalid(path=str(path), problem=problem)
    return rules
