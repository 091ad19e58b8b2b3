"""What a process that parses hostile files gives up for good, before it sees the first byte.

Each fence is tried and reports whether it took hold, because kernels, containers and users
differ; docs/decisions/worker.md has the table. Linux only; elsewhere the limits of `resource` and
the watching parent remain.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = 0x08000000, 0x10000000, 0x20000000, 0x40000000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fences:
    """Which fences took hold."""

    namespaces: bool
    """Own network (without any route), own process ids, own users."""
    system_calls: bool
    """No sockets, no tracing, no mounting (seccomp)."""
    files: bool
    """Reads only what programs need, writes only its own folder (Landlock)."""
    python_sockets: bool
    """The weakest: Python itself refuses to make a socket; set where no stronger one holds."""

    @property
    def network(self) -> bool:
        """True where the kernel itself keeps the process off the network."""
        return self.namespaces or self.system_calls


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def limit(*, memory_bytes: int, file_bytes: int, cpu_s: int) -> None:
    """Address space, size of one written file, processor seconds of this process; no cores."""
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, 256),
    ):
        hard = resource.getrlimit(kind)[1]
        capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (capped, capped))
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent() -> None:
    """Be killed when the process that started us ends."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def enter_namespaces() -> bool:
    """New user, network, IPC and process-id namespaces; the next fork is process 1 of them.

    Must run while the process has one thread.
    """
    if sys.platform != "linux":
        return False
    uid, gid = os.getuid(), os.getgid()
    libc = _libc()
    rest = _NEW_NET | _NEW_PID | _NEW_IPC
    if libc.unshare(_NEW_USER | rest) == 0:
        try:
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{uid} {uid} 1")
            _write("/proc/self/gid_map", f"{gid} {gid} 1")
        except OSError:
            return True  # unmapped: the fence holds, the process is nobody inside
        return True
    return bool(libc.unshare(rest) == 0)


def _write(path: str, text: str) -> None:
    with Path(path).open("w") as handle:
        handle.write(text)


def drop_powers() -> None:
    """No capability is left, and none comes back by starting another program."""
    if sys.platform != "linux":
        return
    libc = _libc()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = struct.pack("<Ii", 0x20080522, 0)
    libc.capset(header, bytes(24))


# --- system calls ------------------------------------------------------------------------------

# name: (x86_64, aarch64); -1 where the machine has none. Source: the kernel's own tables.
_REFUSED_CALLS = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
}
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000
_X32 = 0x40000000


def refuse_system_calls() -> bool:
    """Install the filter for this process and all it starts; False where the kernel can't."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    architecture, column = machine
    numbers = sorted(row[column] for row in _REFUSED_CALLS.values())
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    steps.append((_LOAD, 0, 0, 0))
    count = len(numbers) + 1
    steps.append((_AT_LEAST, count, 0, _X32))
    steps += [(_EQUAL, count - 1 - at, 0, number) for at, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(kept))
    libc = _libc()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.c_char_p(program), 0, 0) == 0)


# --- files -------------------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_ALL_BY_VERSION = (0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
_SCOPES = 0b11  # signals and abstract sockets stay inside


def confine_files(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Everything that is not named here can't be opened any more; False where the kernel can't."""
    if sys.platform != "linux":
        return False
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    handled = _ALL_BY_VERSION[min(version, 5)]
    attributes = struct.pack("<QQQ", handled, 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else (16 if version >= 4 else 8)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    reading = _EXECUTE | _READ_FILE | _READ_DIR
    with contextlib.closing(os.fdopen(ruleset, "rb", closefd=True)) as handle:
        for paths, rights in ((readable, reading), (writable, handled & ~_EXECUTE)):
            for path in paths:
                _allow(libc, handle.fileno(), path, rights)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, handle.fileno(), 0) == 0)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not path.is_dir():
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | 0x4000
    libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("<Qi", rights, folder), 0)
    os.close(folder)


def refuse_python_sockets() -> None:
    """An audit hook can't be taken out again; it stops Python code only, not native code."""

    def refuse(event: str, _: tuple[object, ...]) -> None:
        if event in {"socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo"}:
            raise PermissionError("no network here")

    sys.addaudithook(refuse)
