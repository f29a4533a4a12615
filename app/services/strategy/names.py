"""The names a strategy or contract may use, as the workspace has them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.files.named import KnownNames

_LEVELS = """
SELECT r.name, l.name FROM role_level AS l
JOIN role AS r ON r.id = l.role_id JOIN role_family AS f ON f.id = r.role_family_id
JOIN framework_version AS v ON v.id = f.framework_version_id
ORDER BY v.is_current DESC, v.id DESC, f.position, r.position, l.seniority
"""


def known_names(session: Session) -> KnownNames:
    """Role levels (those of the current framework first), skills and units by name."""
    levels = dict.fromkeys((row[0], row[1]) for row in session.execute(text(_LEVELS)))
    skills = session.execute(text("SELECT name FROM skill ORDER BY name")).scalars()
    paths = session.execute(text("SELECT path FROM unit ORDER BY path")).scalars()
    return KnownNames(tuple(levels), tuple(skills), tuple(paths))


def unit_ids(session: Session) -> dict[str, int]:
    """Unit path -> id."""
    return {row[0]: row[1] for row in session.execute(text("SELECT path, id FROM unit"))}


def skill_ids(session: Session) -> dict[str, int]:
    """Skill name -> id."""
    return {row[0]: row[1] for row in session.execute(text("SELECT name, id FROM skill"))}
