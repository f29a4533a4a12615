"""The reading process: guard, then python-calamine, in a process of its own that may fall over unharmed.

Run as ``python -c … PATH MEGABYTES`` by :mod:`app.files.workbook_reading`; the answer goes to standard output
as a row of length-prefixed pickles: one header, then for each sheet its description and its columns. Only
this program's own child writes that stream, so loading it is safe.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.files.cells import ColumnCoder, in_chunks
from app.files.guard import MAX_AREA, MAX_ROWS, RefusedError, SheetLook, look_at_ole2, look_at_zip

LENGTH = struct.Struct("<Q")
MAX_MERGED = 10_000


def main(arguments: Sequence[str], out: BinaryIO) -> int:
    """Read the workbook named first and write what it holds; the memory limit in MB comes second."""
    _limit_memory(int(arguments[1]) << 20)
    sent = _Sender(out)
    try:
        data = [Path(arguments[0]).read_bytes()]
        sent.put({"sha256": hashlib.sha256(data[0]).hexdigest()})
        _send_workbook(data, sent)
    except RefusedError as refused:
        sent.put({"refused": (refused.sentence, refused.advice)})
    except OSError as fault:
        sent.put({"refused": (f"cannot be read ({fault.strerror or 'unknown reason'})", _CLOSE_IT)})
    except MemoryError:
        sent.put({"refused": (_TOO_LARGE, "Split it, or save it as CSV.")})
    out.flush()
    return 0


_SEE_WHICH = "save the file as .xlsx to see which"
_TOO_LARGE = "needs more memory than is allowed for reading"
_CLOSE_IT = "Close it in Excel if it is open there, check that you may read it, and try again."
_PASSWORD = "Open it in Excel, take the password off, save it and load it again."
_SAVE_AGAIN = "Open it in Excel, save it under a new name as .xlsx, and load that."


class _Sender:
    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def put(self, what: Any) -> None:
        packed = pickle.dumps(what, protocol=5)
        self._out.write(LENGTH.pack(len(packed)))
        self._out.write(packed)


def _send_workbook(held: list[bytes], sent: _Sender) -> None:
    """Send what a workbook holds; its bytes come in a list, so that they can be let go of once they are parsed."""
    data = held.pop()
    # python-calamine is a compiled reader: imported here, after the memory limit is set, and nowhere else.
    import python_calamine as calamine

    looks: list[SheetLook | None] = []
    if data.startswith(b"PK"):
        found = look_at_zip(data)
        looks = found.sheets
        if found.ods_errors:
            sent.put({"note": f"{found.ods_errors} cells hold errors and are read as blank; {_SEE_WHICH}"})
    else:
        look_at_ole2(data)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        del data  # the reader has a copy of its own
        if looks and len(looks) != len(book.sheets_metadata):
            raise RefusedError("is damaged: its list of sheets does not hold together", _SAVE_AGAIN)
        for number, described in enumerate(book.sheets_metadata):
            if described.typ == calamine.SheetTypeEnum.WorkSheet:
                look = (looks[number] if looks else None) or SheetLook()
                is_hidden = described.visible != calamine.SheetVisibleEnum.Visible
                # In a list, so that it can be let go of before the columns are sent.
                _send_sheet([book.get_sheet_by_index(number)], look, sent, is_hidden=is_hidden)
    except calamine.PasswordError as fault:
        raise RefusedError("is protected with a password", _PASSWORD) from fault
    except calamine.CalamineError as fault:
        raise RefusedError("is damaged: a sheet in it cannot be read", _SAVE_AGAIN) from fault
    # Anything else the compiled reader raises ends this process; whoever waits for it says that the file is bad.
    sent.put({"end": True})


def _send_sheet(sheets: list[Any], look: SheetLook, sent: _Sender, *, is_hidden: bool) -> None:
    sheet = sheets.pop()
    if sheet.height > MAX_ROWS or sheet.height * sheet.width > MAX_AREA:
        raise RefusedError(
            f"has a sheet of {sheet.height:,} rows and {sheet.width:,} columns, more than can be read",
            f"Up to {MAX_ROWS:,} rows and {MAX_AREA:,} cells are read. Delete stray cells, or save it as CSV.",
        )
    coder = ColumnCoder()
    for chunk in in_chunks(sheet.iter_rows()):
        coder.add(chunk)
    sent.put(
        {
            "sheet": sheet.name,
            "is_hidden": is_hidden,
            "rows": coder.rows,
            "first_column": sheet.start[1] if sheet.start else 0,
            "columns": coder.width,
            "unreadable": look.unreadable,
            "hidden_rows": look.hidden_rows,
            "hidden_columns": look.hidden_columns,
            "merged": [(*start, *end) for start, end in (sheet.merged_cell_ranges or [])[:MAX_MERGED]],
        }
    )
    del sheet
    for column in coder.columns():
        sent.put((column.values, column.codes))


def _limit_memory(limit: int) -> None:
    """Hold the process to ``limit`` bytes where the system can; on Windows the guard's limits do that."""
    if sys.platform == "win32":
        return
    # Not there on Windows, so not at the top.
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
