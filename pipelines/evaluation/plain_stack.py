"""The peer of the speed comparison: what one gets from the same weights without our work.

faster-whisper with its defaults, then the same GGUF through `transformers.generate`, asked the
very same thing. It is given bfloat16, in which it makes tokens faster here than in float32, so the
ratio errs against us.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.types import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRun:
    """What the plain stack took for one recording."""

    read_s: float
    draft_s: float
    output_tokens: int

    @property
    def total_s(self) -> float:
        """From file to the end of the raw answer."""
        return self.read_s + self.draft_s


class PlainStack:
    """Both models loaded once; a run is warm."""

    def __init__(self, whisper_folder: Path, gguf: Path, threads: int) -> None:
        import torch
        from faster_whisper import WhisperModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(threads)
        self._torch = torch
        self._whisper = WhisperModel(str(whisper_folder), device="cpu", local_files_only=True)
        where = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
        self._tokenizer: Any = AutoTokenizer.from_pretrained(**where)
        self._model: Any = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.bfloat16)

    def transcribe(self, path: Path) -> str:
        """The text by faster-whisper's defaults (sequential, beam 5)."""
        segments, _ = self._whisper.transcribe(str(path))
        return " ".join(segment.text.strip() for segment in segments)

    def answer(self, ask: Ask) -> int:
        """Generate an answer to the ask; returns the number of tokens made."""
        messages = [{"role": "system", "content": ask.system}]
        for user, assistant in ask.turns:
            messages += [
                {"role": "user", "content": user},
                {"role": "assistant", "content": assistant},
            ]
        messages.append({"role": "user", "content": ask.user})
        inputs = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with self._torch.inference_mode():
            out = self._model.generate(**inputs, max_new_tokens=ask.max_new_tokens, do_sample=False)
        return int(out.shape[1] - inputs["input_ids"].shape[1])

    def run(self, path: Path, ask: Ask) -> PlainRun:
        """One recording from file to answer; `ask` is the one that our drafter put."""
        started = time.monotonic()
        self.transcribe(path)
        read = time.monotonic()
        tokens = self.answer(ask)
        done = time.monotonic()
        return PlainRun(read_s=read - started, draft_s=done - read, output_tokens=tokens)
