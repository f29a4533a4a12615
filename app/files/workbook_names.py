"""Names of sheets, tables and headers that Excel takes, whatever they are made from (SAFETY 1.3 row 35)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from app.files.safe_text import one_line

LONGEST_SHEET_NAME = 31
LONGEST_HEADER = 255

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
# Excel keeps "History" for itself, in its own language as well as in English.
_RESERVED = frozenset({"history"})
_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_LOOKS_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*(?:[Cc][0-9]*)?|[Cc][0-9]*")


def legal_sheet_names(names: Iterable[str]) -> list[str]:
    """One legal name for each, in order, all different however Excel compares them.

    At most 31 UTF-16 units, none of ``[ ] : * ? / \\``, no control characters, no apostrophe at either end,
    not blank and not "History"; repeats get " (2)", " (3)" and so on.
    """
    taken: set[str] = set(_RESERVED)
    return [_unique(_legal(name), taken, LONGEST_SHEET_NAME) for name in names]


def unique_headers(headers: Iterable[str]) -> list[str]:
    """Header texts on one line, none blank, all different regardless of case, as a table demands."""
    taken: set[str] = set()
    return [
        _unique(_cut(one_line(header), LONGEST_HEADER) or "Column", taken, LONGEST_HEADER)
        for header in headers
    ]


def is_legal_table_name(name: str) -> bool:
    """Whether this can name a table in Excel and LibreOffice: plain letters, and no cell's address."""
    return _TABLE_NAME.fullmatch(name) is not None and _LOOKS_LIKE_A_CELL.fullmatch(name) is None


def table_name_for(text: str) -> str:
    """A legal table name made from any text: "By person" gives ``By_person``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"\W+", "_", plain).strip("_")[:60]
    return name if is_legal_table_name(name) else f"Table_{name}".rstrip("_")


def table_names(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Table names for (name asked for, sheet name) pairs, all different regardless of case.

    :raises ValueError: a name asked for is not legal, or is asked for twice; formulas may already speak of
        it.
    """
    pairs = list(wanted)
    taken: set[str] = set()
    for asked, _ in pairs:
        if asked and (not is_legal_table_name(asked) or asked.casefold() in taken):
            raise ValueError(f"table name {asked!r} is not legal or is used twice")
        taken.add(asked.casefold())
    names: list[str] = []
    for asked, sheet_name in pairs:
        name = asked or table_name_for(sheet_name)
        number = 1
        while not asked and name.casefold() in taken:
            number += 1
            name = f"{table_name_for(sheet_name)}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _legal(name: str) -> str:
    shown = " ".join(_FORBIDDEN.sub(" ", one_line(name)).split())
    return _trimmed(_cut(shown, LONGEST_SHEET_NAME)) or "Sheet"


def _trimmed(name: str) -> str:
    return name.strip("' ")


def _unique(name: str, taken: set[str], longest: int) -> str:
    candidate, number = name, 1
    while _compared(candidate) in taken:
        number += 1
        ending = f" ({number})"
        candidate = _cut(name, longest - len(ending)).rstrip("' ") + ending
    taken.add(_compared(candidate))
    return candidate


def _compared(name: str) -> str:
    # Excel compares regardless of case and of width; being stricter than it costs a "(2)" and never a broken
    # file.
    return unicodedata.normalize("NFKC", name).casefold()


def _cut(text: str, units: int) -> str:
    """The start of the text that takes at most so many UTF-16 units; never half a character."""
    encoded = text.encode("utf-16-le")[: units * 2]
    return encoded.decode("utf-16-le", "ignore")
