"""`python -m demo [--host 127.0.0.1] [--port 7860]`: settings -> wiring -> serve.

`python -m demo user ...` and `audit verify` look after accounts and the audit: see `demo.staff`.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys

from pipelines.errors import MinwonError
from pipelines.settings import Settings, load_settings
from pipelines.wording import explain

LINGER_S = 3
"""How long open pages are given when the program is told to end."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """--host and --port stand above the settings."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
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
    app = create_app(desk.intake, desk.models, desk.room, desk.films, desk.office)
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


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit status. 2 = a setting, the policy or the store can't be used."""
    given = sys.argv[1:] if arguments is None else arguments
    command = given[:1] in (["user"], ["audit"])
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
            from demo import staff

            return staff.run(settings, given)
        chosen = {name: value for name, value in vars(options).items() if value is not None}
        serve(settings.model_copy(update=chosen))
    except MinwonError as error:
        sys.stderr.write(f"error: {error.code}: {explain(error, language)}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
