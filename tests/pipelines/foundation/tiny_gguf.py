"""A tiny llama in GGUF and a tiny CLIP beside it, of random weights, written here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from . import tiny

WIDE, FFN, HEADS, LAYERS = 64, 128, 4, 2
SIDE_PX, PATCH_PX = 56, 14
DRAW = np.random.default_rng(1)


def _weights(*shape: int) -> Any:
    return (DRAW.standard_normal(shape) * 0.2).astype(np.float32)


def text_gguf(path: Path) -> Path:
    """A llama with the tokenizer of the other tiny models."""
    import gguf

    words = tiny.tokenizer()
    tree = json.loads(words.backend_tokenizer.to_str())["model"]
    tokens = [word for word, _ in sorted(tree["vocab"].items(), key=lambda pair: pair[1])]
    kinds = [
        gguf.TokenType.CONTROL if word in tiny.SPECIAL else gguf.TokenType.NORMAL for word in tokens
    ]
    out = gguf.GGUFWriter(path, "llama")
    out.add_context_length(8192)
    out.add_embedding_length(WIDE)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(FFN)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(WIDE // HEADS)
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(tokens)
    out.add_token_types(kinds)
    out.add_token_merges([" ".join(pair) for pair in tree["merges"]])
    out.add_eos_token_id(words.eos_token_id)
    out.add_pad_token_id(words.pad_token_id)
    out.add_add_bos_token(False)
    out.add_chat_template(tiny.TEMPLATE.replace("IMAGE_TOKENS", ""))
    out.add_tensor("token_embd.weight", _weights(len(tokens), WIDE))
    out.add_tensor("output_norm.weight", np.ones(WIDE, np.float32))
    out.add_tensor("output.weight", _weights(len(tokens), WIDE))
    for n in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            out.add_tensor(f"blk.{n}.{name}.weight", _weights(WIDE, WIDE))
        out.add_tensor(f"blk.{n}.ffn_gate.weight", _weights(FFN, WIDE))
        out.add_tensor(f"blk.{n}.ffn_up.weight", _weights(FFN, WIDE))
        out.add_tensor(f"blk.{n}.ffn_down.weight", _weights(WIDE, FFN))
        for name in ("attn_norm", "ffn_norm"):
            out.add_tensor(f"blk.{n}.{name}.weight", np.ones(WIDE, np.float32))
    _finish(out)
    return path


def clip_gguf(path: Path) -> Path:
    """A CLIP with LLaVA's projector, whose pictures have the width of that llama."""
    import gguf

    out = gguf.GGUFWriter(path, "clip")
    out.add_bool("clip.has_vision_encoder", True)
    out.add_string("clip.projector_type", "mlp")
    out.add_bool("clip.use_gelu", True)
    for key, value in {
        "image_size": SIDE_PX,
        "patch_size": PATCH_PX,
        "embedding_length": WIDE,
        "feed_forward_length": FFN,
        "projection_dim": WIDE,
        "block_count": LAYERS,
        "attention.head_count": HEADS,
    }.items():
        out.add_uint32(f"clip.vision.{key}", value)
    out.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    out.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    out.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    patches = (SIDE_PX // PATCH_PX) ** 2
    out.add_tensor("v.patch_embd.weight", _weights(WIDE, 3, PATCH_PX, PATCH_PX))
    out.add_tensor("v.class_embd", _weights(WIDE))
    out.add_tensor("v.position_embd.weight", _weights(patches + 1, WIDE))
    for norm in (
        "v.pre_ln",
        "v.post_ln",
        *(f"v.blk.{n}.ln{k}" for n in range(LAYERS) for k in (1, 2)),
    ):
        out.add_tensor(f"{norm}.weight", np.ones(WIDE, np.float32))
        out.add_tensor(f"{norm}.bias", np.zeros(WIDE, np.float32))
    shapes = {
        f"v.blk.{n}.{name}": (WIDE, WIDE)
        for n in range(LAYERS)
        for name in ("attn_q", "attn_k", "attn_v", "attn_out")
    }
    shapes |= {f"v.blk.{n}.ffn_up": (FFN, WIDE) for n in range(LAYERS)}
    shapes |= {f"v.blk.{n}.ffn_down": (WIDE, FFN) for n in range(LAYERS)}
    shapes |= {"mm.0": (WIDE, WIDE), "mm.2": (WIDE, WIDE)}
    for name, shape in shapes.items():
        out.add_tensor(f"{name}.weight", _weights(*shape))
        out.add_tensor(f"{name}.bias", np.zeros(shape[0], np.float32))
    _finish(out)
    return path


def _finish(out: Any) -> None:
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
