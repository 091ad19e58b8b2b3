"""Tiny checkpoints of real architectures, made here: config -> random weights -> saved folder."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for p in m.content %}{% if p.type == 'image' %}IMAGE_TOKENS"
    "{% else %}{{ p.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking %}<think>{% endif %}{% endif %}"
)
SPECIAL = ("<|end|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>", "<vision>", "</vision>")
ROOT = Path(__file__).resolve().parents[3]


@functools.cache
def tokenizer(size: int = 1200) -> Any:
    """Byte-level pairs, learnt from our own prompts and samples: covers every text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    assets = ROOT / "assets"
    paths = [*sorted((assets / "prompts").iterdir()), assets / "samples" / "voice_texts.toml"]
    bare.train_from_iterator([path.read_text(encoding="utf-8") for path in paths], trainer)
    ends = {"eos_token": "<|im_end|>", "pad_token": "<|end|>"}
    found = PreTrainedTokenizerFast(tokenizer_object=bare, **ends)
    found.chat_template = TEMPLATE
    return found


SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": False,
}
EXPERTS = {"moe_intermediate_size": 16, "num_experts_per_tok": 2}
AXK = {
    "num_key_value_heads": 4,
    "q_lora_rank": 8,
    "kv_lora_rank": 8,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    **EXPERTS,
}
SLIDING = {"sliding_window": 16, "sliding_window_pattern": 2}
TEXT: dict[str, dict[str, Any]] = {
    "llama": {},
    "qwen2": {},
    "qwen3": {"head_dim": 8},
    "exaone4": SLIDING,
    "exaone_moe": {**SLIDING, "num_experts": 4, **EXPERTS},
    "solar_open": {"head_dim": 8, "n_routed_experts": 4, **EXPERTS},
    "hyperclovax": {},
    "axk1": {**AXK, "n_group": 2, "topk_group": 1},
    "axk2": {
        **AXK,
        "index_topk": 16,
        "index_head_dim": 16,
        "index_n_heads": 2,
        "gated_norm_rank": 4,
    },
}
"""model_type -> what its config needs beside SMALL."""


def text_folder(kind: str, folder: Path) -> Path:
    """A text model of random weights, with its tokenizer and chat template."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    words = tokenizer()
    fields = {**SMALL, **TEXT[kind]}
    if kind == "solar_open":
        del fields["intermediate_size"]
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(words),
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        bos_token_id=None,
        **fields,
    )
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def counting_folder(folder: Path, layers: int = 6) -> Path:
    """A llama whose next token is always the one after: it never ends, loops or is unsure.

    Attention and MLP add nothing; the output matrix is the input's, moved by one row.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    words = tokenizer()
    fields = {**SMALL, "hidden_size": 64, "num_hidden_layers": layers}
    config = LlamaConfig(
        vocab_size=len(words),
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        bos_token_id=None,
        **fields,
    )
    torch.manual_seed(1)
    model = LlamaForCausalLM(config)
    first = len(SPECIAL)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        rows = torch.nn.functional.normalize(torch.randn(len(words), 64), dim=1)
        model.model.embed_tokens.weight.copy_(rows)
        out = torch.zeros_like(rows)
        out[first + 1 :] = rows[first:-1]
        out[first] = rows[-1]
        model.lm_head.weight.copy_(out)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def change_config(folder: Path, **changed: Any) -> None:
    path = folder / "config.json"
    tree = json.loads(path.read_text())
    path.write_text(json.dumps({**tree, **changed}))


SEES: dict[str, dict[str, Any]] = {
    "qwen3_vl": {
        "text": "qwen3_vl_text",
        "more": {
            "head_dim": 8,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [2, 1, 1],
                "mrope_interleaved": True,
            },
        },
        "vision": {
            "deepstack_visual_indexes": [0],
            "out_hidden_size": 32,
            "depth": 2,
            "num_position_embeddings": 64,
        },
    },
    "exaone4_5": {
        "text": "exaone4",
        "more": SLIDING,
        "vision": {
            "out_hidden_size": 32,
            "depth": 2,
            "num_key_value_heads": 2,
            "fullatt_block_indexes": [1],
            "window_size": 56,
        },
    },
    "hyperclovax_vision_v2": {
        "text": "hyperclovax",
        "more": {},
        "vision": {
            "out_hidden_size": 32,
            "depth": 2,
            "fullatt_block_indexes": [1],
            "window_size": 56,
        },
    },
}
PADS = (
    "<|image_pad|>",
    "<|video_pad|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|IMAGE_PAD|>",
    "<|VIDEO_PAD|>",
)


def seeing_folder(kind: str, folder: Path) -> Path:
    """A model of random weights that takes pictures, with what prepares them."""
    import copy

    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, Qwen2VLImageProcessorPil

    words = copy.deepcopy(tokenizer())
    words.add_special_tokens({"additional_special_tokens": list(PADS)})
    words.chat_template = TEMPLATE.replace("IMAGE_TOKENS", PADS[2] + PADS[0] + PADS[3])
    ids = dict(zip(PADS, words.convert_tokens_to_ids(list(PADS)), strict=True))
    sees = SEES[kind]
    ends = {"eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id}
    text = {**SMALL, **sees["more"], **ends, "vocab_size": len(words), "bos_token_id": None}
    patch = 16 if kind == "qwen3_vl" else 14
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 4,
        "patch_size": patch,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "in_channels": 3,
        **sees["vision"],
    }
    config = AutoConfig.for_model(
        kind,
        text_config={"model_type": sees["text"], **text},
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        **ends,
    )
    torch.manual_seed(1)
    AutoModelForImageTextToText.from_config(config).save_pretrained(folder)
    words.save_pretrained(folder)
    Qwen2VLImageProcessorPil(
        min_pixels=56 * 56, max_pixels=112 * 112, patch_size=patch, merge_size=2
    ).save_pretrained(folder)
    return folder
