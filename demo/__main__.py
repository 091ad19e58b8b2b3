"""`python -m demo [--host 127.0.0.1] [--port 7860]`: settings -> wiring -> serve.

`python -m demo reindex` makes the index of the filed cases anew.
`python -m demo retention [--dry-run] [--json]` deletes what the rules say is old enough.
`python -m demo user ...` and `audit verify` look after accounts and the audit: see `demo.staff`.
`python -m demo key ...` and `hook ...` hand out keys and keep webhooks: see `demo.commands`.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import sys

from pipelines.errors import MinwonError
from pipelines.settings import Settings, load_settings
from pipelines.wording import explain

COMMANDS = {
    "user": "demo.staff",
    "audit": "demo.staff",
    "key": "demo.commands",
    "hook": "demo.commands",
    "retention": "demo.retention",
}
"""First word of a command that does not serve -> the module whose `run` does it."""
LINGER_S = 3
"""How long open pages are given when the program is told to end."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """--host and --port stand above the settings."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("task", nargs="?", choices=("serve", "reindex"), default="serve")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    return parser.parse_args(arguments)


def quiet_libraries() -> None:
    """Before any of them is imported: none may call home."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"


def serve(settings: Settings) -> None:
    """Until somebody ends it. Raises what `make_desk` raises."""
    # Thousands of classes are made while libraries are imported and none of them is garbage:
    # without the collector the page is there 17 % sooner.
    gc.disable()
    import uvicorn

    from demo.app import create_app
    from demo.wiring import make_desk

    desk = make_desk(settings)
    app = create_app(
        desk.intake,
        desk.models,
        desk.room,
        desk.films,
        desk.duels,
        desk.insights,
        desk.office,
        desk.interfaces,
        desk.admin,
    )
    gc.enable()
    gc.freeze()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=LINGER_S,
        server_header=False,
    )
    logging.getLogger(__name__).info("serving on http://%s:%d", settings.host, settings.port)
    desk.start()
    try:
        uvicorn.Server(config).run()
    finally:
        desk.close()


def reindex(settings: Settings) -> None:
    """Words and vectors of every filed case, from the cases themselves. Raises as `serve`."""
    from demo.store.database import Database, open_engine
    from demo.store.upgrade import upgrade
    from demo.wiring import finding_of
    from pipelines.build import build

    engine = open_engine(settings)
    upgrade(engine)
    parts = build(settings)
    count = finding_of(parts, Database(engine)).indexer.reindex(_told)
    parts.close()
    sys.stderr.write(f"\r{count} cases are indexed\n")


def _told(done: int, count: int) -> None:
    sys.stderr.write(f"\r{done} / {count}")


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit status. 2 = a setting, the policy or the store can't be used."""
    given = sys.argv[1:] if arguments is None else arguments
    command = given[0] if given[:1] and given[0] in COMMANDS else ""
    options = parse([] if command else given)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("httpx", "httpcore", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    quiet_libraries()
    language = "ko"
    try:
        settings = load_settings()
        language = settings.ui_language
        if command:
            return int(importlib.import_module(COMMANDS[command]).run(settings, given))
        task = {"serve": serve, "reindex": reindex}[options.task]
        asked = {"host": options.host, "port": options.port}
        chosen = {name: value for name, value in asked.items() if value is not None}
        task(settings.model_copy(update=chosen))
    except MinwonError as error:
        sys.stderr.write(f"error: {error.code}: {explain(error, language)}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
