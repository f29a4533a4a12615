"""Roles chosen by hand: from a day on, secondary ones with a share of time, our own with their own requirements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UsageError
from app.services.gap_groups import GapDimension
from app.services.gaps import PairLine
from app.services.population import RoleLevelLine
from app.services.role_names import changed_requirements, level_named
from app.services.roles import Choice
from app.services.scope import Scope
from app.terms import MatchKind
from app.workspace import Workspace
from tests.builders import NOW, load_people, make_people, make_person

TODAY = NOW.date()
SKILLS = ("Data modelling", "Programming", "Prototyping", "Testing")


@pytest.fixture
def staffed(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small framework with two data engineers."""
    folder = tmp_path_factory.mktemp("staff")
    load_people(
        ws, make_people(folder / "people.csv", [make_person("1"), make_person("2")]), date(2026, 1, 1)
    )
    return ws


def role_level(ws: Workspace, name: str) -> RoleLevelLine:
    return level_named(ws.roles.role_levels(), name)


def person(ws: Workspace, staff_id: str) -> int:
    return ws.people.by_staff_id(staff_id).person_id


def needs(pairs: tuple[PairLine, ...]) -> dict[str, int]:
    return {pair.skill: pair.required for pair in pairs}


# --- our own roles ------------------------------------------------------------------------------------------------


def test_pairs_of_somebody_in_our_own_role_are_those_of_its_own_requirements(staffed: Workspace) -> None:
    base = role_level(staffed, "Data engineer")
    one, other = person(staffed, "1"), person(staffed, "2")
    own = staffed.roles.make_local_role(
        base.role_level_id, "Pipeline engineer", {"Programming": 4, "Testing": 1}
    ).value
    assert (own.role, own.family, own.seniority) == (base.role, base.family, base.seniority)
    assert needs(staffed.gaps.person(one)) == {"Programming": 2, "Data modelling": 1}
    staffed.roles.set_role(one, Choice(MatchKind.ROLE, own.role_level_id))
    assert needs(staffed.gaps.person(one)) == {"Programming": 4, "Testing": 1}
    assert needs(staffed.gaps.person(other)) == {"Programming": 2, "Data modelling": 1}
    table = staffed.gaps.table(Scope(), GapDimension.DEPARTMENT)
    assert {row.skill: row.required for row in table.rows} == {
        "Data modelling": 1, "Programming": 2, "Testing": 1,
    }  # fmt: skip


def test_our_own_role_is_marked_and_leaves_the_facts_of_the_framework_alone(staffed: Workspace) -> None:
    facts, counts = staffed.frameworks.show(), staffed.frameworks.versions()
    base = role_level(staffed, "Senior data engineer")
    staffed.roles.make_local_role(base.role_level_id, "Lead of pipelines", {"Testing": 4})
    cards = {card.role_level: card for card in staffed.frameworks.role_levels()}
    assert cards["Lead of pipelines"].is_own
    assert cards["Lead of pipelines"].based_on == "Senior data engineer"
    assert [name for name, card in cards.items() if card.origin] == ["Lead of pipelines"]
    assert staffed.frameworks.show() == facts
    assert staffed.frameworks.versions() == counts
    assert "Lead of pipelines" in {line.name for line in staffed.roles.role_levels()}


@pytest.mark.parametrize(
    ("name", "required", "says"),
    [
        ("  ", {"Testing": 1}, "needs a name"),
        ("DATA  engineer", {"Testing": 1}, "has a level"),
        ("Own", {"Testing": 5}, "between 1 and 4"),
        ("Own", {}, "between 1 and 4"),
        ("Own", {"Juggling": 1}, "no skill “Juggling”"),
    ],
)
def test_our_own_role_that_makes_no_sense_is_refused(
    ws: Workspace, name: str, required: dict[str, int], says: str
) -> None:
    base = role_level(ws, "Data engineer")
    before = ws.frameworks.role_levels()
    with pytest.raises(UsageError, match=says):
        ws.roles.make_local_role(base.role_level_id, name, required)
    assert ws.frameworks.role_levels() == before


def test_our_own_role_is_undone(staffed: Workspace) -> None:
    before = staffed.frameworks.role_levels()
    outcome = staffed.roles.make_local_role(
        role_level(staffed, "Data engineer").role_level_id, "Own", {"Testing": 1}
    )
    staffed.admin.revert(outcome.change.action_id)
    assert staffed.frameworks.role_levels() == before


levels_of_skills = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 4), min_size=1)


@given(levels_of_skills, levels_of_skills, st.sets(st.sampled_from(SKILLS)))
def test_changed_requirements_equal_one_skill_at_a_time(
    base: dict[str, int], required: dict[str, int], without: set[str]
) -> None:
    typed = [(f" {skill.upper()} ", level) for skill, level in required.items()]
    if without & set(required) or without - set(base):
        with pytest.raises(UsageError):
            changed_requirements(base, typed, sorted(without), SKILLS)
        return
    found = changed_requirements(base, typed, sorted(without), SKILLS)
    for skill in SKILLS:
        expected = required.get(skill, None if skill in without else base.get(skill))
        assert found.get(skill) == expected


# --- secondary roles ----------------------------------------------------------------------------------------------


def test_secondary_role_has_a_share_and_adds_no_pairs(staffed: Workspace) -> None:
    who = person(staffed, "1")
    pairs = staffed.gaps.person(who)
    designer = role_level(staffed, "Service designer")
    staffed.roles.add_secondary_role(who, designer.role_level_id, 30, date(2026, 11, 1))
    assert staffed.gaps.person(who) == pairs
    (held,) = staffed.people.profile(who).secondary
    assert (held.role_level, held.role, held.share, held.valid_from) == (
        "Service designer", "Service designer", 30, date(2026, 11, 1),
    )  # fmt: skip
    assert "Service designer, confirmed, secondary, 30 % of time" in {
        entry.what for entry in staffed.people.profile(who).roles
    }
    assert staffed.people.by_staff_id("1").role_level == "Data engineer"
    staffed.roles.end_secondary_role(held.role_assignment_id)
    profile = staffed.people.profile(who)
    assert profile.secondary == ()
    assert [entry.valid_to for entry in profile.roles] == [TODAY, None]


def test_secondary_roles_leave_time_for_the_primary_one(staffed: Workspace) -> None:
    who = person(staffed, "1")
    designer, senior = role_level(staffed, "Service designer"), role_level(staffed, "Senior data engineer")
    staffed.roles.add_secondary_role(who, designer.role_level_id, 60)
    with pytest.raises(UsageError, match="already"):
        staffed.roles.add_secondary_role(who, designer.role_level_id, 10)
    with pytest.raises(UsageError, match="60 %"):
        staffed.roles.add_secondary_role(who, senior.role_level_id, 40)
    staffed.roles.add_secondary_role(who, senior.role_level_id, 39)
    assert [one.share for one in staffed.people.profile(who).secondary] == [60, 39]
    with pytest.raises(UsageError, match="1 % to 99 %"):
        staffed.roles.add_secondary_role(person(staffed, "2"), senior.role_level_id, 100)


# --- from a day on ------------------------------------------------------------------------------------------------


def test_role_holds_from_its_day_on_and_the_earlier_one_until_then(staffed: Workspace) -> None:
    who, since = person(staffed, "1"), date(2026, 6, 1)
    senior = role_level(staffed, "Senior data engineer")
    staffed.roles.set_role(who, Choice(MatchKind.ROLE, senior.role_level_id), since)
    before, after = staffed.gaps.person(who, since - timedelta(days=1)), staffed.gaps.person(who, since)
    assert {pair.role_level for pair in before} == {"Data engineer"}
    assert {pair.role_level for pair in after} == {"Senior data engineer"}


def test_an_earlier_day_takes_the_place_of_every_role_from_there_on(staffed: Workspace) -> None:
    who = person(staffed, "1")
    senior = Choice(MatchKind.ROLE, role_level(staffed, "Senior data engineer").role_level_id)
    designer = Choice(MatchKind.ROLE, role_level(staffed, "Service designer").role_level_id)
    staffed.roles.set_role(who, senior, date(2026, 10, 1))
    staffed.roles.set_role(who, designer, date(2026, 6, 1))
    roles = staffed.people.profile(who).roles
    assert [(one.valid_from, one.valid_to, one.what.split(",")[0]) for one in roles] == [
        (date(2026, 6, 1), None, "Service designer"),
        (date(2026, 1, 1), date(2026, 6, 1), "Data engineer"),
    ]


def test_title_is_decided_from_its_day_on(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("titles")
    rows = [make_person("7", role_level="", job_title="Pipeline person")]
    load_people(ws, make_people(folder / "people.csv", rows), date(2026, 1, 1))
    (group,) = ws.roles.board(Scope()).groups
    since = date(2026, 3, 1)
    choice = Choice(MatchKind.ROLE, role_level(ws, "Data engineer").role_level_id)
    ws.roles.accept_title(group, choice, valid_from=since)
    who = person(ws, "7")
    assert ws.gaps.person(who, since - timedelta(days=1)) == ()
    assert len(ws.gaps.person(who, since)) == 2


# --- names --------------------------------------------------------------------------------------------------------


def test_names_are_found_whatever_the_capitals_and_the_nearest_is_named(staffed: Workspace) -> None:
    levels = staffed.roles.role_levels()
    assert level_named(levels, " service  DESIGNER ").name == "Service designer"
    with pytest.raises(UsageError, match="Data enginer") as failure:
        level_named(levels, "Data enginer")
    assert "“Data engineer”" in failure.value.advice
    with pytest.raises(UsageError, match="no role “Service desiner”") as failure:
        level_named(levels, "Service designer", "Service desiner")
    assert "“Service designer”" in failure.value.advice
    with pytest.raises(UsageError, match="1002") as failure:
        staffed.people.by_staff_id("1002")


def test_a_level_that_several_roles_have_needs_its_role(ws: Workspace) -> None:
    engineer, designer = role_level(ws, "Data engineer"), role_level(ws, "Service designer")
    for base in (engineer, designer):
        ws.roles.make_local_role(base.role_level_id, "All-rounder", {"Testing": 1})
    levels = ws.roles.role_levels()
    with pytest.raises(UsageError, match="2 roles have a level “All-rounder”"):
        level_named(levels, "All-rounder")
    assert level_named(levels, "All-rounder", "service designer").role == "Service designer"
