"""The overview's figures: next steps in their order, departments by readiness, people still to decide."""

from __future__ import annotations

from pathlib import Path

from app.services.overview import StepKey
from app.services.roles import Choice
from app.services.scope import Scope
from app.terms import MatchKind
from app.workspace import Workspace
from tests.builders import USER, clock, make_person, make_rating, make_workspace

ROLES = {
    ("Data", "Data engineer"): (("Data engineer", {"Programming": 2, "Testing": 1}),),
}


def done(ws: Workspace) -> list[StepKey]:
    return [step.key for step in ws.overview.figures(Scope()).steps if step.is_done]


def test_a_bare_workspace_begins_with_the_framework(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "bare.muster", user=USER, clock=clock, create=True) as ws:
        found = ws.overview.figures(Scope())
        assert found.next_step is not None
        assert found.next_step.key is StepKey.FRAMEWORK
        assert [step.can_start for step in found.steps] == [True, False, False, False, False, False]
        assert found.framework == ""
        assert found.furthest is None


def test_steps_are_ticked_in_the_order_of_the_first_hour(tmp_path: Path) -> None:
    people = [make_person("1"), make_person("2", role_level="", job_title="Post with no name")]
    ratings = [make_rating("1", "Programming", 1)]
    with make_workspace(tmp_path / "a.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        assert done(ws) == [StepKey.FRAMEWORK, StepKey.PEOPLE, StepKey.ASSESSMENTS]
        found = ws.overview.figures(Scope())
        assert found.next_step is not None
        assert (found.next_step.key, found.next_step.count) == (StepKey.ROLES, 1)
        ws.roles.set_role(2, Choice(MatchKind.NONE))
        assert StepKey.ROLES in done(ws)


def test_people_found_not_digital_are_neither_mapped_nor_to_decide(tmp_path: Path) -> None:
    people = [make_person(staff, role_level="" if staff != "1" else "Data engineer") for staff in "123"]
    people = [
        person | ({"job_title": "Post with no name"} if not person["role_level"] else {}) for person in people
    ]
    with make_workspace(tmp_path / "b.muster", roles=ROLES, people=people) as ws:
        ws.roles.set_role(2, Choice(MatchKind.NONE))
        found = ws.overview.figures(Scope())
        assert (found.mapped, found.undecided, found.others) == (1, 1, 1)
        assert found.mapped + found.undecided + found.others == found.totals.people
        table = ws.people.table(Scope())
        assert [line.role_words for line in table.lines] == [
            "Data engineer", "Not a digital role", "No role yet",
        ]  # fmt: skip
        assert (table.unmapped, table.undecided) == (2, 1)


def test_departments_come_least_ready_first_and_those_not_assessed_last(tmp_path: Path) -> None:
    people = [
        make_person("1", department="Alpha"), make_person("2", department="Beta"),
        make_person("3", department="Gamma"),
    ]  # fmt: skip
    ratings = [make_rating("2", "Programming", 1), make_rating("3", "Programming", 2)]
    with make_workspace(tmp_path / "c.muster", roles=ROLES, people=people, ratings=ratings) as ws:
        found = ws.overview.figures(Scope())
        assert [line.label for line in found.departments] == ["Beta", "Gamma", "Alpha"]
        assert found.furthest is not None
        assert found.furthest.label == "Beta"
        assert ws.overview.figures(Scope(departments=("Beta",))).furthest is None
