"""One writer at a time, whoever dies: the lock is the operating system's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.db.lock import InstanceLock, holder
from app.errors import StoreError
from tests.counts import share

CHILD = """
import sys
from pathlib import Path
from app.db.lock import InstanceLock
from app.errors import StoreError
try:
    with InstanceLock.acquire(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])):
        print("held", flush=True)
        sys.stdin.readline()
except StoreError as error:
    print(error, flush=True)
"""

CONTENDER = """
import os, sys
from pathlib import Path
from app.db.lock import InstanceLock
from app.errors import StoreError
place, marker = Path(sys.argv[1]), Path(sys.argv[1]).with_suffix(".busy")
sys.stdin.readline()
doubled = held = 0
for _ in range(int(sys.argv[2])):
    try:
        with InstanceLock.acquire(place, "contender"):
            held += 1
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                doubled += 1
            else:
                marker.unlink()
    except StoreError:
        pass
print(held, doubled, flush=True)
"""


def _start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def _first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def _end(child: subprocess.Popen[str]) -> None:
    child.communicate("\n", timeout=30)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "staff.muster"


def test_the_second_is_told_who_has_it(place: Path) -> None:
    with InstanceLock.acquire(place, "Amy Patel"), pytest.raises(StoreError) as caught:
        InstanceLock.acquire(place, "Bob")
    sentence = str(caught.value)
    assert "in use by Amy Patel" in sentence
    assert f"({os.getpid()})" in sentence
    assert holder(place) == {}
    assert "reading only" in caught.value.advice


def test_another_program_is_told_too(place: Path) -> None:
    with InstanceLock.acquire(place, "Amy Patel"):
        child = _start(CHILD, place, "Bob", 0)
        assert f"in use by Amy Patel, program {Path(sys.argv[0]).name} ({os.getpid()})" in _first_line(child)
        _end(child)


def test_given_back_it_is_free_and_leaves_no_file(place: Path) -> None:
    lock = InstanceLock.acquire(place, "Amy")
    assert lock.path.exists()
    lock.release()
    lock.release()
    assert not lock.is_held
    assert list(place.parent.iterdir()) == []
    InstanceLock.acquire(place, "Bob").release()


def test_a_link_to_the_workspace_shares_its_lock(place: Path, tmp_path: Path) -> None:
    place.touch()
    other = tmp_path / "elsewhere" / "shortcut.muster"
    other.parent.mkdir()
    try:
        other.symlink_to(place)
    except OSError as error:  # Windows without the right to make links
        pytest.skip(f"no links here: {error}")
    with InstanceLock.acquire(place, "Amy"), pytest.raises(StoreError, match="in use by Amy"):
        InstanceLock.acquire(other, "Bob")


def test_waiting_gets_it_once_it_is_free(place: Path) -> None:
    lock = InstanceLock.acquire(place, "Amy")
    child = _start(CHILD, place, "Bob", 30)
    lock.release()
    assert _first_line(child) == "held"
    assert holder(place)["user"] == "Bob"
    _end(child)


@pytest.mark.parametrize("round_", range(share(20)))
def test_a_killed_holder_is_taken_over(place: Path, round_: int) -> None:
    child = _start(CHILD, place, "Amy", 0)
    assert _first_line(child) == "held"
    child.kill()
    child.communicate(timeout=30)
    assert place.with_name("staff.muster.lock").exists()
    with InstanceLock.acquire(place, "Bob"):
        assert holder(place)["user"] == "Bob"


def test_a_lock_file_of_a_living_program_that_does_not_hold_it_is_taken_over(place: Path) -> None:
    # after a restart of the computer another program may have the number that the text names
    place.with_name("staff.muster.lock").write_text(
        f"user: Amy\nprogram: muster ({os.getpid()})\n" + "x" * 4096, encoding="utf-8"
    )
    with InstanceLock.acquire(place, "Bob"):
        assert holder(place)["user"] == "Bob"
        assert "xxxx" not in place.with_name("staff.muster.lock").read_text(encoding="utf-8")


def test_no_two_hold_it_at_once(place: Path) -> None:
    tries = share(50) * 200
    children = [_start(CONTENDER, place, tries) for _ in range(3)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    answers = [_first_line(child).split() for child in children]
    for child in children:
        _end(child)
    assert sum(int(doubled) for _, doubled in answers) == 0
    assert sum(int(held) for held, _ in answers) >= tries


@pytest.mark.parametrize("round_", range(share(50)))
def test_of_two_starts_one_is_refused(place: Path, round_: int) -> None:
    children = [_start(CHILD, place, name, 0) for name in ("Amy", "Bob")]
    answers = [_first_line(child) for child in children]
    for child in children:
        _end(child)
    assert answers.count("held") == 1
    assert sum("in use by" in answer for answer in answers) == 1


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no folder"):
        InstanceLock.acquire(tmp_path / "gone" / "staff.muster", "Amy")


def test_the_lock_is_not_passed_on_to_child_processes(place: Path) -> None:
    lock = InstanceLock.acquire(place, "Amy")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        lock.release()
        InstanceLock.acquire(place, "Bob").release()
    finally:
        child.communicate(b"\n", timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="stopping a process by signal is POSIX")
def test_a_stopped_holder_still_holds_it(place: Path) -> None:
    child = _start(CHILD, place, "Amy", 0)
    assert _first_line(child) == "held"
    os.kill(child.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreError, match="in use by Amy"):
            InstanceLock.acquire(place, "Bob")
    finally:
        os.kill(child.pid, signal.SIGCONT)
        _end(child)
