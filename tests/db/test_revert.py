"""Reverting one action: all of it or nothing of it, and never over what somebody did later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col

from app.db.database import Database
from app.errors import ConflictError, UsageError
from app.models import ActionEntry, Person, Skill, Unit, WorkspaceSetting
from app.services.admin import Admin
from tests.db import contents

NOW = datetime(2026, 4, 1, 10, 15, tzinfo=UTC)


@pytest.fixture
def db(empty_workspace: Path, tmp_path: Path) -> Iterator[Database]:
    path = Path(shutil.copy(empty_workspace, tmp_path / "staff.muster"))
    database = Database.connect(path, "Amy", lambda: NOW)
    yield database
    database.close()


@pytest.fixture
def admin(db: Database) -> Admin:
    return Admin(db)


def _add(db: Database, *names: str) -> tuple[int, list[int]]:
    with db.write("Add") as w:
        people = [Person(staff_id=name, name=name) for name in names]
        w.session.add_all(people)
    return w.action_id, [person.id or 0 for person in people]


def _rename(db: Database, person_id: int, name: str, seen: int | None = None) -> int:
    with db.write("Rename") as w:
        w.fetch(Person, person_id, seen).name = name
    return w.action_id


def _delete(db: Database, person_id: int) -> int:
    with db.write("Delete") as w:
        w.session.delete(w.fetch(Person, person_id))
    return w.action_id


def _rows(db: Database) -> dict[str, Any]:
    """All rows but the history's own, versions left out."""
    with db.read() as session:
        connection = session.connection()
        people = connection.execute(sa.select(Person.id, Person.staff_id, Person.name, Person.start_date))
        settings = connection.execute(sa.select(WorkspaceSetting.name, WorkspaceSetting.value))
        return {"people": sorted(map(tuple, people)), "settings": sorted(map(repr, settings))}


def _version(db: Database, person_id: int) -> int:
    with db.read() as session:
        person = session.get(Person, person_id)
        assert person is not None
        return person.version


def test_an_insert_an_update_and_a_delete(db: Database, admin: Admin) -> None:
    _, (ann, bob) = _add(db, "Ann", "Bob")
    for action in (lambda: _add(db, "Cy")[0], lambda: _rename(db, ann, "Anne"), lambda: _delete(db, bob)):
        before = _rows(db)
        action_id = action()
        assert _rows(db) != before
        admin.revert(action_id)
        assert _rows(db) == before
    assert all(result.is_good for result in admin.check())


def test_a_row_made_and_changed_in_one_action(db: Database, admin: Admin) -> None:
    with db.write("Add and rename") as w:
        person = Person(staff_id="1", name="Ann")
        w.session.add(person)
        for name in ("Anne", "Anna"):
            w.session.flush()
            person.name = name
    admin.revert(w.action_id)
    assert _rows(db)["people"] == []


def test_a_row_changed_twice_and_deleted_in_one_action(db: Database, admin: Admin) -> None:
    _, (ann,) = _add(db, "Ann")
    before = _rows(db)
    with db.write("Rename and delete") as w:
        person = w.fetch(Person, ann)
        for name in ("Anne", "Anna"):
            person.name = name
            w.session.flush()
        w.session.delete(person)
    admin.revert(w.action_id)
    assert _rows(db) == before


def test_a_row_without_a_version(db: Database, admin: Admin) -> None:
    with db.write("Set") as w:
        w.session.add(WorkspaceSetting(name="budget", value={"gbp": 5}))
    before = _rows(db)
    for gbp in (6, 7):
        with db.write("Set") as w:
            setting = w.session.get(WorkspaceSetting, "budget")
            assert setting is not None
            setting.value = {"gbp": gbp}
    with pytest.raises(ConflictError):
        admin.revert(w.action_id - 1)
    admin.revert(w.action_id)
    admin.revert(w.action_id - 1)
    assert _rows(db) == before


def test_what_moved_on_is_not_reverted(db: Database, admin: Admin) -> None:
    _, (ann, bob) = _add(db, "Ann", "Bob")
    with db.write("Rename both") as w:
        for person_id in (ann, bob):
            w.fetch(Person, person_id).name += "!"
    _rename(db, bob, "Robert")
    before = _rows(db)
    with pytest.raises(ConflictError, match="changed after this action"):
        admin.revert(w.action_id)
    assert _rows(db) == before


def test_one_after_the_other_back_to_the_start(db: Database, admin: Admin) -> None:
    start = _rows(db)
    first, (ann,) = _add(db, "Ann")
    actions = [first, _rename(db, ann, "Anne"), _rename(db, ann, "Anna"), _delete(db, ann)]
    for action_id in reversed(actions):
        admin.revert(action_id)
    assert _rows(db) == start


def test_another_row_under_a_number_used_before_is_left_alone(db: Database, admin: Admin) -> None:
    first, (ann,) = _add(db, "Ann")
    _delete(db, ann)
    _, (zoe,) = _add(db, "Zoë")
    assert zoe == ann
    with pytest.raises(ConflictError):
        admin.revert(first)
    assert [row[2] for row in _rows(db)["people"]] == ["Zoë"]


def test_a_row_that_came_back_counts_on_from_its_version(db: Database, admin: Admin) -> None:
    _, (ann,) = _add(db, "Ann")
    _rename(db, ann, "Anne")
    admin.revert(_delete(db, ann))
    assert _version(db, ann) == 2
    with pytest.raises(ConflictError, match="changed by somebody else"):
        _rename(db, ann, "Anna", seen=1)
    _rename(db, ann, "Anna", seen=2)


def test_deleted_units_come_back_parents_first(db: Database, admin: Admin) -> None:
    with db.write("Add") as w:
        for number in range(5):
            w.session.add(Unit(id=number + 1, name=str(number), path=str(number), path_key=str(number)))
            w.session.flush()
    with db.write("Arrange") as w:
        for number in range(1, 5):
            w.fetch(Unit, number + 1).parent_id = number
    with db.write("Delete") as w:
        for number in reversed(range(5)):
            w.session.delete(w.fetch(Unit, number + 1))
            w.session.flush()
    admin.revert(w.action_id)
    with db.read() as session:
        found = session.execute(sa.select(Unit.id, Unit.parent_id).order_by(col(Unit.id))).all()
    assert found == [(1, None), (2, 1), (3, 2), (4, 3), (5, 4)]


def _bulk(db: Database, first: int, count: int) -> int:
    with db.write("Import") as w:
        w.bulk_insert(
            Skill,
            {
                "id": list(range(first, first + count)),
                "version": [1] * count,
                "name": [f"skill {number}" for number in range(first, first + count)],
                "weight": [1] * count,
                "tag": [""] * count,
            },
        )
    return w.action_id


def test_a_bulk_import_goes_as_a_whole(db: Database, admin: Admin) -> None:
    _bulk(db, 1, 3)
    second = _bulk(db, 4, 50)
    admin.revert(second)
    with db.read() as session:
        assert list(session.scalars(sa.select(Skill.id).order_by(col(Skill.id)))) == [1, 2, 3]


def test_a_bulk_import_of_which_a_row_moved_on_stays(db: Database, admin: Admin) -> None:
    action_id = _bulk(db, 1, 12)
    with db.write("Weigh") as w:
        w.fetch(Skill, 11).weight = 5
    with pytest.raises(ConflictError):
        admin.revert(action_id)
    admin.revert(w.action_id)
    admin.revert(action_id)
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Skill)) == 0


def test_nothing_is_reverted_twice(db: Database, admin: Admin) -> None:
    action_id, _ = _add(db, "Ann")
    reverting = admin.revert(action_id).change.action_id
    with pytest.raises(ConflictError, match="reverted already"):
        admin.revert(action_id)
    with pytest.raises(UsageError, match="cannot be reverted"):
        admin.revert(reverting)
    with db.read() as session:
        entry = session.get(ActionEntry, reverting)
        assert entry is not None
        assert entry.reverts_action_id == action_id


STEP = st.tuples(st.sampled_from(["add", "rename", "delete", "flush"]), st.integers(0, 5))


@pytest.mark.long
@given(actions=st.lists(st.lists(STEP, min_size=1, max_size=10), min_size=1, max_size=5))
def test_reverting_newest_first_retraces_every_state(
    actions: list[list[tuple[str, int]]], empty_workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = Path(shutil.copy(empty_workspace, tmp_path_factory.mktemp("revert") / "staff.muster"))
    db = Database.connect(path, "Amy", lambda: NOW)
    admin = Admin(db)
    states: list[tuple[int, dict[str, Any]]] = []
    for steps in actions:
        before = _rows(db)
        with db.write("Work") as w:
            for number, (what, which) in enumerate(steps):
                people = list(w.session.scalars(sa.select(Person).order_by(col(Person.id))))
                if what == "add":
                    w.session.add(Person(staff_id=f"{w.revision}/{number}", name="new"))
                elif what == "flush":
                    w.session.flush()
                elif people and what == "rename":
                    people[which % len(people)].name = f"{w.revision}/{number}"
                elif people:
                    w.session.delete(people[which % len(people)])
        if not w.outcome(None).change.is_empty:
            states.append((w.action_id, before))
    for action_id, before in reversed(states):
        admin.revert(action_id)
        assert _rows(db) == before
    assert contents.everything_in(path)["person"] == []
    db.close()
