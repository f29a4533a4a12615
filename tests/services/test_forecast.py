"""The forecast through a workspace: cells, rates, demand laid over supply, scenarios, what is certain."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import UsageError
from app.files.options import ReadOptions
from app.progress import silent
from app.services.roles import Choice, RoleChange
from app.services.scope import Scope
from app.services.workforce import Assumptions, Forecast, RateKind, RateRule, Slip
from app.services.workforce.history import national_rates
from app.terms import MatchKind
from app.workspace import Workspace
from tests.builders import load_people, make_people, make_person, write_rows
from tests.counts import share

UNITS = (("Home Office", "Data"), ("Home Office", "Design"), ("HM Treasury", ""))
LEVELS = ("Data engineer", "Senior data engineer", "Service designer")
NOBODY_MOVES = Assumptions(
    rules=(RateRule(RateKind.LEAVE, yearly=Decimal(0)), RateRule(RateKind.PROMOTE, yearly=Decimal(0))),
    success=Decimal(0),
)


def _people(rng: random.Random, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(count):
        department, unit = rng.choice(UNITS)
        begun = rng.choice(("2020-01-01", "2020-01-01", "2027-02-01"))
        end = rng.choice(("", "", "", "2027-03-31", "2027-04-01", "2028-01-15", "2026-12-01"))
        end = end if begun < "2021" else ""
        found.append(
            make_person(
                str(1000 + number), department=department, unit=unit, role_level=rng.choice((*LEVELS, "")),
                grade=rng.choice(("SEO", "HEO", "")), fte=rng.choice((1, 0.6, 0.85)), end_date=end,
                start_date=begun,
            )
        )  # fmt: skip
    return found


def _load_strategy(ws: Workspace, folder: Path, rows: list[dict[str, Any]]) -> None:
    path = write_rows(folder / "strategy.csv", rows)
    ws.strategy.commit_import(ws.strategy.preview_import(path, ReadOptions(), silent()))


def _scenario(ws: Workspace, assumptions: Assumptions) -> str:
    return ws.workforce.save_scenario("Test", assumptions).value


def test_supply_without_moves_is_who_is_there_with_known_days_kept(ws: Workspace, tmp_path: Path) -> None:
    rng = random.Random(7)
    people = _people(rng, 80)
    load_people(ws, make_people(tmp_path / "people.csv", people), as_at=date(2026, 11, 23))
    found = ws.workforce.forecast(Scope(), _scenario(ws, NOBODY_MOVES), 6)
    wanted: Counter[tuple[str, str, str, int]] = Counter()
    means = _mean_fte(people)
    for person in people:
        if not person["role_level"] or (person["end_date"] and person["end_date"] < "2026-11-23"):
            continue
        unit = " / ".join(part for part in (person["department"], person["unit"]) if part)
        key = (unit, person["role_level"], person["grade"])
        for quarter in range(6):
            last = (found.first + quarter).last_day
            begun = date.fromisoformat(person["start_date"]) <= last
            if begun and not (person["end_date"] and date.fromisoformat(person["end_date"]) < last):
                wanted[*key, quarter] += 1
    for line in found.lines():
        cell = line.cell
        heads = wanted[cell.unit, cell.role_level, cell.grade, int(line.quarter) - int(found.first)]
        expected = heads * means.get((cell.unit, cell.role_level, cell.grade), means["all"])
        assert float(line.supply_fte) == pytest.approx(expected, abs=0.006)
        assert line.supply_low == line.supply_fte == line.supply_high


@pytest.mark.parametrize("case", range(share(20)))
def test_roles_from_a_later_day_are_certain_moves(ws: Workspace, tmp_path: Path, case: int) -> None:
    """Apprentices who finish: in the old role level until the day, in the new one after it, none of them a joiner."""
    rng = random.Random(case)
    people = _people(rng, 30)
    load_people(ws, make_people(tmp_path / "people.csv", people), as_at=date(2026, 11, 23))
    revision, population = ws.people._population.get(date(2026, 11, 23))
    ids = {level.name: level.role_level_id for level in population.levels.values()}
    rows = {population.staff_id[row]: row for row in range(len(population.person_id))}
    later: dict[str, list[tuple[date, str]]] = {}
    changes: list[RoleChange] = []
    for person in rng.sample(people, 14):
        level, row = rng.choice((*LEVELS, "")), rows[person["staff_id"]]
        day = date(2026, 12, 1) + timedelta(days=rng.randrange(600))
        if not population.is_present[row]:
            continue
        choice = Choice(MatchKind.ROLE, ids[level]) if level else Choice(MatchKind.NONE)
        changes.append(RoleChange(int(population.person_id[row]), choice, day, "apprenticeship ends"))
        later[person["staff_id"]] = [(day, level)]
    ws.roles.set_roles("Set roles", changes, revision)
    found = ws.workforce.forecast(Scope(), _scenario(ws, NOBODY_MOVES), 6)
    wanted: Counter[tuple[str, str, int]] = Counter()
    for person in people:
        if not population.is_present[rows[person["staff_id"]]] and person["start_date"] < "2027":
            continue
        unit = " / ".join(part for part in (person["department"], person["unit"]) if part)
        for quarter in range(6):
            last = (found.first + quarter).last_day
            level = next(
                (to for day, to in later.get(person["staff_id"], []) if day <= last), person["role_level"]
            )
            begun = date.fromisoformat(person["start_date"]) <= last
            gone = person["end_date"] and date.fromisoformat(person["end_date"]) < last
            if level and begun and not gone:
                wanted[unit, level, quarter] += 1
    heads: Counter[tuple[str, str, int]] = Counter()
    for at, cell in enumerate(found.cells):
        for quarter in range(6):
            heads[cell.unit, cell.role_level, quarter] += round(found.model.mean[quarter + 1, at])
    assert +heads == +wanted
    model = found.model
    assert model.joiners.sum() == sum(
        bool(person["role_level"]) and person["start_date"] > "2026-11-23"
        for person in people
    )  # fmt: skip
    change = model.joiners - model.ended + model.moved
    np.testing.assert_allclose(np.diff(model.mean, axis=0), change)


def _mean_fte(people: list[dict[str, Any]]) -> dict[Any, float]:
    there: dict[Any, list[float]] = {}
    for person in people:
        if person["role_level"] and person["start_date"] < "2026-11-24":
            unit = " / ".join(part for part in (person["department"], person["unit"]) if part)
            there.setdefault((unit, person["role_level"], person["grade"]), []).append(person["fte"])
            there.setdefault("all", []).append(person["fte"])
    return {key: sum(values) / len(values) for key, values in there.items()}


def _needs(rng: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "area": "A", "priority": "P", "target_date": "2028-03-31", "programme": f"G{number}",
            "department": rng.choice(("", "Home Office", "Home Office / Data", "HM Treasury")),
            "role": "", "role_level": rng.choice(LEVELS), "fte": rng.randrange(100, 2_000) / 100,
            "from_quarter": rng.choice(("2026Q4", "2027Q2")), "to_quarter": "2027Q4",
        }
        for number in range(count)
    ]  # fmt: skip


def test_demand_is_laid_over_supply_whole_and_shortfalls_add_up(ws: Workspace, tmp_path: Path) -> None:
    for case in range(share(20)):
        rng = random.Random(case)
        folder = tmp_path / str(case)
        folder.mkdir()
        load_people(ws, make_people(folder / "people.csv", _people(rng, 40)), as_at=date(2026, 11, 23))
        _load_strategy(ws, folder, _needs(rng, rng.randrange(1, 6)))
        found = ws.workforce.forecast(Scope(), "Baseline", 5)
        wanted = ws.strategy.demand(None, found.first, found.first + 4)
        total = sum(cell.fte_hundredths for cell in wanted.cells)
        assert float(found.demand.sum()) == pytest.approx(total / 100)
        assert (found.shortfall >= 0).all()
        np.testing.assert_allclose(found.shortfall, np.maximum(found.demand - found.supply, 0))
        _least_shortfall(found, {cell.role_level for cell in wanted.cells if cell.unit})


def _least_shortfall(found: Forecast, of_units: set[str]) -> None:
    """Where all needs of a level name no unit, what is short is demand less supply of the level."""
    for level in LEVELS:
        here = [at for at, cell in enumerate(found.cells) if cell.role_level == level]
        if here and level not in of_units:
            want, have = found.demand[:, here].sum(axis=1), found.supply[:, here].sum(axis=1)
            np.testing.assert_allclose(
                found.shortfall[:, here].sum(axis=1), np.maximum(want - have, 0), atol=1e-9
            )


def test_a_need_of_one_unit_takes_from_it_before_one_of_everybody(ws: Workspace, tmp_path: Path) -> None:
    people = [make_person(str(number), unit="Data" if number < 4 else "Design") for number in range(1, 11)]
    load_people(ws, make_people(tmp_path / "people.csv", people))
    need = _needs(random.Random(1), 2)
    need[0] |= {"department": "", "role_level": "Data engineer", "fte": 6, "from_quarter": "2026Q4"}
    need[1] |= {
        "department": "Home Office / Data",
        "role_level": "Data engineer",
        "fte": 5,
        "from_quarter": "2026Q4",
    }
    _load_strategy(ws, tmp_path, need)
    found = ws.workforce.forecast(Scope(), _scenario(ws, NOBODY_MOVES), 1)
    short = {
        cell.unit: value
        for cell, value in zip(found.cells, found.shortfall[0].tolist(), strict=True)
        if cell.role_level == "Data engineer"
    }
    assert short == {"Home Office / Data": pytest.approx(2), "Home Office / Design": pytest.approx(0)}


def test_what_nobody_does_yet_is_a_row_without_supply(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    need = _needs(random.Random(1), 1)
    need[0] |= {"department": "", "role_level": "Service designer", "fte": 2.5, "from_quarter": "2026Q4"}
    _load_strategy(ws, tmp_path, need)
    last = list(ws.workforce.forecast(Scope(), "Baseline", 1).lines())[-1]
    assert (last.cell.role_level, last.supply_fte, last.shortfall_fte) == (
        "Service designer",
        0,
        Decimal("2.5"),
    )


def test_sums_keep_every_figure(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv", _people(random.Random(2), 60)))
    found = ws.workforce.forecast(Scope(), "Baseline", 4)
    sums = found.by(tuple(cell.role_level for cell in found.cells))
    for quarter in range(4):
        whole = sum(line.supply_fte for line in sums if line.quarter == found.first + quarter)
        assert float(whole) == pytest.approx(float(found.supply[quarter].sum()), abs=0.02)
    assert all(line.supply_low <= line.supply_fte <= line.supply_high for line in sums)


def test_a_programme_that_slips_needs_its_people_later(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    need = _needs(random.Random(1), 1)
    need[0] |= {
        "department": "",
        "role_level": "Data engineer",
        "fte": 2,
        "from_quarter": "2026Q4",
        "to_quarter": "2026Q4",
    }
    _load_strategy(ws, tmp_path, need)
    on_time, late = (
        ws.workforce.forecast(Scope(), _scenario(ws, Assumptions(slips=slips)), 4).demand.sum(axis=1).tolist()
        for slips in ((), (Slip("G0", 2),))
    )
    assert (on_time, late) == ([2, 0, 0, 0], [0, 0, 2, 0])


def test_a_slip_brings_demand_from_before_the_first_quarter_in(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    need = _needs(random.Random(1), 1)
    need[0] |= {
        "department": "",
        "role_level": "Data engineer",
        "fte": 2,
        "from_quarter": "2026Q3",
        "to_quarter": "2026Q3",
    }
    _load_strategy(ws, tmp_path, need)
    found = ws.workforce.forecast(Scope(), "Programmes slip two quarters", 3)
    assert found.demand.sum(axis=1).tolist() == [0, 2, 0]


def test_the_rule_that_names_most_decides_and_changes_add_up() -> None:
    rules = (
        RateRule(RateKind.LEAVE, yearly=Decimal("0.10")),
        RateRule(RateKind.LEAVE, "Data", yearly=Decimal("0.20")),
        RateRule(RateKind.LEAVE, unit="Home Office", yearly=Decimal("0.30")),
        RateRule(RateKind.LEAVE, grade="SEO", change=Decimal("-0.04")),
        RateRule(RateKind.PROMOTE, change=Decimal("0.05")),
    )
    made = Assumptions(rules=rules)
    assert made.yearly(RateKind.LEAVE, 0.5, ("Design", "HEO", "HM Treasury")) == pytest.approx(0.10)
    assert made.yearly(RateKind.LEAVE, 0.5, ("Data", "SEO", "HM Treasury")) == pytest.approx(0.16)
    assert made.yearly(RateKind.LEAVE, 0.5, ("Data", "", "Home Office / Data")) == pytest.approx(0.30)
    assert made.yearly(RateKind.PROMOTE, 0.5, ("Data", "", "Home Offices")) == pytest.approx(0.55)
    assert Assumptions.from_json(made.as_json()) == made


def test_without_history_rates_are_the_national_ones(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv", [make_person(grade="SEO")]))
    cell = ws.workforce.forecast(Scope(), "Baseline", 1).cells[0]
    assert cell.leave_rate == pytest.approx(national_rates().leave_of("SEO"), abs=1e-3)
    assert national_rates().leave["all"] == pytest.approx(2570 / 23085)


def test_own_leavers_raise_the_rate_of_their_group(ws: Workspace, tmp_path: Path) -> None:
    people = [make_person(str(number), grade="SEO") for number in range(1, 61)]
    load_people(ws, make_people(tmp_path / "one.csv", people), as_at=date(2025, 11, 23))
    load_people(
        ws, make_people(tmp_path / "two.csv", people[:30]), as_at=date(2026, 5, 24), mark_leavers=True
    )
    rates = ws.workforce.rates()
    seen = rates.leave.seen["seo",]
    assert seen.events == 30
    assert seen.years == pytest.approx((30 * 366 + 30 * 182) / 365.25, rel=0.01)
    assert 0.2 < rates.leave_of("Data", "SEO", 1) < 30 / seen.years


def test_scenarios_are_saved_changed_and_removed(ws: Workspace) -> None:
    kept = ws.workforce.save_scenario("hiring FREEZE", NOBODY_MOVES, "ours").value
    assert ws.workforce.scenario("Hiring freeze").assumptions == NOBODY_MOVES
    assert ws.workforce.scenario(kept).is_own
    ws.workforce.remove_scenario("Hiring freeze")
    assert not ws.workforce.scenario("Hiring freeze").is_own
    with pytest.raises(UsageError, match="comes with Muster"):
        ws.workforce.remove_scenario("Hiring freeze")
    with pytest.raises(UsageError, match="There is no scenario"):
        ws.workforce.forecast(Scope(), "Nonesuch")
