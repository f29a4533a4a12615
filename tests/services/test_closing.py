"""Closing shortfalls through a workspace: who is within reach, what the mix covers and costs, moves, edges."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from app.files.options import ReadOptions
from app.progress import silent
from app.services.roles import Choice, RoleChange
from app.services.scope import Scope
from app.services.workforce import (
    Candidate,
    ClosingLimits,
    ClosingPlan,
    Forecast,
    MixLine,
    ShortfallCard,
    Way,
)
from app.terms import MatchKind
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    copied,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.counts import share

LEVELS = ("Data engineer", "Senior data engineer", "Service designer")
ASKED = {level: needed for levels in ROLES.values() for level, needed in levels}
ROLE_OF = {level: role for (_, role), levels in ROLES.items() for level, _ in levels}
SKILLS = ("Data modelling", "Programming", "Prototyping", "Testing")
CALM = "Calm"
LIMITS = ClosingLimits(seconds=60, hours_per_quarter=Decimal(40))


class Office:
    """A random organisation as a user would load it, and its facts as plain lists for the second computation."""

    def __init__(self, small: Path, folder: Path, seed: int) -> None:
        rng = random.Random(seed)
        folder.mkdir()
        ws = self.ws = Workspace.open(copied(small, folder / "office.muster"), user=USER, clock=clock)
        self.people = [self._person(rng, number) for number in range(rng.randrange(12, 26))]
        self.held = {
            (person["staff_id"], skill): rng.randrange(5)
            for person in self.people for skill in SKILLS if rng.random() < 0.75
        }  # fmt: skip
        self.posts = {
            (unit, level, "HEO"): rng.randrange(5) for unit in ("HM Treasury", "Ofgem") for level in LEVELS
        }
        load_people(ws, make_people(folder / "people.csv", self.people))
        ratings = [make_rating(who, skill, level) for (who, skill), level in self.held.items()]
        load_ratings(ws, write_rows(folder / "ratings.csv", ratings))
        courses = [make_course(f"{skill[:3]}2", skill, hours=30, duration_quarters=1) for skill in SKILLS]
        courses += [
            make_course(f"{skill[:3]}4", skill, from_level=2, to_level=4, hours=50, cost_per_person_gbp=250,
                        duration_quarters=1)
            for skill in SKILLS[1:]
        ]  # fmt: skip
        load_courses(ws, write_rows(folder / "courses.csv", courses))
        _establish(ws, folder, {key: count for key, count in self.posts.items() if key[0] in self._units()})
        _demand(ws, folder, rng, "Home Office")
        ws.workforce.save_scenario(CALM, _calm())

    def _units(self) -> set[str]:
        return {person["department"] for person in self.people}

    @staticmethod
    def _person(rng: random.Random, number: int) -> dict[str, Any]:
        return make_person(
            str(1000 + number), department=rng.choice(("Home Office", "HM Treasury", "Ofgem")),
            role_level=rng.choice(LEVELS), fte=rng.choice((1, 0.6)),
            end_date=rng.choice(("", "", "", "2029-01-31")),
            employment=rng.choice(("civil servant", "civil servant", "civil servant", "contractor")),
        )  # fmt: skip

    def plan(self, limits: ClosingLimits = LIMITS) -> tuple[Forecast, ClosingPlan]:
        """What the program makes of it."""
        found = self.ws.workforce.forecast(Scope(), CALM, 5)
        return found, self.ws.workforce.closing(found, limits)

    def surplus(self) -> set[str]:
        """Staff ids over the posts of their cell, lowest first, among civil servants who stay."""
        by_cell: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for person in self.people:
            by_cell[person["department"], person["role_level"], "HEO"].append(person)
        established = {key[0] for key in self.posts if key[0] in self._units()}
        over: set[str] = set()
        for key, members in by_cell.items():
            if key[0] in established:
                many = len(members) - self.posts.get(key, 0)
                may = sorted(one["staff_id"] for one in members if _may_move(one))
                over |= set(may[: max(many, 0)])
        return over


def _calm() -> Any:
    from app.services.workforce import Assumptions, RateKind, RateRule

    still = (RateRule(RateKind.LEAVE, yearly=Decimal(0)), RateRule(RateKind.PROMOTE, yearly=Decimal(0)))
    return Assumptions(rules=still, success=Decimal("0.6"))


def _establish(ws: Workspace, folder: Path, posts: dict[tuple[str, str, str], int]) -> None:
    rows = [
        {"department": unit, "role_level": level, "grade": grade, "posts": count}
        for (unit, level, grade), count in posts.items()
    ]
    path = write_rows(folder / "posts.csv", rows)
    ws.establishment.commit_import(ws.establishment.preview_import(path, ReadOptions(), silent()))


def _demand(
    ws: Workspace, folder: Path, rng: random.Random, department: str, fte: float | None = None
) -> None:
    rows = [
        {"area": "A", "priority": "P", "target_date": "2028-03-31", "programme": f"G {level}",
         "department": department, "role": "", "role_level": level,
         "fte": rng.randrange(300, 1_400) / 100 if fte is None else fte,
         "from_quarter": "2027Q1", "to_quarter": "2027Q4"}
        for level in LEVELS[:2]
    ]  # fmt: skip
    path = write_rows(folder / "strategy.csv", rows)
    ws.strategy.commit_import(ws.strategy.preview_import(path, ReadOptions(), silent()))


def _may_move(person: dict[str, Any]) -> bool:
    return person["employment"] == "civil servant" and not person["end_date"]


def _price(skill: str, have: int, need: int) -> tuple[int, int, int] | None:
    """(pounds, hours, quarters one after the other) of the cheapest courses, by trying every set of them."""
    offers = [(0, 2, 100, 30)] + ([(2, 4, 250, 50)] if skill in SKILLS[1:] else [])
    found: list[tuple[int, int, int]] = []
    for chosen in product((False, True), repeat=len(offers)):
        level, taken = have, [offer for offer, is_in in zip(offers, chosen, strict=True) if is_in]
        for entry, after, _, _ in taken:
            level = max(level, after) if level >= entry else level
        if level >= need:
            found.append((sum(one[2] for one in taken), sum(one[3] for one in taken), len(taken)))
    return min(found, default=None)


def _reach(office: Office, found: Forecast, card: ShortfallCard) -> dict[str, tuple[Any, ...]]:
    """Staff id to way, steps, met, assessed, pounds, hours, quarters, worked out from the files."""
    short = {
        (cell.unit, cell.role_level) for at, cell in enumerate(found.cells) if found.shortfall[:, at].any()
    }
    needed, over = ASKED[card.role_level], office.surplus()
    within: dict[str, tuple[Any, ...]] = {}
    for person in office.people:
        who, own = person["staff_id"], person["role_level"]
        if not _may_move(person) or (person["department"], own) in short:
            continue
        held = {skill: office.held[who, skill] for skill in needed if (who, skill) in office.held}
        met = sum(level >= (needed[skill] or 0) for skill, level in held.items())
        way = Way.REDEPLOY if who in over else Way.TRAIN
        if own == card.role_level:
            if who in over:
                within[who] = (way, 0, met, len(held), 0, 0, 0)
            continue
        if ROLE_OF[own] == card.role and LEVELS.index(own) > LEVELS.index(card.role_level):
            continue
        lacks = {
            skill: (level, needed[skill] or 0)
            for skill, level in held.items()
            if level < (needed[skill] or 0)
        }
        steps = sum(need - have for have, need in lacks.values())
        ways = [_price(skill, *pair) for skill, pair in lacks.items()]
        if steps > LIMITS.steps or 2 * len(held) < len(needed) or not met or None in ways:
            continue
        pounds, hours = (sum(one[at] for one in ways if one) for at in (0, 1))
        longest = max((one[2] for one in ways if one), default=0)
        quarters = max(ceil(hours / 40), longest, 1) if ways else 0
        within[who] = (way, steps, met, len(held), pounds, hours, quarters)
    return within


def _said(one: Candidate, found: Forecast) -> tuple[Any, ...]:
    quarters = int(one.ready) - int(found.first)
    return one.way, one.steps, one.met, one.assessed, one.cost_gbp, one.hours, quarters


def test_who_is_within_reach_is_who_a_second_count_finds(small: Path, tmp_path: Path) -> None:
    seen: set[Way] = set()
    for seed in range(share(30)):
        office = Office(small, tmp_path / str(seed), seed)
        found, plan = office.plan()
        for card in plan.cards:
            near = {one.staff_id: _said(one, found) for one in card.candidates}
            assert near == _reach(office, found, card), (seed, card.title)
            assert len(near) == len(card.candidates)
            seen |= {one.way for one in card.candidates}
        office.ws.close()
    assert seen == {Way.TRAIN, Way.REDEPLOY}


def test_the_mix_keeps_the_need_its_cost_and_everybody_once(small: Path, tmp_path: Path) -> None:
    for seed in range(100, 100 + share(20)):
        office = Office(small, tmp_path / str(seed), seed)
        limits = ClosingLimits(
            seconds=60, day_rate_gbp=Decimal("601.37"), most_contractors_fte=Decimal("1.5") if seed % 2 else None,
            budget_gbp=Decimal(90_000) if seed % 3 else None,
        )  # fmt: skip
        found, plan = office.plan(limits)
        assert plan.is_proven
        _keeps_the_need(found, plan)
        assert sum((one.cost_gbp for one in plan.lines), Decimal(0)) == plan.cost_gbp
        assert limits.budget_gbp is None or plan.cost_gbp <= limits.budget_gbp
        moved = [one.staff_id for one in plan.lines if one.staff_id]
        assert len(moved) == len(set(moved))
        _spares_what_it_takes(office, found, moved)
        assert plan.cost_bound_gbp <= plan.cost_gbp
        assert plan.short_bound <= plan.short_fte_quarters
        assert office.plan(limits)[1] == plan
        office.ws.close()


def _keeps_the_need(found: Forecast, plan: ClosingPlan) -> None:
    """FTE of the lines by shortfall and quarter, with what stays short, is no less than what is missing."""
    for card, short in zip(plan.cards, plan.short, strict=True):
        mine = [
            line
            for line in plan.lines
            if (line.department, line.role_level) == (card.department, card.role_level)
        ]
        for at, (need, left) in enumerate(zip(card.need, short, strict=True)):
            brought = sum((line.fte for line in mine if _counts(line, found, at)), Decimal(0))
            assert brought + left >= need
            assert left == max(need - brought, 0)


def _counts(line: MixLine, found: Forecast, at: int) -> bool:
    from_quarter = int(line.quarter) - int(found.first)
    if line.way is Way.CONTRACTOR:
        return at == from_quarter
    lag = found.scenario.assumptions.lag if line.way is Way.RECRUIT else 0
    return at >= from_quarter + lag


def _spares_what_it_takes(office: Office, found: Forecast, moved: list[str]) -> None:
    """A place somebody is needed in does not fall short because of who moves."""
    gone: dict[tuple[str, str], float] = defaultdict(float)
    for person in office.people:
        if person["staff_id"] in moved:
            gone[person["department"], person["role_level"]] += person["fte"]
    for (unit, level), fte in gone.items():
        cells = [at for at, cell in enumerate(found.cells) if (cell.unit, cell.role_level) == (unit, level)]
        demand = found.demand[:, cells].sum(axis=1)
        if demand.any():
            assert (found.supply[:, cells].sum(axis=1) - demand >= fte - 0.011).all()


def test_moves_fill_most_places_and_then_take_fewest_steps(small: Path, tmp_path: Path) -> None:
    matched = 0
    for seed in range(200, 200 + share(20)):
        office = Office(small, tmp_path / str(seed), seed)
        _, plan = office.plan()
        moves = office.ws.workforce.moves_of(plan)
        office.ws.close()
        options: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for cell, card in enumerate(plan.cards):
            for one in card.candidates:
                if one.way is Way.REDEPLOY:
                    options[one.staff_id].append((cell, one.steps))
        rooms = tuple(ceil(card.largest) for card in plan.cards)
        assert (-len(moves), sum(one.steps for _, one in moves)) == _best(list(options.values()), rooms)
        matched += len(moves)
    assert matched


def _best(options: list[list[tuple[int, int]]], rooms: tuple[int, ...]) -> tuple[int, int]:
    """(− places filled, steps) of the best assignment, person by person over every state of the rooms left."""
    states = {rooms: (0, 0)}
    for mine in options:
        after = dict(states)
        for left, (filled, steps) in states.items():
            for cell, more in mine:
                if left[cell]:
                    room = tuple(count - (at == cell) for at, count in enumerate(left))
                    value = (filled - 1, steps + more)
                    if room not in after or value < after[room]:
                        after[room] = value
        states = after
    return min(states.values())


def test_nothing_missing_is_an_empty_plan(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv"))
    plan = ws.workforce.closing(ws.workforce.forecast())
    assert (plan.cards, plan.lines, plan.cost_gbp, plan.short_fte_quarters) == ((), (), 0, 0)
    assert plan.is_proven
    assert ws.workforce.moves_of(plan) == ()


def test_what_cannot_be_closed_stays_short_to_the_hundredth(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv", [make_person(role_level="Service designer")]))
    _demand(ws, tmp_path, random.Random(1), "Home Office", 2.37)
    limits = ClosingLimits(most_campaigns=0, most_contractors_fte=Decimal(0))
    plan = ws.workforce.closing(ws.workforce.forecast(quarters=4), limits)
    needed = sum(sum(card.need) for card in plan.cards)
    assert needed > 0
    assert (plan.short_fte_quarters, plan.lines, plan.cost_gbp) == (needed, (), 0)
    assert plan.short_bound == needed
    way = {one.way: one for one in plan.cards[0].options}
    assert way[Way.TRAIN].words == "Nobody is within reach."
    assert way[Way.TRAIN].ready is None


def test_a_need_of_any_level_of_a_role_asks_for_its_first(ws: Workspace, tmp_path: Path) -> None:
    load_people(ws, make_people(tmp_path / "people.csv", [make_person(role_level="Service designer")]))
    load_ratings(
        ws, write_rows(tmp_path / "ratings.csv", [make_rating(skill=skill, level=2) for skill in SKILLS])
    )
    row = {
        "area": "A", "priority": "P", "target_date": "2028-03-31", "programme": "G", "department": "",
        "role": "Data engineer", "role_level": "", "fte": 1, "from_quarter": "2027Q1", "to_quarter": "2027Q4",
    }  # fmt: skip
    path = write_rows(tmp_path / "strategy.csv", [row])
    preview = ws.strategy.preview_import(path, ReadOptions(), silent())
    assert not preview.errors, preview.errors
    ws.strategy.commit_import(preview)
    plan = ws.workforce.closing(ws.workforce.forecast())
    assert [(one.required, one.steps) for card in plan.cards for one in card.candidates] == [(2, 0)]


def _needs(ws: Workspace, folder: Path, rows: list[tuple[str, float, str, str]]) -> None:
    """Data engineers: department, FTE, first and last quarter."""
    made = [
        {"area": "A", "priority": "P", "target_date": "2028-03-31", "programme": f"G{at}", "department": department,
         "role": "", "role_level": "Data engineer", "fte": fte, "from_quarter": first, "to_quarter": last}
        for at, (department, fte, first, last) in enumerate(rows)
    ]  # fmt: skip
    path = write_rows(folder / "needs.csv", made)
    ws.strategy.commit_import(ws.strategy.preview_import(path, ReadOptions(), silent()))


def _free_office(ws: Workspace, folder: Path) -> None:
    people = [make_person(str(one), department="Ofgem", role_level="Data engineer") for one in range(1, 4)]
    people.append(make_person("9", role_level=""))
    load_people(ws, make_people(folder / "people.csv", people))
    load_ratings(
        ws,
        write_rows(
            folder / "r.csv", [make_rating(str(one), skill, 4) for one in range(1, 4) for skill in SKILLS]
        ),
    )
    ws.workforce.save_scenario(CALM, _calm())


def test_who_a_programme_sets_free_goes_where_others_are_missing(ws: Workspace, tmp_path: Path) -> None:
    """Three work for a programme that ends after two quarters; one stays needed, two go elsewhere, and not before."""
    _free_office(ws, tmp_path)
    _needs(ws, tmp_path, [
        ("Ofgem", 3, "2026Q4", "2027Q1"), ("Ofgem", 1, "2027Q2", "2027Q4"), ("Home Office", 3, "2026Q4", "2027Q4"),
    ])  # fmt: skip
    found = ws.workforce.forecast(Scope(), CALM, 5)
    limits = ClosingLimits(seconds=60, most_campaigns=0, most_contractors_fte=Decimal(0))
    plan = ws.workforce.closing(found, limits)
    assert [(one.staff_id, one.way, one.quarter.code, one.cost_gbp) for one in plan.lines] == [
        ("1", Way.REDEPLOY, "2027Q2", 0), ("2", Way.REDEPLOY, "2027Q2", 0),
    ]  # fmt: skip
    assert [float(figure) for figure in plan.short[0]] == [3, 3, 1, 1, 1]
    (card,) = plan.cards
    assert {one.staff_id for one in card.candidates} == {"1", "2"}


def test_whose_role_ends_can_be_asked_and_who_has_another_cannot(ws: Workspace, tmp_path: Path) -> None:
    _free_office(ws, tmp_path)
    _needs(ws, tmp_path, [("Home Office", 3, "2026Q4", "2027Q4"), ("Ofgem", 1, "2026Q4", "2027Q4")])
    revision, population = ws.people._population.get(ws.today())
    ids = {level.name: level.role_level_id for level in population.levels.values()}
    one, two = (int(population.person_id[population.staff_id.index(who)]) for who in ("1", "2"))
    ws.roles.set_roles(
        "Set roles",
        [
            RoleChange(one, Choice(MatchKind.NONE), date(2027, 5, 14), "the project ends"),
            RoleChange(
                two, Choice(MatchKind.ROLE, ids["Service designer"]), date(2027, 5, 14), "apprenticeship ends"
            ),
        ],
        revision,
    )
    limits = ClosingLimits(seconds=60, most_campaigns=0, most_contractors_fte=Decimal(0))
    plan = ws.workforce.closing(ws.workforce.forecast(Scope(), CALM, 5), limits)
    assert [(line.staff_id, line.way, line.quarter.code) for line in plan.lines] == [
        ("1", Way.REDEPLOY, "2027Q2")
    ]
