"""There is always the old file or the whole new one, and trouble is a sentence (SAFETY 1.3 rows 4, 6 and 36)."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from app.errors import AppError
from app.files.atomic import TargetIsOpen, atomic_write, free_name, write_bytes

_POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes and signals of POSIX")


def _fail_with(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_writes_a_new_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = atomic_write(tmp_path / "plan.xlsx", lambda file: file.write_bytes(b"new") and None)
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_replaces_the_old_file_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")

    def write(file: Path) -> None:
        file.write_bytes(b"half")
        assert target.read_bytes() == b"old"
        file.write_bytes(b"whole")

    atomic_write(target, write)
    assert target.read_bytes() == b"whole"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EACCES, "no right to write"),
        (errno.EROFS, "no right to write"),
        (errno.EIO, "could not be written"),
        (errno.ENAMETOOLONG, "too long"),
    ],
)
def test_trouble_while_writing_keeps_the_old_file_and_says_what(
    tmp_path: Path, number: int, words: str
) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")

    def write(file: Path) -> None:
        file.write_bytes(b"half")
        raise _fail_with(number)

    with pytest.raises(AppError, match=words) as trouble:
        atomic_write(target, write)
    assert trouble.value.advice
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_fault_of_the_writer_is_passed_on_and_cleaned_up(tmp_path: Path) -> None:
    def write(file: Path) -> None:
        raise KeyError("fault")

    with pytest.raises(KeyError):
        atomic_write(tmp_path / "plan.xlsx", write)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lock", ["~$plan.xlsx", ".~lock.plan.xlsx#"])
def test_a_file_open_in_an_office_program_is_left_alone(tmp_path: Path, lock: str) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    (tmp_path / lock).write_bytes(b"")
    with pytest.raises(TargetIsOpen, match=r"plan.xlsx is open in another program") as trouble:
        write_bytes(target, b"new")
    assert "plan (2).xlsx" in trouble.value.advice
    assert lock in trouble.value.advice
    assert target.read_bytes() == b"old"


def test_a_windows_scanner_that_lets_go_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap, tries = os.replace, []

    def busy(source: Path, target: Path) -> None:
        tries.append(source)
        if len(tries) < 3:
            fault = PermissionError(errno.EACCES, "held")
            fault.winerror = 32  # type: ignore[attr-defined]  # as Windows sets it
            raise fault
        swap(source, target)

    monkeypatch.setattr(os, "replace", busy)
    target = write_bytes(tmp_path / "plan.xlsx", b"new")
    assert target.read_bytes() == b"new"
    assert len(tries) == 3


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_a_workbook_open_in_excel_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, winerror: int
) -> None:
    def held(source: Path, target: Path) -> None:
        fault = PermissionError(errno.EACCES, "held")
        fault.winerror = winerror  # type: ignore[attr-defined]  # as Windows sets it
        raise fault

    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(TargetIsOpen) as trouble:
        atomic_write(target, lambda file: file.write_bytes(b"new") and None, patience_seconds=0.0)
    assert trouble.value.free_path == tmp_path / "plan (2).xlsx"
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    "name", ["CON", "con.xlsx", "LPT1.xlsx", "NUL", "a:b.xlsx", "a?.xlsx", 'a".xlsx', "a\tb.xlsx"]
)
def test_names_that_some_computers_refuse_are_refused_everywhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(AppError, match="not a file name that every computer takes"):
        write_bytes(tmp_path / name, b"new")


@pytest.mark.parametrize("name", ["console.xlsx", "nullable.xlsx", "Prn report.xlsx"])
def test_names_that_only_start_like_devices_are_fine(tmp_path: Path, name: str) -> None:
    assert write_bytes(tmp_path / name, b"new").exists()


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no folder"):
        write_bytes(tmp_path / "nowhere" / "plan.xlsx", b"new")


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="is a folder"):
        write_bytes(tmp_path, b"new")


def test_a_name_too_long_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="too long"):
        write_bytes(tmp_path / ("x" * 300 + ".xlsx"), b"new")


@_POSIX
def test_new_files_are_for_the_user_alone_and_old_ones_keep_their_rights(tmp_path: Path) -> None:
    target = write_bytes(tmp_path / "plan.xlsx", b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    target.chmod(0o640)
    write_bytes(target, b"newer")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_free_name_is_one_that_is_free(tmp_path: Path) -> None:
    for name in ("plan.xlsx", "plan (2).xlsx"):
        (tmp_path / name).touch()
    assert free_name(tmp_path / "plan.xlsx") == tmp_path / "plan (3).xlsx"


_KILLED_AT = """
import os, signal, sys
from pathlib import Path
from app.files import atomic
from tests.files.workbook_examples import report, written

count, stop = 0, int(sys.argv[2])
def traced(event, args):
    global count
    if event in ("open", "os.rename", "os.remove", "os.chmod"):
        count += 1
        if count == stop:
            os.kill(os.getpid(), signal.SIGKILL)
written(Path(sys.argv[1]))
sys.addaudithook(traced)
written(Path(sys.argv[1]))
"""


@_POSIX
@pytest.mark.parametrize("stop", range(1, 8))
def test_killed_before_any_file_call_the_workbook_is_whole(tmp_path: Path, stop: int) -> None:
    command = [sys.executable, "-c", _KILLED_AT, str(tmp_path), str(stop)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book.sheetnames[0] == "About"


_NO_ROOM = """
import resource, sys
from pathlib import Path
from app.errors import AppError
from tests.files.workbook_examples import written

written(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    written(Path(sys.argv[1]))
except AppError as told:
    print(told)
"""


@_POSIX
@pytest.mark.parametrize("room", [1, 4_000, 12_000])
def test_when_the_disk_takes_no_more_the_old_workbook_stays_and_nothing_else(
    tmp_path: Path, room: int
) -> None:
    command = [sys.executable, "-c", _NO_ROOM, str(tmp_path), str(room)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stdout.startswith("The disk is full, so plan.xlsx was not written")
    assert told.stderr == ""
    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "plan.xlsx").sheetnames[0] == "About"
