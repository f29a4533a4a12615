"""The workbook a unit fills in with its ratings: everybody there with every skill their role requires.

It is read back by ``import assessments`` as it is: a row per person and skill, levels in words. Rows left blank
are not assessed, which is no level and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.files.report import AboutLine, Cell, Column, Report, Sheet
from app.services.gaps import PairLine
from app.terms import LEVEL_WORDS, AssessedBy

FORM_SHEET = "Ratings"
_MEANINGS = (
    "Assessed, and knows less than awareness asks for",
    "Knows what it is and why it matters; can take part in talk about it",
    "Applies it with support in everyday work",
    "Applies it alone, in hard cases, and helps others with it",
    "Leads others in it and shapes how the organisation does it",
)


def assessment_form(
    unit: str, pairs: Sequence[PairLine], by: AssessedBy, about: Sequence[AboutLine], made_at: datetime
) -> Report:
    """The form of one unit; ``by`` is who rates, written into every row."""
    ordered = sorted(pairs, key=lambda pair: (pair.name.casefold(), pair.staff_id, pair.skill))
    people = len({pair.staff_id for pair in ordered})
    return Report(
        title=f"Skill ratings: {unit}",
        sheets=(_ratings(ordered, by), _levels()),
        made_at=made_at,
        about=(
            *about,
            AboutLine("Unit", unit),
            AboutLine("People", people, "int"),
            AboutLine("Ratings asked for", len(ordered), "int"),
        ),
        reading=(
            (
                f"Fill in the column Level on the sheet {FORM_SHEET}: choose a word from the list. Leave blank what is "
                "not assessed; blank changes nothing."
            ),
            "“Known so far” is the rating that counts today. Fill in Level only where you have looked again.",
            "Assessed on: the day of the rating; blank is the day the workbook is loaded.",
            "Named output: it shows people. Share it only with those who rate them.",
        ),
    )


def _ratings(pairs: Sequence[PairLine], by: AssessedBy) -> Sheet:
    columns = (
        Column("staff_id", "Staff id", width=11, total="count"),
        Column("name", "Name", width=22, wrap=True),
        Column("unit", "Unit", width=20, wrap=True),
        Column("role_level", "Role level", width=20, wrap=True),
        Column("skill", "Skill", width=30, wrap=True),
        Column("required", "Required level", "level", width=14),
        Column("known", "Known so far", "level", width=15),
        Column("known_on", "Known since", "date", width=12),
        Column("level", "Level", width=16, choices=LEVEL_WORDS, total="count"),
        Column("assessed_on", "Assessed on", "date", width=13),
        Column("assessed_by", "Assessed by", width=18, choices=tuple(kind.value for kind in AssessedBy)),
        Column("evidence", "Evidence", width=24, wrap=True),
        Column("comment", "Comment", width=24, wrap=True),
    )
    rows = [
        (
            pair.staff_id, pair.name or None, pair.unit, pair.role_level, pair.skill, pair.required,
            Cell("not assessed", look="quiet") if pair.held is None else pair.held, pair.assessed_on, None, None,
            by.value, None, None,
        )
        for pair in pairs
    ]  # fmt: skip
    return Sheet(
        FORM_SHEET, columns, rows, title="Choose a level for each skill that you can judge", table_name="Ratings",
        notes=("Blank is not assessed and changes nothing. Above Level you see how many are filled in.",),
        empty_text="Nobody here has a role that requires a skill.", freeze_columns=2,
    )  # fmt: skip


def _levels() -> Sheet:
    return Sheet(
        "Levels in words",
        (Column("word", "Word", width=20), Column("meaning", "What it means", width=80, wrap=True)),
        list(zip(LEVEL_WORDS, _MEANINGS, strict=True)),
        title="What the five words mean",
        notes=("The framework says for each skill what is expected at each level.",),
        filters=False,
        freeze_columns=0,
    )
