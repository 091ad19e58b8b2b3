"""Alive is not ready; ready means every model and the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.api.health import health_router
from demo.store.database import Database, open_engine
from pipelines.settings import Settings
from tests.demo.store_kit import make_store


def client(states: dict[str, str], database: Database) -> TestClient:
    app = FastAPI()
    app.include_router(health_router(lambda: states, database))
    return TestClient(app)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_store(tmp_path).database


@pytest.fixture
def no_database(tmp_path: Path) -> Database:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"
    return Database(open_engine(Settings(data_dir=tmp_path, database_url=url)))


def test_ready_when_all_is(database: Database) -> None:
    answer = client({"speech": "ready", "model": "ready"}, database).get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "models": {"speech": "ready", "model": "ready"},
        "database": "ready",
    }


@pytest.mark.parametrize("state", ["cold", "loading", "failed"])
def test_one_model_that_is_not_ready_is_named(database: Database, state: str) -> None:
    answer = client({"speech": "ready", "model": state}, database).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["models"] == {"speech": "ready", "model": state}
    assert answer.json()["status"] == "not ready"


def test_a_database_that_is_away_is_not_ready_but_alive(no_database: Database) -> None:
    web = client({"model": "ready"}, no_database)
    answer = web.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed")
    assert web.get("/health/live").status_code == 200


def test_states_are_asked_each_time_and_never_cached(database: Database) -> None:
    states = {"model": "loading"}
    web = client(states, database)
    assert web.get("/health/ready").status_code == 503
    states["model"] = "ready"
    answer = web.get("/health/ready")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
