"""Tests that read print need Tesseract's data, not its program."""

from __future__ import annotations

import pytest

from pipelines.errors import OcrMissing
from pipelines.readers import ocr_engines


def _missing() -> bool:
    try:
        for language in ("ko", "en"):
            ocr_engines.need(language)
    except OcrMissing:
        return True
    return False


needs_ocr = pytest.mark.skipif(_missing(), reason="no data of Tesseract here")
