"""Starts the reading process, waits for it within limits, and turns its answer into tables."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from typing import IO, Any

from app.errors import AppError
from app.files.cells import RawColumn, Table
from app.files.guard import RefusedError
from app.files.sheet_process import LENGTH
from app.progress import Progress

CHILD_FLAG = "--read-workbook"
"""First argument under which a bundled program becomes the reading process (``main.py`` passes it on)."""

_WAIT = 0.1


@dataclass(frozen=True, slots=True)
class ReadTables:
    """The sheets of one file and the SHA-256 of the very bytes they were read from."""

    tables: tuple[Table, ...]
    sha256: str
    notes: tuple[str, ...] = ()


def read_workbook(path: Path, progress: Progress, seconds: float, megabytes: int) -> ReadTables:
    """Read .xlsx, .xls or .ods in a process of its own; raises RefusedError, Cancelled."""
    deadline = time.monotonic() + seconds
    with _reading_process(path, megabytes) as child:
        try:
            return _collect(_messages(child, deadline, progress), progress)
        finally:
            child.kill()


def _reading_process(path: Path, megabytes: int) -> subprocess.Popen[bytes]:
    if getattr(sys, "frozen", False):
        command = [sys.executable, CHILD_FLAG]
    else:
        # -c instead of -m: the package is found wherever this process found it, whatever the current folder.
        root = str(Path(__file__).resolve().parents[2])
        start = "import sys; sys.path.insert(0, sys.argv.pop(1)); from app.files.sheet_process import main; "
        command = [sys.executable, "-c", start + "sys.exit(main(sys.argv[1:], sys.stdout.buffer))", root]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        return subprocess.Popen(
            [*command, str(path.resolve()), str(megabytes)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=flags,
        )
    except OSError as fault:
        raise AppError(
            f"The program that reads workbooks cannot be started ({fault.strerror}).",
            "Save the file as CSV and load that.",
        ) from fault


def _messages(child: subprocess.Popen[bytes], deadline: float, progress: Progress) -> Iterator[Any]:
    """What the child sends, as it comes; a thread waits at the pipe while time and cancel are watched."""
    arrived: Queue[bytes | None] = Queue(maxsize=4)
    stream = child.stdout
    assert stream is not None
    Thread(target=_pump, args=(stream, arrived, child), daemon=True).start()
    while True:
        progress.check()
        if time.monotonic() > deadline:
            raise RefusedError("takes too long to read", "Split it, or save the sheet as CSV and load that.")
        try:
            packed = arrived.get(timeout=_WAIT)
        except Empty:
            continue
        if packed is None:
            return
        yield pickle.loads(packed)


def _pump(stream: IO[bytes], arrived: Queue[bytes | None], child: subprocess.Popen[bytes]) -> None:
    with suppress(OSError, ValueError):
        while len(head := stream.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(head)
            packed = stream.read(length)
            if len(packed) != length:
                break
            arrived.put(packed)
    # The reader of the queue may have gone; then the queue may be full and nobody waits for the end mark.
    while child.poll() is None or not arrived.full():
        with suppress(Full):
            arrived.put(None, timeout=_WAIT)
            return


def _collect(messages: Iterator[Any], progress: Progress) -> ReadTables:
    sha256, tables, notes = "", list[Table](), list[str]()
    for message in messages:
        if "sha256" in message:
            sha256 = message["sha256"]
        elif "refused" in message:
            raise RefusedError(*message["refused"])
        elif "note" in message:
            notes.append(message["note"])
        elif "end" in message:
            return ReadTables(tuple(tables), sha256, tuple(notes))
        else:
            progress.step(-1, f"Reading sheet {message['sheet']}")
            columns = [RawColumn(*next(messages)) for _ in range(message["columns"])]
            tables.append(_table(message, tuple(columns)))
    raise RefusedError(
        "is damaged, or needs more memory than is allowed: reading it was stopped",
        "Open it in Excel, save it under a new name as .xlsx or CSV, and load that.",
    )


def _table(message: dict[str, Any], columns: tuple[RawColumn, ...]) -> Table:
    notes: list[str] = []
    if message["hidden_rows"]:
        notes.append(
            f"{message['hidden_rows']} hidden or filtered rows are read like all others; see whether they belong"
        )
    if message["hidden_columns"]:
        notes.append("Hidden columns are read like all others")
    return Table(
        sheet=message["sheet"],
        columns=columns,
        row_numbers=range(1, message["rows"] + 1),
        first_column=message["first_column"],
        is_hidden=message["is_hidden"],
        unreadable=message["unreadable"],
        notes=tuple(notes),
        merged=tuple(message["merged"]),
    )
