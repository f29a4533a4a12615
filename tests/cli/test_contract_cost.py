"""The worked example of the guide: its file is loaded, its command run, and every figure of its table comes out."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

from app.analysis.contract_cost import yearly_cost
from tests.builders import make_people
from tests.command_line import muster

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "strategy-and-contracts.md"


def test_the_guides_arithmetic_comes_out_of_the_program(small: Path, tmp_path: Path) -> None:
    words = GUIDE.read_text("utf-8")
    block = re.search(r"```csv\n(.*?)```", words, re.DOTALL)
    command = re.search(r"`muster (contracts cost [^`]*)`", words)
    assert block is not None
    assert command is not None
    file = tmp_path / "contracts.csv"
    file.write_text(block[1], "utf-8")
    muster("import", "people", make_people(tmp_path / "people.csv"), on=small).ok()
    muster("import", "contracts", file, on=small).ok()
    ran = muster(*command[1].split(), "--format", "csv", on=small).ok()
    table = [line for line in words.splitlines() if line.startswith("| ") and "_gbp" not in line]
    wanted = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    found = [
        [row["service"], row["as_contractors_gbp"], row["as_civil_servants_gbp"], row["saving_gbp"]]
        for row in ran.rows
    ]
    assert found == wanted


def test_the_published_figures_follow_from_the_stated_inputs() -> None:
    per_post = 145_000_000_00 // 2_000
    assert per_post == 72_500_00
    two_thousand = yearly_cost(2_000_00, 554_55, per_post)
    assert two_thousand.civil_servant_pence == 145_000_000_00
    assert round(Decimal(two_thousand.contractor_pence) / 100_000_000) == 244
    seven_thousand = yearly_cost(7_000_00, 650_00, per_post)
    assert Decimal(seven_thousand.saving_pence) / 100 == Decimal("493500000.00")
    assert abs(seven_thousand.saving_pence - 500_000_000_00) < 500_000_000_00 // 50


@pytest.mark.parametrize("amount", ["lots", "-5", "1.234", "NaN"])
def test_a_cost_per_post_must_be_money(small: Path, amount: str) -> None:
    assert muster("contracts", "cost", "--cost-per-post", amount, on=small).code == 2


def test_a_line_without_a_day_rate_has_no_cost(small: Path, tmp_path: Path) -> None:
    muster("import", "people", make_people(tmp_path / "people.csv"), on=small).ok()
    file = tmp_path / "contracts.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ["supplier", "service", "end_date", "role_level", "fte"],
                ["A", "B", "2027-03-31", "Data engineer", "2"],
            ]
        )
    muster("import", "contracts", file, on=small).ok()
    ran = muster("contracts", "cost", "--cost-per-post", "72500", "--format", "json", on=small).ok()
    assert ran.json[0]["saving_gbp"] is None
    assert "1 without a day rate" in ran.err
