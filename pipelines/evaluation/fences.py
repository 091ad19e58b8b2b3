"""`python -m pipelines.evaluation.fences`: which fence of the worker holds for this user, alone."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from pipelines.media import fences


def _connects(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def _reads() -> bool:
    try:
        return bool(Path(__file__).read_bytes())
    except OSError:
        return False


def _apart(check: Callable[[], bool]) -> bool:
    """Run in a process of its own: fences can't be taken down again."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if check() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def main() -> int:
    """Print one line a fence; exit status 1 where the network stays open."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rows = {
            "no fence: connects": _apart(lambda: _connects(port)),
            "namespaces: taken": _apart(fences.enter_namespaces),
            "namespaces: connects": _apart(lambda: fences.enter_namespaces() and _connects(port)),
            "seccomp: taken": _apart(fences.refuse_system_calls),
            "seccomp: connects": _apart(lambda: fences.refuse_system_calls() and _connects(port)),
            "Landlock: taken": _apart(lambda: fences.confine_files([Path("/usr")], [])),
            "Landlock: reads this file": _apart(
                lambda: fences.confine_files([Path("/usr")], []) and _reads()
            ),
        }
    print(f"user {os.getuid()}, {os.uname().sysname} {os.uname().release}")
    for name, held in rows.items():
        print(f"{name:32} {'yes' if held else 'no'}")
    closed = [
        rows[f"{name}: taken"] and not rows[f"{name}: connects"]
        for name in ("namespaces", "seccomp")
    ]
    return 0 if any(closed) else 1


if __name__ == "__main__":
    sys.exit(main())
