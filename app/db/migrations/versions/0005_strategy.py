"""The strategy: areas, priorities, programmes, demand, contracts, maturity, leadership checklist."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "leadership_evidence",
    "maturity_rating",
    "contract_line",
    "contract",
    "demand_line",
    "programme",
    "priority",
    "strategy_area",
)


def _make(name: str, *parts: sa.Column[Any] | sa.Constraint, refers: dict[str, str] | None = None) -> None:
    links = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}_{table}")
        for column, table in (refers or {}).items()
    ]
    op.create_table(
        name,
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *parts,
        *links,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _index(table: str, *columns: str, name: str = "") -> None:
    op.create_index(name or f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    _areas_and_priorities()
    _programmes_and_demand()
    _contracts()
    _records()


def _areas_and_priorities() -> None:
    _make(
        "strategy_area",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.UniqueConstraint("name", name="uq_strategy_area_name"),
    )
    _make(
        "priority",
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("target_on", sa.Date),
        sa.Column("weight", sa.Integer),
        sa.Column("is_set_aside", sa.Boolean, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.UniqueConstraint("area_id", "name", name="uq_priority_area_id_name"),
        refers={"area_id": "strategy_area"},
    )
    _index("priority", "area_id")


def _programmes_and_demand() -> None:
    _make(
        "programme",
        sa.Column("priority_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("unit_id", sa.Integer),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("weight", sa.Integer),
        sa.UniqueConstraint("priority_id", "name", name="uq_programme_priority_id_name"),
        refers={"priority_id": "priority", "unit_id": "unit"},
    )
    _index("programme", "priority_id")
    _index("programme", "unit_id")
    _make(
        "demand_line",
        sa.Column("priority_id", sa.Integer, nullable=False),
        sa.Column("programme_id", sa.Integer),
        sa.Column("unit_id", sa.Integer),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("role_level", sa.String, nullable=False),
        sa.Column("skill_id", sa.Integer),
        sa.Column("fte_hundredths", sa.Integer),
        sa.Column("from_quarter", sa.Integer),
        sa.Column("to_quarter", sa.Integer),
        sa.Column("is_by_hand", sa.Boolean, nullable=False),
        refers={
            "priority_id": "priority",
            "programme_id": "programme",
            "unit_id": "unit",
            "skill_id": "skill",
        },
    )
    for column in ("priority_id", "programme_id", "unit_id", "skill_id"):
        _index("demand_line", column)


def _contracts() -> None:
    _make(
        "contract",
        sa.Column("supplier", sa.String, nullable=False),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("unit_id", sa.Integer),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("value_pence", sa.BigInteger),
        sa.UniqueConstraint("supplier", "service", name="uq_contract_supplier_service"),
        refers={"unit_id": "unit"},
    )
    _index("contract", "unit_id")
    _make(
        "contract_line",
        sa.Column("contract_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("role_level", sa.String, nullable=False),
        sa.Column("fte_hundredths", sa.Integer, nullable=False),
        sa.Column("day_rate_pence", sa.BigInteger),
        sa.Column("retained_hundredths", sa.Integer),
        refers={"contract_id": "contract"},
    )
    _index("contract_line", "contract_id")


def _records() -> None:
    _make(
        "maturity_rating",
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("evidence", sa.String, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("assessor", sa.String, nullable=False),
        refers={"unit_id": "unit", "area_id": "strategy_area"},
    )
    _index("maturity_rating", "unit_id", "area_id", name="ix_maturity_rating_unit_area")
    _index("maturity_rating", "area_id")
    _make(
        "leadership_evidence",
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("is_evidenced", sa.Boolean, nullable=False),
        sa.Column("evidence", sa.String, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
        refers={"unit_id": "unit", "skill_id": "skill"},
    )
    _index("leadership_evidence", "unit_id", "skill_id", name="ix_leadership_evidence_unit_skill")
    _index("leadership_evidence", "skill_id")


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
