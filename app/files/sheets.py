"""Opens any table a user may hand over: .xlsx, .xls, .ods or text, told by its bytes and not by its name."""

from __future__ import annotations

from pathlib import Path

from app.errors import InputProblems, Problem
from app.files.csv_text import MAX_CSV, read_csv
from app.files.guard import MAX_FILE, RefusedError, kind_of
from app.files.options import ReadOptions
from app.files.workbook_reading import ReadTables, read_workbook
from app.progress import Progress

_TEXT_NAMES = {".csv", ".txt", ".tsv", ".tab", ""}


def open_tables(path: Path, options: ReadOptions, progress: Progress) -> ReadTables:
    """Every sheet of a file; raises InputProblems with one problem where the file cannot be read."""
    try:
        return _open(path, options, progress)
    except RefusedError as refused:
        raise whole_file_problem(path, f"The file {refused.sentence}", refused.advice) from refused
    except OSError as fault:
        reason = fault.strerror or "the system gives no reason"
        advice = "Close it in Excel if it is open there, check that you may read it, and try again."
        raise whole_file_problem(path, f"The file cannot be read: {reason}", advice) from fault
    except MemoryError as fault:
        raise whole_file_problem(path, "The file needs more memory than there is", "Split it.") from fault


def whole_file_problem(path: Path, what: str, advice: str) -> InputProblems:
    """The refusal of a whole file as the one problem it is."""
    return InputProblems([Problem(path.name, "", 0, "", "", what, advice)], f"{path.name}: {what}.")


def _open(path: Path, options: ReadOptions, progress: Progress) -> ReadTables:
    if not path.exists():
        raise RefusedError("is not there", "Check the name and the folder.")
    if not path.is_file():
        raise RefusedError("is a folder or a device, not a file", "Name the file itself.")
    size = path.stat().st_size
    with path.open("rb") as stream:
        kind = kind_of(stream.read(2048))
    if size == 0:
        raise RefusedError("is empty (0 bytes)", "Save or copy it again from where it comes.")
    limit = MAX_CSV if kind == "text" else MAX_FILE
    if size > limit:
        raise RefusedError(f"is larger than {limit >> 20} MB", "Split it into several files.")
    if kind in {"zip", "ole2"}:
        return read_workbook(path, progress, options.seconds, options.megabytes)
    if kind != "text":
        article = "an" if kind[0] in "RX" else "a"
        what = f"is {article} {kind}, whatever its name says"
        raise RefusedError(what, "Open it in Excel, save it as .xlsx, and load that.")
    return _read_text(path, options, progress)


def _read_text(path: Path, options: ReadOptions, progress: Progress) -> ReadTables:
    data = path.read_bytes()
    if _is_binary(data[:65536]):
        raise RefusedError(
            "is neither a workbook nor a text, whatever its name says", "Save it again as .xlsx or CSV."
        )
    read = read_csv(data, progress, options.encoding)
    if path.suffix.lower() not in _TEXT_NAMES:
        note = f"The file is text, although its name ends in {path.suffix}; it was read as CSV"
        return ReadTables(read.tables, read.sha256, (note, *read.notes))
    return read


def _is_binary(sample: bytes) -> bool:
    """Whether bytes cannot be text in any encoding read here: control characters, zeros without a pattern."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    control = sum(sample.count(byte) for byte in (*range(1, 9), *range(14, 27), *range(28, 32)))
    zeros = sample.rstrip(b"\0").count(0)
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    is_wide = max(even, odd) > 3 * min(even, odd) and zeros > len(sample) // 5
    return control > len(sample) // 50 + 1 or (zeros > len(sample) // 50 + 2 and not is_wide)
