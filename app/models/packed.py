"""Packed copies of people and current levels, for opening half a million people at once (SPEED, "The store").

The rows stay the truth. A copy is written in the transaction that changes its rows, and ``muster check`` compares
the two (:mod:`app.db.packing` has the layout).
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary
from sqlmodel import Field

from app.models.base import Table


class PackedPeople(Table, table=True):
    """What holds of the people of one block from the day ``settled_on`` on (a day number; 0: always)."""

    block: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    settled_on: int
    revision: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PackedLevels(Table, table=True):
    """The current levels of the people of one block; ``latest_on`` is the day number of their newest rating."""

    block: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    latest_on: int
    revision: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
