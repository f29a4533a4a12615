"""A rotating log file and the last lines in memory for crash reports.

Messages carry ids, row numbers and column names, never names of people or cell values (SAFETY 2).
"""

from __future__ import annotations

import logging
import logging.handlers
import re
from collections import deque
from pathlib import Path

RING: deque[str] = deque(maxlen=400)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class _Masked(logging.Formatter):
    """Masks what looks like an address, whatever a library may have logged."""

    def format(self, record: logging.LogRecord) -> str:
        return _MAIL.sub("[address]", super().format(record))


class _Ring(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        RING.append(self.format(record))


def start_logging(folder: Path | None, level: int = logging.INFO) -> None:
    """Log to ``folder`` (ten files of 500 kB at the most) and to memory; without a folder to memory alone."""
    root = logging.getLogger("app")
    root.setLevel(level)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    form = _Masked("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [_Ring()]
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handlers.append(
                logging.handlers.RotatingFileHandler(
                    folder / "muster.log", maxBytes=500_000, backupCount=9, encoding="utf-8", delay=True
                )
            )
        except OSError:
            RING.append("The log file cannot be written; the log is kept in memory only.")
    for handler in handlers:
        handler.setFormatter(form)
        root.addHandler(handler)
    root.propagate = False


def recent_lines() -> list[str]:
    """The last lines of the log, oldest first."""
    return list(RING)
