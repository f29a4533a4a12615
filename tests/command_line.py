"""Runs commands of ``muster`` in this process, as the entrance does, and catches what they print."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.main import run


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """Standard output read as CSV."""
        return list(csv.DictReader(io.StringIO(self.out, newline="")))

    @property
    def json(self) -> Any:
        """Standard output read as JSON."""
        return json.loads(self.out)

    def ok(self) -> Ran:
        """Itself, where the command ended well; what it said otherwise."""
        assert self.code == 0, f"exit code {self.code}\n{self.err}\n{self.out}"
        return self


@contextmanager
def _caught() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr = before


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer: Any = stream.buffer
    return buffer.getvalue().decode("utf-8")


def muster(*arguments: object, on: Path | None = None) -> Ran:
    """Run one command, on a workspace where one is named."""
    words = [str(argument) for argument in arguments]
    if on is not None:
        words += ["--workspace", str(on)]
    with _caught() as (out, err):
        code = run(words)
        return Ran(code, _text(out), _text(err))
