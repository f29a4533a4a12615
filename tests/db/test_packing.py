"""Packed copies: made when a workspace is brought up to date, compared with their rows, never larger than a block."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.db import migrations, packing
from app.db.database import sqlite_engine
from app.db.store_file import prepare
from tests.db import contents


def _at_step(path: Path, step: str) -> None:
    """A workspace file of an earlier step, with rows in every table."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection, step)
        contents.fill(connection)
        connection.exec_driver_sql(f"PRAGMA application_id={migrations.APPLICATION_ID}")


@pytest.mark.parametrize("step", ["0001", "0002"])
def test_bringing_up_to_date_packs_what_is_there(tmp_path: Path, now: datetime, step: str) -> None:
    path = tmp_path / "old.muster"
    _at_step(path, step)
    prepare(path, create=False, read_only=False, now=now)
    engine = sqlite_engine(path, read_only=True)
    with engine.connect() as connection:
        assert packing.differences(connection) == 0
        (block,) = packing.read_levels(connection)
        rows = connection.exec_driver_sql(
            "SELECT person_id, skill_id, level FROM current_level ORDER BY 1, 2"
        ).all()
    engine.dispose()
    assert list(zip(block.person.tolist(), block.skill.tolist(), block.level.tolist(), strict=True)) == [
        tuple(row) for row in rows
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE person_spell SET grade = 'changed' WHERE person_id = 2",
        "UPDATE person SET end_date = '2030-01-01' WHERE id = 3",
        "UPDATE current_level SET level = 4 - level WHERE person_id = 1",
        "UPDATE assessment SET assessed_on = '2031-01-01' WHERE person_id = 4",
        "DELETE FROM packed_people",
    ],
)
def test_a_copy_that_differs_from_its_rows_is_found(tmp_path: Path, now: datetime, damage: str) -> None:
    path = tmp_path / "old.muster"
    _at_step(path, "0002")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE person_spell SET valid_to = NULL")
    prepare(path, create=False, read_only=False, now=now)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    engine = sqlite_engine(path, read_only=True)
    with engine.connect() as connection:
        assert packing.differences(connection) == 1
    engine.dispose()


@given(st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 200_000), st.integers(0, 4)), max_size=30))
def test_levels_come_back_as_they_were_packed(pairs: list[tuple[int, int, int]]) -> None:
    place, skill, level = (list(column) for column in zip(*pairs, strict=True)) if pairs else ([], [], [])
    block = packing.LevelsBlock(
        3, 0, 0, np.array(place, np.uint16), np.array(skill, np.uint32), np.array(level, np.uint8)
    )
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        migrations.upgrade(connection)
        connection.execute(
            sa.text("INSERT INTO packed_levels VALUES (3, 0, 7, :body)"), {"body": packing.levels_body(block)}
        )
        (back,) = packing.read_levels(connection)
        assert list(packing.read_levels(connection, 7)) == []
    assert back.person.tolist() == [3 * 1024 + one for one in place]
    assert (back.skill.tolist(), back.level.tolist()) == (skill, level)


@given(st.sets(st.integers(0, 400)))
def test_stretches_cover_each_block_once(blocks: set[int]) -> None:
    found = list(packing._stretches(blocks))
    assert sorted(one for first, last in found for one in range(first, last + 1)) == sorted(blocks)
    assert all(last - first < packing._AT_ONCE for first, last in found)
