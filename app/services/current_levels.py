"""Which rating of a pair counts (PRODUCT, rule 1): the organisation's rules, the levels of a day, the stored copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from app.db.database import WriteScope
from app.db.packing import LevelsBlock, read_levels
from app.models import WorkspaceSetting
from app.services.rating_history import RatingHistory, rating_history
from app.terms import DEFAULT_ASSESSOR_ORDER, AssessedBy

Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.integer[Any]]


def _ranked(order: Sequence[AssessedBy], narrow: str, expires: str) -> str:
    """The current rating of each pair on :day (PRODUCT, rule 1): strongest kind, latest date, latest import."""
    strength = " ".join(f"WHEN '{kind.value}' THEN {place}" for place, kind in enumerate(order))
    return f"""
    SELECT person_id, skill_id, level, id FROM (
      SELECT a.person_id, a.skill_id, a.level, a.id,
             row_number() OVER (PARTITION BY a.person_id, a.skill_id
                                ORDER BY CASE a.assessed_by {strength} ELSE 9 END, a.assessed_on DESC, a.id DESC)
             AS place
      FROM assessment AS a WHERE a.assessed_on <= :day {narrow} {expires}) AS ranked
    WHERE place = 1
    ORDER BY person_id, skill_id"""


@dataclass(frozen=True, slots=True)
class RatingRules:
    """The organisation's choice of which rating counts: order of kinds, and months until one expires."""

    order: tuple[AssessedBy, ...] = DEFAULT_ASSESSOR_ORDER
    expires_after_months: int | None = None


RULES_SETTING = "rating_rules"


def rating_rules(session: Session) -> RatingRules:
    """The rules in force in this workspace."""
    row = session.get(WorkspaceSetting, RULES_SETTING)
    if row is None:
        return RatingRules()
    order = tuple(AssessedBy(kind) for kind in row.value.get("order", DEFAULT_ASSESSOR_ORDER))
    return RatingRules(order, row.value.get("expires_after_months"))


def months_before(day: date, months: int) -> date:
    """The same day of the month some months earlier, held to the end of shorter months."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def settled_levels(session: Session, day: date) -> list[LevelsBlock] | None:
    """The packed current levels where they are those of the day: no rating is later, and none expires."""
    if rating_rules(session).expires_after_months is not None:
        return None
    blocks = list(read_levels(session.connection()))
    return blocks if all(block.latest_on <= day.toordinal() for block in blocks) else None


def joined(blocks: Sequence[LevelsBlock]) -> tuple[Ids, Ids, Bytes]:
    """Blocks of levels as columns: person ids, skill ids, levels 0 to 4, in order of person and skill."""
    if not blocks:
        return np.zeros(0, np.int32), np.zeros(0, np.uint16), np.zeros(0, np.uint8)
    return (
        np.concatenate([block.person for block in blocks]),
        np.concatenate([block.skill for block in blocks]),
        np.concatenate([block.level for block in blocks]),
    )


def levels_of_history(
    session: Session, day: date, tried: RatingRules | None = None
) -> tuple[Ids, Ids, Bytes]:
    """Current levels on a day as :func:`joined` gives them, worked out from every rating up to the day.

    ``tried`` are rules to try in place of those in force.
    """
    rules = tried or rating_rules(session)
    history = rating_history(session)
    if history is not None:
        return _picked(history, day, rules)
    expires, parameters = "", {"day": day.isoformat()}
    if rules.expires_after_months is not None:
        expires = "AND a.assessed_on > :limit"
        parameters["limit"] = months_before(day, rules.expires_after_months).isoformat()
    query = f"SELECT person_id, skill_id, level FROM ({_ranked(rules.order, '', expires)}) AS chosen"
    rows = session.execute(text(query), parameters)
    packed = np.fromiter(((p << 40) | (s << 8) | v for p, s, v in rows), dtype=np.int64)
    return packed >> 40, (packed >> 8) & 0xFFFFFFFF, (packed & 0xFF).astype(np.uint8)


def _picked(history: RatingHistory, day: date, rules: RatingRules) -> tuple[Ids, Ids, Bytes]:
    months = rules.expires_after_months
    limit = months_before(day, months).isoformat() if months is not None else ""
    strength = {kind: place for place, kind in enumerate(rules.order)}
    return history.levels_on(day.isoformat(), strength, limit)


def levels_before(session: Session, day: date) -> tuple[Ids, Ids, Bytes]:
    """Levels on a day that the packed ones do not speak of, by person.

    Where no rating expires they differ from the packed ones only for people rated since: those alone are worked out
    from the history, unless they are many.
    """
    if rating_rules(session).expires_after_months is not None:
        return levels_of_history(session, day)
    history = rating_history(session, must_read=False)
    if history is not None:
        return _picked(history, day, rating_rules(session))
    since = text("SELECT DISTINCT person_id FROM assessment WHERE assessed_on > :day LIMIT :most")
    asked = {"day": day.isoformat(), "most": MOST_CORRECTED + 1}
    rated = np.sort(np.fromiter(session.scalars(since, asked), dtype=np.int64))
    if len(rated) > MOST_CORRECTED:
        return levels_of_history(session, day)
    person, skill, level = joined(list(read_levels(session.connection())))
    kept = ~np.isin(person, rated)
    found = _levels_of_some(session, day, rated.tolist())
    columns = [
        np.concatenate([one[kept], other]) for one, other in zip((person, skill, level), found, strict=True)
    ]
    order = np.argsort(columns[0], kind="stable")
    return columns[0][order], columns[1][order], columns[2][order].astype(np.uint8)


def _levels_of_some(session: Session, day: date, person_ids: Sequence[int]) -> tuple[Ids, Ids, Bytes]:
    """Current levels of some people on a day, from their ratings up to it; for rules by which none expires."""
    chosen = _ranked(rating_rules(session).order, "AND a.person_id IN :people", "")
    statement = text(chosen).bindparams(bindparam("people", expanding=True))
    rows: list[tuple[int, int, int]] = []
    for start in range(0, len(person_ids), _MOST_IN_LIST):
        asked = {"day": day.isoformat(), "people": person_ids[start : start + _MOST_IN_LIST]}
        rows += [(row[0], row[1], row[2]) for row in session.execute(statement, asked)]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.uint8)


def levels_as_at(session: Session, day: date) -> tuple[Ids, Ids, Bytes]:
    """Current levels on a day as columns: person ids, skill ids, levels 0 to 4, by person.

    The packed current levels serve when no rating is later than the day and none expires; see :func:`levels_before`.
    """
    blocks = settled_levels(session, day)
    return levels_before(session, day) if blocks is None else joined(blocks)


_CURRENT_RATINGS = """
SELECT c.person_id, c.skill_id, a.assessed_on, a.assessed_by
FROM current_level AS c JOIN assessment AS a ON a.id = c.assessment_id WHERE c.person_id IN :people
"""
_MOST_IN_LIST = 900

MOST_CORRECTED = 50_000
"""People rated since a day up to whom the packed levels are corrected; for more the history is gone through whole."""


def ratings_as_at(
    session: Session, day: date, person_ids: Sequence[int], *, is_current: bool
) -> Iterator[tuple[int, int, object, str]]:
    """Person id, skill id, day and kind of assessor of the rating that counts on a day, for some people.

    ``is_current`` says that the current levels are those of the day (see :func:`settled_levels`).
    """
    rules = rating_rules(session)
    parameters: dict[str, Any] = {}
    query = _CURRENT_RATINGS
    if not is_current:
        expires, parameters = "", {"day": day.isoformat()}
        if rules.expires_after_months is not None:
            expires = "AND a.assessed_on > :limit"
            parameters["limit"] = months_before(day, rules.expires_after_months).isoformat()
        chosen = _ranked(rules.order, "AND a.person_id IN :people", expires)
        query = f"""SELECT c.person_id, c.skill_id, x.assessed_on, x.assessed_by
        FROM ({chosen}) AS c JOIN assessment AS x ON x.id = c.id"""
    statement = text(query).bindparams(bindparam("people", expanding=True))
    for start in range(0, len(person_ids), _MOST_IN_LIST):
        people = list(person_ids[start : start + _MOST_IN_LIST])
        found = session.execute(statement, {**parameters, "people": people})
        yield from ((person, skill, on, by) for person, skill, on, by in found)


def rebuild_current(w: WriteScope, person_ids: Sequence[int] | None) -> None:
    """Work out current levels from the history, of some people or (None) of all, inside a write."""
    w.session.flush()
    w.note_levels(person_ids)
    order = rating_rules(w.session).order
    forever = {"day": date.max.isoformat()}
    insert = "INSERT INTO current_level (person_id, skill_id, level, assessment_id)"
    if person_ids is None or len(person_ids) > 5_000:
        w.execute_derived(text("DELETE FROM current_level"))
        w.execute_derived(text(f"{insert} {_ranked(order, '', '')}"), forever)
        return
    one = text(f"{insert} {_ranked(order, 'AND a.person_id = :person', '')}")
    for person in person_ids:
        w.execute_derived(text("DELETE FROM current_level WHERE person_id = :person"), {"person": person})
        w.execute_derived(one, {**forever, "person": person})


def check_current(session: Session) -> int:
    """How many pairs of the current levels differ from what the history says; 0 when all is well."""
    forever = {"day": date.max.isoformat()}
    history = {
        (row[0], row[1]): (row[2], row[3])
        for row in session.execute(text(_ranked(rating_rules(session).order, "", "")), forever)
    }
    stored = {
        (row[0], row[1]): (row[2], row[3])
        for row in session.execute(
            text("SELECT person_id, skill_id, level, assessment_id FROM current_level")
        )
    }
    return sum(stored.get(pair) != rating for pair, rating in history.items()) + len(
        stored.keys() - history.keys()
    )
