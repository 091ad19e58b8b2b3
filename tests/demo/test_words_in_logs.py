"""Threat 35: what the program writes down for its keepers holds ids and hashes, nobody's words."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from demo.store.tables import EventRow
from demo.work import incident
from pipelines.errors import CaseFieldInvalid, MinwonError
from tests.demo.store_kit import make_evidence, make_recording, make_result, make_store

SAID = "저는 홍길동이고 전화는 010-2345-6789입니다"


def test_a_case_with_personal_data_leaves_none_in_logs_events_and_errors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = make_store(tmp_path)
    media = replace(make_recording(tmp_path), name=f"{SAID}.wav")
    receipt = store.open(media, None)
    store.ledger.claim(receipt.number)
    evidence = tuple(replace(piece, text=SAID) for piece in make_evidence(media.sha256))
    store.ledger.record_result(receipt.number, make_result(media, evidence, request=SAID))
    view = store.find(receipt.number, receipt.secret)
    view = store.correct(receipt.number, receipt.secret, view.version, 0, f"{SAID} 정정")
    view = store.edit(receipt.number, receipt.secret, view.version, {"title": SAID})
    told: list[MinwonError] = [incident(receipt.number, ValueError(SAID))]
    with pytest.raises(CaseFieldInvalid) as refused:
        store.edit(receipt.number, receipt.secret, view.version, {"urgency": SAID})
    told.append(refused.value)
    store.file(receipt.number, receipt.secret, view.version)
    with store.database.read() as session:
        events = [(row.kind, row.facts) for row in session.scalars(sa.select(EventRow))]
    assert len(events) >= 5
    for place in (caplog.text, str(events), str(told), *(str(error.facts) for error in told)):
        assert place
        for word in (SAID, "홍길동", "2345", receipt.secret):
            assert word not in place
