"""One write is one transaction with its whole record; what somebody else did in between is never lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col

from app.change import Change
from app.db import database as module
from app.db.audit import chain_hash
from app.db.database import Database
from app.errors import ConflictError, DamagedError, DatabaseBusy, ReadOnlyError, StoreError
from app.models import (
    ActionEntry,
    AuditEntry,
    CurrentLevel,
    Person,
    PersonSpell,
    Revision,
    Skill,
    Unit,
    WorkspaceSetting,
)
from app.progress import Cancelled
from tests.counts import share

BRITISH_SUMMER = timezone(timedelta(hours=1))


@pytest.fixture
def path(empty_workspace: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty_workspace, tmp_path / "staff.muster"))


Opener = Callable[[str], Database]


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def connect(request: pytest.FixtureRequest, now: datetime) -> Iterator[Opener]:
    """Opens the same data store for a user, as often as asked."""
    target: Path | str
    if request.param == "file":
        target = request.getfixturevalue("path")
    else:
        engine: sa.Engine = request.getfixturevalue("server_workspace")
        target = engine.url.render_as_string(hide_password=False)
    opened: list[Database] = []

    def open_for(user: str) -> Database:
        opened.append(Database.connect(target, user, lambda: now))
        return opened[-1]

    yield open_for
    for database in opened:
        database.close()


@pytest.fixture
def db(connect: Opener) -> Database:
    return connect("Amy")


def _add_people(db: Database, *names: str) -> list[int]:
    with db.write("Add people") as w:
        people = [Person(staff_id=name.casefold(), name=name) for name in names]
        w.session.add_all(people)
    return [person.id or 0 for person in people]


def _rename(db: Database, person_id: int, name: str, seen_version: int | None = None) -> Change:
    with db.write("Rename") as w:
        w.fetch(Person, person_id, seen_version).name = name
    return w.outcome(None).change


def _entries(db: Database, action_id: int) -> list[AuditEntry]:
    with db.read() as session:
        wanted = sa.select(AuditEntry).where(col(AuditEntry.action_id) == action_id)
        return list(session.scalars(wanted.order_by(col(AuditEntry.id))))


def _names(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(sa.select(col(Person.name)).order_by(col(Person.id))))


# --- the record ---


def test_an_insert_is_recorded_with_all_values(db: Database, now: datetime) -> None:
    with db.write("Add a person") as w:
        person = Person(staff_id="17", name="Zoë O’Brien €", start_date=date(2020, 2, 29))
        w.session.add(person)
    change = w.outcome(None).change
    assert (change.action, change.tables, change.revision) == ("Add a person", frozenset({"person"}), 1)
    (entry,) = _entries(db, change.action_id)
    assert (entry.table_name, entry.row_key, entry.kind, entry.before) == (
        "person",
        str(person.id),
        "insert",
        None,
    )
    assert entry.after is not None
    assert set(entry.after) == set(Person.model_fields)
    assert (entry.after["name"], entry.after["start_date"]) == ("Zoë O’Brien €", "2020-02-29")


def test_an_update_is_recorded_with_old_and_new_values_only_of_what_differs(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    change = _rename(db, person_id, "Anne")
    (entry,) = _entries(db, change.action_id)
    assert entry.kind == "update"
    assert entry.before == {"name": "Ann", "version": 1}
    assert entry.after == {"name": "Anne", "version": 2}


def test_a_delete_is_recorded_with_all_values(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with db.write("Delete") as w:
        w.session.delete(w.fetch(Person, person_id))
    (entry,) = _entries(db, w.action_id)
    assert (entry.kind, entry.after) == ("delete", None)
    assert entry.before is not None
    assert (entry.before["id"], entry.before["name"], entry.before["version"]) == (person_id, "Ann", 1)


def test_old_values_are_known_even_of_a_row_that_was_not_loaded(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with db.write("Rename") as w:
        person = w.fetch(Person, person_id)
        w.session.expire(person)
        person.name = "Anne"
    (entry,) = _entries(db, w.action_id)
    assert entry.before == {"name": "Ann", "version": 1}


def test_a_row_without_a_version_is_recorded_without_one(db: Database) -> None:
    with db.write("Set") as w:
        w.session.add(WorkspaceSetting(name="budget", value={"gbp": 5}))
    with db.write("Set") as w:
        setting = w.session.get(WorkspaceSetting, "budget")
        assert setting is not None
        setting.value = {"gbp": 6}
    (entry,) = _entries(db, w.action_id)
    assert entry.row_key == "budget"
    assert (entry.before, entry.after) == ({"value": {"gbp": 5}}, {"value": {"gbp": 6}})


def test_setting_a_value_to_what_it_was_records_nothing(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    change = _rename(db, person_id, "Ann")
    assert change.is_empty
    assert _entries(db, change.action_id) == []


def test_several_flushes_in_one_action_are_all_recorded(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with db.write("Rename twice") as w:
        person = w.fetch(Person, person_id)
        for name in ("Anne", "Anna"):
            person.name = name
            w.session.flush()
    entries = _entries(db, w.action_id)
    assert [(line.before, line.after) for line in entries] == [
        ({"name": "Ann", "version": 1}, {"name": "Anne", "version": 2}),
        ({"name": "Anne", "version": 2}, {"name": "Anna", "version": 3}),
    ]


def test_changed_current_levels_are_in_the_change_without_entries(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with db.write("Assess") as w:
        skill = Skill(name="Testing")
        w.session.add(skill)
        w.session.flush()
        w.session.add(CurrentLevel(person_id=person_id, skill_id=skill.id or 0, level=2, assessment_id=1))
    assert w.outcome(None).change.tables == {"skill", "current_level"}
    with db.write("Assess") as w:
        row = w.session.get(CurrentLevel, (person_id, skill.id))
        assert row is not None
        row.level = 3
    assert w.outcome(None).change.tables == {"current_level"}
    with db.write("Assess") as w:
        w.session.delete(w.session.get(CurrentLevel, (person_id, skill.id)))
    assert w.outcome(None).change.tables == {"current_level"}
    assert _entries(db, w.action_id) == []


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "rename", "delete", "flush"]), st.integers(0, 5)),
    min_size=1,
    max_size=14,
)


@given(actions=st.lists(OPERATIONS, min_size=1, max_size=4))
def test_the_record_alone_rebuilds_the_table(
    actions: list[list[tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory, empty_workspace: Path
) -> None:
    """Whatever an action does, replaying its entries on an empty table gives the table."""
    path = Path(shutil.copy(empty_workspace, tmp_path_factory.mktemp("replay") / "staff.muster"))
    db = Database.connect(path, "Amy", lambda: datetime(2026, 4, 1, tzinfo=UTC))
    for operations in actions:
        with db.write("Work") as w:
            for number, (what, which) in enumerate(operations):
                people = list(w.session.scalars(sa.select(Person).order_by(col(Person.id))))
                if what == "add":
                    w.session.add(Person(staff_id=f"{w.revision}/{number}", name="new"))
                elif what == "flush":
                    w.session.flush()
                elif people and what == "rename":
                    people[which % len(people)].name = f"{w.revision}/{number}"
                elif people:
                    w.session.delete(people[which % len(people)])
    replayed: dict[str, dict[str, object]] = {}
    with db.read() as session:
        for entry in session.scalars(sa.select(AuditEntry).order_by(col(AuditEntry.id))):
            if entry.kind == "delete":
                held = replayed.pop(entry.row_key)
                assert held == entry.before
                continue
            row = replayed.setdefault(entry.row_key, {})
            assert entry.before is None or {name: row[name] for name in entry.before} == entry.before
            row.update(entry.after or {})
        people = list(session.scalars(sa.select(Person)))
        assert {str(person.id): person.name for person in people} == {
            key: row["name"] for key, row in replayed.items()
        }
        assert {str(person.id): person.version for person in people} == {
            key: row["version"] for key, row in replayed.items()
        }
    db.close()


# --- the chain ---


def _is_chain_whole(db: Database) -> bool:
    previous = ""
    with db.read() as session:
        for action in session.scalars(sa.select(ActionEntry).order_by(col(ActionEntry.id))):
            wanted = sa.select(AuditEntry).where(col(AuditEntry.action_id) == action.id)
            entries = list(session.scalars(wanted.order_by(col(AuditEntry.id))))
            if (action.previous_hash, action.hash) != (previous, chain_hash(action, entries)):
                return False
            previous = action.hash
    return True


def test_the_chain_holds_over_many_kinds_of_write(db: Database) -> None:
    first, second = _add_people(db, "Ann", "Bob")
    _rename(db, first, "Anne")
    with db.write("Bulk") as w:
        w.bulk_insert(
            Skill, {"id": [1, 2], "version": [1, 1], "name": ["a", "b"], "weight": [1, 2], "tag": ["", ""]}
        )
        w.describe(by_year={9: 1, 10: 2}, file="ä.csv", share=0.1)
    with db.write("Delete") as w:
        w.session.delete(w.fetch(Person, second))
    assert _is_chain_whole(db)


def test_the_chain_holds_with_a_clock_of_another_zone(path: Path) -> None:
    db = Database.connect(path, "Amy", lambda: datetime(2026, 7, 1, 10, tzinfo=BRITISH_SUMMER))
    _add_people(db, "Ann")
    assert _is_chain_whole(db)
    db.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE action_entry SET user = 'Eve' WHERE id = 2",
        "UPDATE audit_entry SET after = replace(after, 'Anne', 'Eve') WHERE action_id = 2",
        "DELETE FROM audit_entry WHERE action_id = 2",
        "DELETE FROM action_entry WHERE id = 3",
        "UPDATE action_entry SET previous_hash = 'ü' WHERE id = 3",
    ],
)
def test_tampering_breaks_the_chain(path: Path, now: datetime, tampering: str) -> None:
    db = Database.connect(path, "Amy", lambda: now)
    (person_id,) = _add_people(db, "Ann")
    for name in ("Anne", "Anna", "Ann"):
        _rename(db, person_id, name)
    assert _is_chain_whole(db)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(tampering)
        connection.commit()
    assert not _is_chain_whole(db)
    db.close()


# --- revision and outcome ---


def test_every_write_adds_one_to_the_revision(connect: Opener) -> None:
    one, other = connect("Amy"), connect("Bob")
    _add_people(one, "Ann")
    _add_people(other, "Bob")
    assert one.revision() == other.revision() == 2
    with one.read() as session:
        found = session.execute(
            sa.select(ActionEntry.revision, ActionEntry.user).order_by(col(ActionEntry.id))
        )
        assert found.all() == [(1, "Amy"), (2, "Bob")]


def test_writers_at_once_come_one_after_the_other(connect: Opener) -> None:
    """No write is lost, none counted twice, however threads and connections fall."""
    writers, each = 4, share(100) // 4 + 1
    (person_id,) = _add_people(connect("Amy"), "0")
    failures: list[BaseException] = []

    def count_up(db: Database) -> None:
        try:
            for _ in range(each):
                with db.write("Count") as w:
                    person = w.fetch(Person, person_id)
                    person.name = str(int(person.name) + 1)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=count_up, args=(connect(f"user {number}"),)) for number in range(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    db = connect("Amy")
    assert failures == []
    assert _names(db) == [str(writers * each)]
    assert db.revision() == writers * each + 1
    assert _is_chain_whole(db)


def test_a_failed_write_leaves_nothing(db: Database) -> None:
    _add_people(db, "Ann")
    with pytest.raises(Cancelled), db.write("Import") as w:  # noqa: PT012
        w.session.add(Person(staff_id="2", name="Bob"))
        w.session.flush()
        raise Cancelled
    assert _names(db) == ["Ann"]
    assert db.revision() == 1
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ActionEntry)) == 1
    with pytest.raises(RuntimeError, match="known after its transaction"):
        w.outcome(None)


def test_a_broken_rule_of_the_tables_leaves_nothing(db: Database) -> None:
    _add_people(db, "Ann")
    with pytest.raises(sa.exc.IntegrityError), db.write("Add") as w:
        w.session.add(Person(staff_id="ann", name="Second"))
    with pytest.raises(sa.exc.IntegrityError), db.write("Add") as w:
        w.session.add(
            PersonSpell(
                person_id=1, unit_id=99, employment="contractor", status="active", valid_from=date(2026, 1, 1)
            )
        )
    assert (_names(db), db.revision()) == (["Ann"], 1)


def test_what_is_read_is_never_written(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with db.read() as session:
        person = session.get(Person, person_id)
        assert person is not None
        person.name = "Anne"
        session.flush()
    assert _names(db) == ["Ann"]


# --- two people, one row ---


def test_a_row_that_moved_on_since_it_was_seen_is_a_conflict(connect: Opener) -> None:
    amy, bob = connect("Amy"), connect("Bob")
    (person_id,) = _add_people(amy, "Ann")
    _rename(bob, person_id, "Anne", seen_version=1)
    with pytest.raises(ConflictError, match="changed by somebody else"):
        _rename(amy, person_id, "Anna", seen_version=1)
    assert _names(amy) == ["Anne"]
    _rename(amy, person_id, "Anna", seen_version=2)
    assert _names(bob) == ["Anna"]


def test_a_row_that_is_gone_is_a_conflict(connect: Opener) -> None:
    amy, bob = connect("Amy"), connect("Bob")
    (person_id,) = _add_people(amy, "Ann")
    with bob.write("Delete") as w:
        w.session.delete(w.fetch(Person, person_id))
    with pytest.raises(ConflictError, match="no longer there"):
        _rename(amy, person_id, "Anna", seen_version=1)


def test_a_row_changed_underneath_a_session_is_a_conflict(db: Database) -> None:
    (person_id,) = _add_people(db, "Ann")
    with pytest.raises(ConflictError, match="Somebody else changed the same row"), db.write("Rename") as w:  # noqa: PT012
        person = w.fetch(Person, person_id)
        w.execute_derived(sa.text("UPDATE person SET version = 7 WHERE id = :id"), {"id": person_id})
        person.name = "Anne"
    assert _names(db) == ["Ann"]


def test_of_two_who_edit_what_both_saw_one_is_told(connect: Opener) -> None:
    amy, bob = connect("Amy"), connect("Bob")
    (person_id,) = _add_people(amy, "0")
    for number in range(1, share(100) + 1):
        seen = number
        told: list[str] = []

        def edit(db: Database, name: str, seen: int = seen, told: list[str] = told) -> None:
            try:
                _rename(db, person_id, name, seen_version=seen)
            except ConflictError:
                told.append(name)

        threads = [threading.Thread(target=edit, args=(db, f"{number} {db.user}")) for db in (amy, bob)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(told) == 1
        (won,) = {f"{number} Amy", f"{number} Bob"} - set(told)
        assert _names(amy) == [won]


# --- in bulk ---


def test_bulk_inserts_look_like_mapped_rows(db: Database, now: datetime) -> None:
    with db.write("Import") as w:
        unit = Unit(name="HMRC", path="HMRC", path_key="hmrc")
        person = Person(id=1, staff_id="1", start_date=date(2020, 1, 1))
        w.session.add_all([unit, person])
        w.session.flush()
        first = w.next_id(Person)
        assert first == 2
        made = w.bulk_insert(
            Person,
            {
                "id": [2, 3],
                "version": [1, 1],
                "staff_id": ["2", "3"],
                "name": ["Zoë", ""],
                "email": ["", ""],
                "manager_staff_id": ["", ""],
                "start_date": [date(2020, 1, 1), None],
                "end_date": [None, None],
                "profession": ["", ""],
            },
        )
    assert made == 2
    with db.read() as session:
        people = list(session.scalars(sa.select(Person).order_by(col(Person.id))))
        action = session.get(ActionEntry, w.action_id)
    assert [person.start_date for person in people] == [date(2020, 1, 1), date(2020, 1, 1), None]
    assert action is not None
    assert action.counts["bulk"] == [{"table": "person", "rows": 2, "first_id": 2, "last_id": 3}]
    assert "person" in w.outcome(None).change.tables
    assert _add_people(db, "next") == [4]


def test_bulk_columns_of_unequal_length_are_a_fault(db: Database) -> None:
    with pytest.raises(ValueError, match="differ in length"), db.write("Import") as w:
        w.bulk_insert(Skill, {"id": [1, 2], "name": ["a"]})


REFUSED = {
    "update": lambda: sa.update(Person).values(name="x"),
    "delete": lambda: sa.delete(Person),
    "insert": lambda: sa.insert(Person).values(
        id=9, version=1, staff_id="9", name="", email="", manager_staff_id="", profession=""
    ),
    "update by table": lambda: sa.update(Person.__table__).values(name="x"),  # type: ignore[attr-defined]
    "update as text": lambda: sa.text("UPDATE person SET name = 'x'"),
    "delete as text": lambda: sa.text("  -- all of them\n delete from person"),
    "insert as text": lambda: sa.text(
        "INSERT INTO skill (id, version, name, weight, tag) VALUES (1, 1, 'a', 1, '')"
    ),
    "with a common table": lambda: sa.text("WITH a AS (SELECT 1) UPDATE person SET name = 'x'"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_bulk_statements_past_the_record_are_refused(db: Database, kind: str) -> None:
    _add_people(db, "Ann")
    with pytest.raises(RuntimeError, match="bypass the audit trail"), db.write("Sneak") as w:
        w.session.execute(REFUSED[kind]())
    assert _names(db) == ["Ann"]


def test_derived_rows_may_change_in_bulk(db: Database) -> None:
    with db.write("Work out") as w:
        w.execute_derived(sa.delete(CurrentLevel))
        w.execute_derived(sa.text("DELETE FROM current_level WHERE level > :level"), {"level": 2})
        assert w.session.execute(sa.text("SELECT count(*) FROM current_level")).scalar() == 0


# --- the file and the machine ---


def test_another_programs_write_is_busy(path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    db = Database.connect(path, "Amy", lambda: now)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="Another program is writing"):
            _add_people(db, "Ann")
        assert _names(db) == []
        other.execute("ROLLBACK")
    _add_people(db, "Ann")
    assert _names(db) == ["Ann"]
    db.close()


def test_text_that_is_none_is_damage(path: Path, now: datetime) -> None:
    db = Database.connect(path, "Amy", lambda: now)
    _add_people(db, "Ann")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE person SET name = CAST(x'c3d2ff' AS TEXT)")
        connection.commit()
    with pytest.raises(DamagedError, match="is damaged"):
        _names(db)
    db.close()


needs_open_replace = pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced on Windows")


@needs_open_replace
@pytest.mark.parametrize("accident", ["deleted", "replaced", "moved", "folder moved"])
def test_a_file_lost_while_open_is_noticed(path: Path, now: datetime, accident: str) -> None:
    home = path.parent / "home"
    home.mkdir()
    place = Path(shutil.move(path, home / "staff.muster"))
    db = Database.connect(place, "Amy", lambda: now)
    _add_people(db, "Ann")
    copy = Path(shutil.copy(place, path))
    if accident == "deleted":
        place.unlink()
    elif accident == "replaced":
        copy.replace(place)
    elif accident == "moved":
        place.rename(home / "elsewhere.muster")
    else:
        home.rename(path.parent / "away")
    with pytest.raises(StoreError):
        _add_people(db, "Bob")
    db.close()
    left = [entry for entry in path.parent.rglob("*.muster") if entry.stat().st_size]
    for entry in left:
        with closing(sqlite3.connect(entry)) as connection:
            assert connection.execute("SELECT name FROM person").fetchall() == [("Ann",)]
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_read_only_refuses_writes(path: Path, now: datetime) -> None:
    before = path.read_bytes()
    db = Database.connect(path, "Amy", lambda: now, read_only=True)
    with pytest.raises(ReadOnlyError, match="for reading only"):
        _add_people(db, "Ann")
    assert _names(db) == []
    db.close()
    assert path.read_bytes() == before


def test_a_file_name_with_punctuation_of_addresses(
    empty_workspace: Path, tmp_path: Path, now: datetime
) -> None:
    path = Path(shutil.copy(empty_workspace, tmp_path / "50% of #1 & more.muster"))
    db = Database.connect(path, "Amy", lambda: now)
    _add_people(db, "Ann")
    db.close()
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name}


def test_the_file_keeps_to_the_safe_settings(path: Path, now: datetime) -> None:
    db = Database.connect(path, "Amy", lambda: now)
    with db.read() as session:
        asked = {
            name: session.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("foreign_keys", "journal_mode", "synchronous", "secure_delete")
        }
        assert session.get(Revision, 1) is not None
    assert asked == {"foreign_keys": 1, "journal_mode": "delete", "synchronous": 2, "secure_delete": 1}
    db.close()
