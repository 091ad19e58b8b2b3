"""The one seam to a foundation model: every engine is one of these, pipelines see nothing else."""

from __future__ import annotations

from typing import Literal, Protocol

from pipelines.types import Ask, Cancel, OnToken, Reply, ignore

Modality = Literal["text", "image", "video", "audio"]


class FoundationModel(Protocol):
    """Ask in, reply out."""

    @property
    def name(self) -> str:
        """The catalog's name of the model, shown beside every answer."""
        ...

    @property
    def modalities(self) -> frozenset[Modality]:
        """What an ask may hold."""
        ...

    def generate(self, ask: Ask, on_token: OnToken = ignore, cancel: Cancel | None = None) -> Reply:
        """Answer one ask. Thread-safe: callers queue in order of arrival.

        Tokens go to `on_token` as they are made; joined, they are exactly `Reply.text`.
        The deadline counts from the call, waiting included. When it passes after tokens were made,
        the reply's `stop` is "deadline"; before the first one, ModelTimeout is raised. A set
        `cancel` raises Cancelled.

        Raises ModelFailed, ModelBusy, ModelTimeout, ModelCannotTake, PromptTooLong, Cancelled.
        """
        ...

    def close(self) -> None:
        """Free what it holds. Later asks raise ModelFailed."""
        ...
