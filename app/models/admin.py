"""The data's own safety: revision, audit, settings of the workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from app.models.base import Table, UtcDateTime


class Revision(Table, table=True):
    """One row, one number: every write adds one to it (ARCHITECTURE 5)."""

    id: int = Field(default=1, primary_key=True)
    number: int = 0
    workspace_key: str = ""


class ActionEntry(Table, table=True):
    """One action of a user: a name, who, when, which revision it made. Chained by hash (SAFETY 2, audit)."""

    id: int | None = Field(default=None, primary_key=True)
    action: str
    user: str
    at: datetime = Field(sa_type=UtcDateTime)
    revision: int = Field(index=True)
    tables: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reverts_action_id: int | None = None
    is_reverted: bool = False
    previous_hash: str = ""
    hash: str = ""


class AuditEntry(Table, table=True):
    """Old and new values of one changed row, written in the same transaction as the change."""

    __table_args__ = (Index("ix_audit_entry_row", "table_name", "row_key"),)

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action_entry.id", index=True)
    table_name: str
    row_key: str
    kind: str
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class WorkspaceSetting(Table, table=True):
    """A setting that belongs to the data, not to the user: assessor order, expiry, budgets, marking."""

    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
