"""Posts of the published organograms: the establishment before any HR extract is there."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index
from sqlmodel import Field

from app.models.base import Versioned


class Post(Versioned, table=True):
    """One row of a senior or junior posts file, as at the day of that file.

    A senior row is one post; a junior row is a group of posts of one title, grade and unit, and its FTE says
    how large the group is. ``post_number`` and ``reports_to`` are texts as published and not unique: a job
    share says its number twice, and 0 stands for somebody who is in no post. A blank FTE or pay (None) means
    that none was published, which is not zero.
    """

    __table_args__ = (Index("ix_post_organisation_id_as_at", "organisation_id", "as_at"),)

    organisation_id: int = Field(foreign_key="unit.id", description="the node of the body that published it")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    kind: str = Field(description="senior or junior")
    status: str = Field(description="filled, vacant, eliminated or not in post")
    as_at: date
    post_number: str = ""
    reports_to: str = ""
    title: str = ""
    title_key: str = Field(default="", index=True)
    grade: str = ""
    profession: str = ""
    fte_hundredths: int | None = None
    pay_floor_gbp: int | None = None
    pay_ceiling_gbp: int | None = None
    total_pay_gbp: int | None = None
    import_batch_id: int = Field(foreign_key="import_batch.id", index=True)
