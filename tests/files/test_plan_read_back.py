"""Edited plan workbooks as the reader finds them: everything that was meant, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.files.plan_read_back import PlanEdits, edits_in, open_plan_workbook
from app.progress import silent
from tests.counts import share
from tests.files.plan_fuzz import COURSES, QUARTERS, Editor

AT_ONCE = 200


def read(it: Editor) -> PlanEdits:
    return edits_in("edited.xlsx", it.tables(), COURSES, QUARTERS)


def read_file(it: Editor, path: Path) -> PlanEdits:
    """The same through a real file, written by openpyxl and read in the reading process."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for table in it.tables():
        sheet: Any = book.create_sheet(table.sheet)
        for number in range(len(table)):
            for place, value in enumerate(table.row(number), start=1):
                if value != "":
                    cell = sheet.cell(number + 1, place)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = (
                            "s"  # a comment that begins with = is a text, as our own writer has it
                        )
        sheet.sheet_state = "veryHidden" if table.is_hidden else "visible"
    book.save(path)
    opened = open_plan_workbook(path, silent())
    return edits_in(opened.file, opened.tables, COURSES, QUARTERS)


def check(it: Editor, found: PlanEdits) -> None:
    """What the reader found is what the fuzzer meant, line by line."""
    meant = it.meant
    edits = {(edit.line_id, edit.field): edit.wanted for edit in found.edits}
    new = {(line.staff_id, line.course): (line.quarter, line.status, line.comment) for line in found.new}
    said = "; ".join(problem.sentence() for problem in found.problems)
    assert edits == meant.edits, (it.done, said)
    assert new == meant.new, (it.done, said)
    assert set(found.gone) == meant.gone, (it.done, said)
    assert found.doubtful == meant.doubtful, (it.done, said)
    assert len(found.errors) == meant.errors, (it.done, said)
    assert all(problem.sheet and problem.advice for problem in found.errors)


@pytest.mark.parametrize("first", range(0, share(10_000), AT_ONCE))
def test_fuzzed_edits_none_lost_and_none_invented(first: int) -> None:
    for seed in range(first, min(first + AT_ONCE, share(10_000))):
        chooser = random.Random(seed)
        it = Editor(chooser, count=chooser.randint(6, 16))
        it.edit(chooser.randint(1, 6))
        check(it, read(it))


@pytest.mark.parametrize("seed", range(share(60)))
def test_fuzzed_edits_through_real_files(seed: int, tmp_path: Path) -> None:
    chooser = random.Random(f"file {seed}")
    it = Editor(chooser, count=chooser.randint(6, 16))
    it.edit(chooser.randint(2, 6))
    check(it, read_file(it, tmp_path / "edited.xlsx"))
