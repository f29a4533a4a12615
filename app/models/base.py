"""What every table shares: naming of constraints, version counting, UTC times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Integer
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Naive datetimes are refused: a time without a zone is a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(SQLModel):
    """A table named after its class: ``RoleLevel`` is ``role_level``."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore  (SQLAlchemy's own protocol)
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Versioned(Table):
    """A row people edit: an id, and a version that goes up with every change (ARCHITECTURE 5)."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1, sa_type=Integer, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  (SQLAlchemy's own protocol)
        table: Any = getattr(cls, "__table__")  # noqa: B009  (set by SQLAlchemy, unknown to the type checker)
        return {"version_id_col": table.c.version}
