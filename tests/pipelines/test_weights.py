"""Weights from real packages made here, found by the real import system, on a real disk."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.errors import DiskFull, ModelFailed, WeightsBroken, WeightsMissing
from pipelines.weights import WeightSpec, assemble

ROOT = Path(__file__).resolve().parents[2]
CHUNK = bytes(range(256)) * 400

CALL = """
import logging, sys
from pathlib import Path
from pipelines.errors import MinwonError
from pipelines.weights import WeightSpec, assemble
logging.basicConfig(level=logging.INFO)
parts, size, sha, cache = eval(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
spec = WeightSpec(name="toy", file="toy.bin", parts=parts, size_bytes=size, sha256=sha)
if len(sys.argv) > 5:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[5]), int(sys.argv[5])))
try:
    print(assemble(spec, cache))
except MinwonError as exc:
    print(exc)
"""


class Packages:
    """Installed part packages, and the spec of the model that they carry."""

    def __init__(self, folder: Path, contents: list[bytes]) -> None:
        self.folder = folder
        self.parts = []
        for number, content in enumerate(contents, start=1):
            data = folder / f"toy_part{number}" / "data"
            data.mkdir(parents=True)
            # Importing a part must never be needed: this one would fail the test at once.
            (data.parent / "__init__.py").write_text("raise RuntimeError('code was run')")
            (data / f"p{number}.bin").write_bytes(content)
            (data / "config.json").write_text(json.dumps({"part": number}))
            self.parts.append((f"toy-part-{number}", f"toy_part{number}/data/p{number}.bin"))
        self.whole = b"".join(contents)

    def spec(self, *, beside: bool = False) -> WeightSpec:
        return WeightSpec(
            name="toy",
            file="toy.bin",
            parts=tuple(self.parts),
            size_bytes=len(self.whole),
            sha256=hashlib.sha256(self.whole).hexdigest(),
            beside=(("toy-part-1", "toy_part1/data/config.json"),) if beside else (),
        )

    def part(self, number: int) -> Path:
        return self.folder / self.parts[number - 1][1]

    def start(self, cache: Path, *extra: str) -> subprocess.Popen[str]:
        spec = self.spec()
        arguments = [repr(spec.parts), str(spec.size_bytes), spec.sha256, str(cache), *extra]
        return subprocess.Popen(
            [sys.executable, "-c", CALL, *arguments],
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{self.folder}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Packages]:
    def make(contents: list[bytes]) -> Packages:
        packages = Packages(tmp_path / "packages", contents)
        monkeypatch.syspath_prepend(str(packages.folder))
        return packages

    return make


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def nothing_left(cache: Path) -> bool:
    names = {path.name for path in (cache / "weights").iterdir()}
    return names <= {".toy.lock"}


def test_parts_are_joined_in_order(install: Callable[..., Packages], cache: Path) -> None:
    packages = install([CHUNK, b"middle", CHUNK[::-1]])
    path = assemble(packages.spec(), cache)
    assert path.name == "toy.bin"
    assert path.read_bytes() == packages.whole


def test_a_folder_model_has_its_small_files_beside(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([b"one", b"two"])
    folder = assemble(packages.spec(beside=True), cache)
    assert (folder / "toy.bin").read_bytes() == b"onetwo"
    assert (folder / "config.json").read_text() == '{"part": 1}'
    (folder / "config.json").unlink()
    assert (assemble(packages.spec(beside=True), cache) / "config.json").is_file()


def test_the_second_call_reads_nothing(install: Callable[..., Packages], cache: Path) -> None:
    packages = install([CHUNK])
    path = assemble(packages.spec(), cache)
    before = path.stat()
    packages.part(1).unlink()  # it could not be made again
    assert assemble(packages.spec(), cache) == path
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_atime_ns == before.st_atime_ns


@pytest.mark.parametrize("harm", ["delete", "truncate", "change", "no marker"])
def test_harm_in_the_cache_is_noticed_and_mended(
    harm: str, install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK, CHUNK])
    path = assemble(packages.spec(), cache)
    if harm == "delete":
        path.unlink()
    elif harm == "truncate":
        path.write_bytes(packages.whole[:-1])
    elif harm == "change":
        path.write_bytes(b"x" + packages.whole[1:])
    else:
        (path.parent / "made.json").unlink()
    assert assemble(packages.spec(), cache).read_bytes() == packages.whole


def test_a_deleted_file_stays_readable_for_whoever_has_it_open(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK])
    with assemble(packages.spec(), cache).open("rb") as handle:
        Path(handle.name).unlink()
        assemble(packages.spec(), cache)
        assert handle.read() == packages.whole


def test_weights_copied_into_the_cache_by_hand_need_no_packages(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK])
    target = cache / "weights" / "toy" / "toy.bin"
    target.parent.mkdir(parents=True)
    target.write_bytes(packages.whole)
    packages.part(1).unlink()
    assert assemble(packages.spec(), cache) == target


def test_a_missing_package_is_named(install: Callable[..., Packages], cache: Path) -> None:
    packages = install([CHUNK])
    packages.parts.append(("toy-part-2", "toy_part2/data/p2.bin"))
    with pytest.raises(WeightsMissing) as caught:
        assemble(packages.spec(), cache)
    assert caught.value.facts == {"package": "toy-part-2"}
    assert nothing_left(cache)


def test_a_package_without_its_file_is_named(install: Callable[..., Packages], cache: Path) -> None:
    packages = install([CHUNK, CHUNK])
    packages.part(2).unlink()
    with pytest.raises(WeightsMissing) as caught:
        assemble(packages.spec(), cache)
    assert caught.value.facts == {"package": "toy-part-2"}


@pytest.mark.parametrize("content", [CHUNK[:-1] + b"!", CHUNK[:-1], b""])
def test_a_broken_part_leaves_nothing_behind(
    content: bytes, install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK, CHUNK])
    packages.part(2).write_bytes(content)
    with pytest.raises(WeightsBroken) as caught:
        assemble(packages.spec(), cache)
    assert caught.value.facts == {"model": "toy"}
    assert nothing_left(cache)


def test_processes_that_start_at_once_make_it_once(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK * 200] * 3)
    running = [packages.start(cache) for _ in range(4)]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in running]
    assert [code for _, _, code in ends] == [0] * 4
    assert {out.strip() for out, _, _ in ends} == {str(cache / "weights" / "toy" / "toy.bin")}
    assert sum("assembled weights" in err for _, err, _ in ends) == 1
    assert (cache / "weights" / "toy" / "toy.bin").read_bytes() == packages.whole


def test_what_a_killed_process_left_is_cleaned_up(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK * 2000])
    process = packages.start(cache)
    until = time.monotonic() + 30
    while not (left := list(cache.glob("weights/.toy.*.part/toy.bin"))):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert left[0].is_file()
    assert assemble(packages.spec(), cache).read_bytes() == packages.whole
    assert not list(cache.glob("weights/.toy.*.part"))


def test_no_room_while_writing_is_one_clear_error(
    install: Callable[..., Packages], cache: Path
) -> None:
    packages = install([CHUNK * 50])  # 5 MB, and the system stops the file at 1 MB
    out, err = packages.start(cache, "1000000").communicate(timeout=60)
    assert out.strip() == f"disk.full (path={cache / 'weights'}, needed_mb=22)", err
    assert nothing_left(cache)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_refused_before_writing(
    install: Callable[..., Packages], small_disk: Path
) -> None:
    packages = install([CHUNK * 50])
    with pytest.raises(DiskFull) as caught:
        assemble(packages.spec(), small_disk)
    assert caught.value.facts["needed_mb"] == 22
    assert nothing_left(small_disk)


def test_a_cache_that_is_a_file_is_one_clear_error(
    install: Callable[..., Packages], tmp_path: Path
) -> None:
    packages = install([CHUNK])
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelFailed) as caught:
        assemble(packages.spec(), tmp_path / "file")
    assert "ENOTDIR" in str(caught.value)
