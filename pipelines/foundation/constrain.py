"""Answers held to a JSON schema, token by token. Sole owner of `llguidance`.

Before each token every token is forbidden that can't lead to an answer of the schema. The grammar
allows no white space between the parts of an answer, so none can run on for ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.errors import ModelFailed

Anything = Any
"""Tensors and tokenizers, whose packages have other owners."""


class Grammar:
    """A tokenizer, prepared once a model: a second for a large vocabulary."""

    def __init__(self, tokenizer: Anything, vocabulary: int, ends: list[int]) -> None:
        """`tokenizer` of transformers, fast. Raises ValueError where it can't be used."""
        from llguidance.hf import from_tokenizer

        self._tokenizer = from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=ends)
        self._vocabulary = vocabulary

    def for_schema(self, schema: Mapping[str, object]) -> Held:
        """A new matcher. Raises ModelFailed where the schema asks for what can't be held."""
        from llguidance import LLMatcher

        tight: Anything = {
            "whitespace_flexible": False,
            "item_separator": ", ",
            "key_separator": ": ",
        }
        grammar = LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=tight)
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise ModelFailed(reason="the schema can't be held")
        return Held(matcher, self._vocabulary)


class Held:
    """A logits processor of transformers for one answer: forbids what the schema forbids."""

    def __init__(self, matcher: Anything, vocabulary: int) -> None:
        from llguidance.numpy import allocate_token_bitmask

        self._matcher = matcher
        self._bits = allocate_token_bitmask(1, vocabulary)
        self._seen: int | None = None

    def __call__(self, input_ids: Anything, scores: Anything) -> Anything:
        """Scores (1, vocabulary) -> the same with -inf for every forbidden token.

        Raises ModelFailed where the model wrote what was forbidden.
        """
        import numpy as np
        from llguidance.numpy import fill_next_token_bitmask

        row = input_ids[0]
        if self._seen is not None:
            for token in row[self._seen :].tolist():
                if not self._matcher.consume_token(token):
                    raise ModelFailed(reason="the schema was not held")
        self._seen = int(row.shape[0])
        fill_next_token_bitmask(self._matcher, self._bits)
        allowed = np.unpackbits(self._bits.view(np.uint8), axis=1, bitorder="little")
        allowed = allowed[:, : scores.shape[1]].astype(bool)
        forbidden = np.full(scores.shape, -np.inf, dtype=np.float32)
        forbidden[:, : allowed.shape[1]][allowed] = 0.0
        return scores + scores.new_tensor(forbidden)
