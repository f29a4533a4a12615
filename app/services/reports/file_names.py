"""Names of units as names of files."""

from __future__ import annotations

import re

_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


def file_stem(name: str) -> str:
    """A department's name as a file name that Windows takes too."""
    stem = _UNFIT.sub(" ", name).strip(" .")[:100].strip() or "Department"
    stem = " ".join(stem.split())
    return f"{stem} department" if _RESERVED.match(stem) else stem


def free_stem(name: str, taken: set[str]) -> str:
    """A name's file stem that is not in ``taken`` (compared without case), which it joins."""
    stem = base = file_stem(name)
    while stem.casefold() in taken:
        stem = f"{base} {len(taken)}"
    taken.add(stem.casefold())
    return stem
