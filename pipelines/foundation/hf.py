"""Any model that transformers can load, from a folder on this machine. Owner of `transformers`.

Everything is checked before the weights are read: is it all there, does it fit into memory, does it
want to run code of its maker's. Weights come from safetensors only, which can hold no program.
One ask at a time: on a CPU asks in parallel are slower in all; on a GPU a server (remote.py)
batches better than a process that also draws pages.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.engine_errors import ModelTooLarge, ModelUnloadable
from pipelines.errors import MinwonError, ModelFailed, PromptTooLong
from pipelines.foundation.chat import picture
from pipelines.foundation.constrain import Grammar
from pipelines.foundation.folder import check, check_memory, config_of
from pipelines.foundation.model import Modality
from pipelines.foundation.prefix import Prefix
from pipelines.foundation.queued import Job, QueuedModel
from pipelines.foundation.sight import processor_of
from pipelines.types import Ask, Stop

log = logging.getLogger(__name__)

Anything = Any
"""What transformers hands out: tensors, tokenizers, classes that it has no types for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HfOptions:
    """How a folder of transformers is run."""

    architecture: str | None = None
    """The class to load where the folder's own config names none that is known."""
    context_tokens: int = 6144
    threads: int = 2
    dtype: str = "auto"
    """auto = bfloat16 on a GPU, on a CPU float32."""
    device: str = "auto"
    remote_code: bool = False
    """May the maker's own code run in this process?"""
    template: Mapping[str, object] = field(default_factory=dict)
    """What the chat template is told: its reasoning switch."""


class HfModel(QueuedModel):
    """A FoundationModel on a folder. Loads in the constructor.

    Raises ModelUnloadable, ModelTooLarge, ModelFailed.
    """

    def __init__(
        self,
        name: str,
        source: Path | str,
        options: HfOptions,
        *,
        modalities: frozenset[Modality] = frozenset({"text"}),
        queue_limit: int = 32,
    ) -> None:
        super().__init__(name, modalities=modalities, queue_limit=queue_limit)
        self._options = options
        self._loaded: _Loaded | None = _load(name, source, options, sees="image" in modalities)

    def _answer(self, job: Job) -> Stop:
        loaded = self._loaded
        if loaded is None:
            raise ModelFailed(reason="closed")
        inputs = loaded.inputs(job.ask, self._options.template)
        job.prompt_tokens = int(inputs["input_ids"].shape[1])
        limit = self._options.context_tokens - job.ask.max_new_tokens
        if job.prompt_tokens > limit:
            raise PromptTooLong(tokens=job.prompt_tokens, limit=limit)
        held = [loaded.grammar.for_schema(job.ask.schema)] if job.ask.schema is not None else []
        stream = _Stream(job, loaded)
        try:
            loaded.generate(job, inputs, stream, held)
        except MinwonError:
            raise
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError) as exc:
            # torch's own words may quote tensors of the prompt: they stay in the chain.
            raise ModelFailed(reason="the engine refused the request") from exc
        return stream.result()

    def _free(self) -> None:
        self._loaded = None


class _Stream:
    """Tokens of one answer -> pieces of its job. The streamer that transformers asks for."""

    def __init__(self, job: Job, loaded: _Loaded) -> None:
        from tokenizers.decoders import DecodeStream

        self._job = job
        self._loaded = loaded
        self._decode = DecodeStream(skip_special_tokens=True)
        self._prompt_seen = False
        self._made = 0
        self._ended = False

    def put(self, tokens: Anything) -> None:
        """The prompt first, then each new token."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        for token in tokens.flatten().tolist():
            if token in self._loaded.ends:
                self._ended = True
                return
            self._made += 1
            self._job.output_tokens = self._made
            text = self._decode.step(self._loaded.backend, token)
            if text:
                self._job.emit(text, self._made)

    def end(self) -> None:
        """The answer is over."""

    def stopped(self, *_: object, **__: object) -> bool:
        """Asked by transformers after each token."""
        return self._job.stopped.is_set()

    def result(self) -> Stop:
        """How it ended."""
        if self._ended:
            return "end"
        if self._made >= self._job.ask.max_new_tokens:
            return "length"
        return "cancelled" if self._job.stopped.is_set() else "end"


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    """A model in memory and what turns words into its tokens."""

    model: Any
    tokenizer: Any
    backend: Any
    """The tokenizer's own fast part."""
    processor: Any | None
    """Of pictures and text together; None where the model sees nothing."""
    grammar: Grammar
    ends: frozenset[int]
    prefix: Prefix = field(default_factory=Prefix)

    def inputs(self, ask: Ask, template: Mapping[str, object]) -> dict[str, Any]:
        """Token ids (1, n) on the model's device, and pixels where there are pictures.

        Raises ModelCannotTake, ModelFailed.
        """
        from jinja2 import TemplateError

        turns = _turns(ask)
        speaker = self.tokenizer if self.processor is None else self.processor
        try:
            prompt = speaker.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, **template
            )
        except (TemplateError, TypeError, ValueError) as exc:
            raise ModelFailed(reason="its chat template refused the request") from exc
        if ask.images:
            assert self.processor is not None  # noqa: S101 - generate() refused it otherwise
            pictures = [picture(path) for path in ask.images]
            made = self.processor(text=[prompt], images=pictures, return_tensors="pt")
        else:
            made = self.tokenizer([prompt], return_tensors="pt", add_special_tokens=False)
        made.pop("token_type_ids", None)
        return {name: value.to(self.model.device) for name, value in made.items()}

    def generate(
        self, job: Job, inputs: Mapping[str, Any], stream: _Stream, held: Sequence[Any]
    ) -> None:
        """Write the answer into the stream; go on from what the last prompt shares with this."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        ask = job.ask
        known: dict[str, Any] = {}
        if not ask.images:  # the same token ids can stand for other pixels
            cache, job.cached_tokens = self.prefix.take(inputs["input_ids"][0].tolist())
            known = {} if cache is None else {"past_key_values": cache}
        drawn = {"temperature": ask.temperature} if ask.temperature > 0 else {}
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=ask.max_new_tokens,
            do_sample=ask.temperature > 0,
            eos_token_id=sorted(self.ends),
            pad_token_id=min(self.ends),
            **drawn,
        )
        with torch.inference_mode():
            made = self.model.generate(
                **inputs,
                **known,
                return_dict_in_generate=True,
                generation_config=config,
                streamer=stream,
                logits_processor=LogitsProcessorList(held),
                stopping_criteria=StoppingCriteriaList([stream.stopped]),
            )
        if not ask.images:
            self.prefix.keep(made.past_key_values, made.sequences[0].tolist())


def _turns(ask: Ask) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [{"role": "system", "content": ask.system}]
    for question, answer in ask.turns:
        found.append({"role": "user", "content": question})
        found.append({"role": "assistant", "content": answer})
    seen: list[object] = [{"type": "image"} for _ in ask.images]
    words = [*seen, {"type": "text", "text": ask.user}] if seen else ask.user
    return [*found, {"role": "user", "content": words}]


def _load(name: str, source: Path | str, options: HfOptions, *, sees: bool) -> _Loaded:
    """Check, then load. Raises ModelUnloadable, ModelTooLarge."""
    import torch
    import transformers

    if isinstance(source, Path):
        known = functools.partial(hasattr, transformers)
        check(name, source, own_code=options.remote_code, known=known)
    torch.set_num_threads(options.threads)
    device = options.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = options.dtype
    if dtype == "auto":
        dtype = "float32" if device == "cpu" else "bfloat16"
    if isinstance(source, Path):
        check_memory(source, dtype, _free_bytes(device))
    try:
        return _read(source, options, device, getattr(torch, dtype), sees=sees)
    except ModelUnloadable:
        raise
    except torch.OutOfMemoryError as exc:
        raise ModelTooLarge(needed_mb=0, free_mb=0) from exc
    except Exception as exc:
        log.warning("%s can't be loaded: %s", name, type(exc).__name__)
        raise ModelUnloadable(name=name, problem=f"{type(exc).__name__}") from exc


def _read(
    source: Path | str, options: HfOptions, device: str, dtype: Anything, *, sees: bool
) -> _Loaded:
    import transformers

    local = isinstance(source, Path)
    where = {"local_files_only": local, "trust_remote_code": options.remote_code}
    kind = _class_of(source, options, where, sees=sees)
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, **where)
    if not tokenizer.is_fast:
        raise ModelUnloadable(name=str(source), problem="its tokenizer has no fast form")
    processor = None
    if sees:
        model_type = transformers.AutoConfig.from_pretrained(source, **where).model_type
        processor = processor_of(source, tokenizer, model_type, where)
    if not (getattr(processor, "chat_template", None) or tokenizer.chat_template):
        raise ModelUnloadable(name=str(source), problem="it has no chat template")
    model = kind.from_pretrained(source, dtype=dtype, use_safetensors=True, **where)
    model = model.to(device).eval()
    ends = _ends(model, tokenizer)
    vocabulary = max(model.get_output_embeddings().weight.shape[0], len(tokenizer))
    return _Loaded(
        model=model,
        tokenizer=tokenizer,
        backend=tokenizer.backend_tokenizer,
        processor=processor,
        grammar=Grammar(tokenizer, vocabulary, sorted(ends)),
        ends=ends,
    )


def _class_of(
    source: Path | str, options: HfOptions, where: Mapping[str, Any], *, sees: bool
) -> Anything:
    """The folder's own class, the row's where that is unknown, else what fits its kind."""
    import transformers

    named: list[str] = []
    if isinstance(source, Path):
        named += config_of(source).get("architectures") or []
    named += [options.architecture] if options.architecture else []
    for name in named:
        kind = getattr(transformers, name, None)
        if kind is not None:
            return kind
    if isinstance(source, Path) and not options.remote_code:
        what = named[0] if named else "?"
        raise ModelUnloadable(name=str(source), problem=f"unknown architecture {what}")
    return transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM


def _ends(model: Anything, tokenizer: Anything) -> frozenset[int]:
    """Every token that ends an answer."""
    said = model.generation_config.eos_token_id
    found = set(said if isinstance(said, list) else [said]) | {tokenizer.eos_token_id}
    ends = frozenset(token for token in found if token is not None)
    if not ends:
        raise ModelUnloadable(name=tokenizer.name_or_path, problem="nothing ends its answers")
    return ends


def _free_bytes(device: str) -> int:
    import psutil
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
