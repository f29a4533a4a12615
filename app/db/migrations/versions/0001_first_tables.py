"""The first tables: frameworks, people, assessments, training, and the workspace's own safety.

Written out in full, and never changed afterwards: what a workspace of this step holds must not move when the
models do.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

_TABLES = (
    "revision",
    "action_entry",
    "audit_entry",
    "workspace_setting",
    "framework_version",
    "role_family",
    "role",
    "role_level",
    "skill",
    "framework_skill",
    "requirement",
    "unit",
    "person",
    "person_spell",
    "role_assignment",
    "job_title_rule",
    "import_batch",
    "assessment",
    "current_level",
    "course",
    "course_outcome",
    "plan",
    "plan_line",
    "plan_line_skill",
    "plan_unmet",
)
"""In the order they are made: a table comes after those it points to."""


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False)


def upgrade() -> None:
    _create_the_workspace_itself()
    _create_frameworks()
    _create_roles()
    _create_skills()
    _create_units_and_people()
    _create_what_people_do()
    _create_title_rules_and_imports()
    _create_assessments()
    _create_courses()
    _create_plans()
    _create_what_plans_leave_open()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _create_the_workspace_itself() -> None:
    op.create_table(
        "revision",
        _id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("workspace_key", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.execute("INSERT INTO revision (id, number, workspace_key) VALUES (1, 0, '')")
    op.create_table(
        "action_entry",
        _id(),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("tables", sa.JSON, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("reverts_action_id", sa.Integer),
        sa.Column("is_reverted", sa.Boolean, nullable=False),
        sa.Column("previous_hash", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_action_entry"),
    )
    op.create_index("ix_action_entry_revision", "action_entry", ["revision"])
    op.create_table(
        "audit_entry",
        _id(),
        sa.Column("action_id", sa.Integer, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("row_key", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action_entry.id"], name="fk_audit_entry_action_id_action_entry"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_action_id", "audit_entry", ["action_id"])
    op.create_index("ix_audit_entry_row", "audit_entry", ["table_name", "row_key"])
    op.create_table(
        "workspace_setting",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workspace_setting"),
    )


def _create_frameworks() -> None:
    op.create_table(
        "framework_version",
        _id(),
        _version(),
        sa.Column("framework", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("effective_on", sa.Date),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("licence", sa.String, nullable=False),
        sa.Column("facts_hash", sa.String, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("imported_at", _MOMENT, nullable=False),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_framework_version"),
    )
    op.create_index("ix_framework_version_facts_hash", "framework_version", ["facts_hash"], unique=True)
    op.create_index("ix_framework_version_label", "framework_version", ["label"], unique=True)
    op.create_table(
        "role_family",
        _id(),
        _version(),
        sa.Column("framework_version_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name="fk_role_family_framework_version_id_framework_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role_family"),
        sa.UniqueConstraint("framework_version_id", "name", name="uq_role_family_framework_version_id_name"),
    )
    op.create_index("ix_role_family_framework_version_id", "role_family", ["framework_version_id"])


def _create_roles() -> None:
    op.create_table(
        "role",
        _id(),
        _version(),
        sa.Column("role_family_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("is_chief", sa.Boolean, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["role_family_id"], ["role_family.id"], name="fk_role_role_family_id_role_family"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sa.UniqueConstraint("role_family_id", "name", name="uq_role_role_family_id_name"),
    )
    op.create_index("ix_role_role_family_id", "role", ["role_family_id"])
    op.create_table(
        "role_level",
        _id(),
        _version(),
        sa.Column("role_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("seniority", sa.Integer, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("based_on_role_level_id", sa.Integer),
        sa.ForeignKeyConstraint(
            ["based_on_role_level_id"],
            ["role_level.id"],
            name="fk_role_level_based_on_role_level_id_role_level",
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_role_level_role_id_role"),
        sa.PrimaryKeyConstraint("id", name="pk_role_level"),
        sa.UniqueConstraint("role_id", "name", name="uq_role_level_role_id_name"),
    )
    op.create_index("ix_role_level_role_id", "role_level", ["role_id"])


def _create_skills() -> None:
    op.create_table(
        "skill",
        _id(),
        _version(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("tag", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_skill"),
        sa.UniqueConstraint("name", name="uq_skill_name"),
    )
    op.create_table(
        "framework_skill",
        _id(),
        _version(),
        sa.Column("framework_version_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("level_1", sa.String, nullable=False),
        sa.Column("level_2", sa.String, nullable=False),
        sa.Column("level_3", sa.String, nullable=False),
        sa.Column("level_4", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name="fk_framework_skill_framework_version_id_framework_version",
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_framework_skill_skill_id_skill"),
        sa.PrimaryKeyConstraint("id", name="pk_framework_skill"),
        sa.UniqueConstraint(
            "framework_version_id", "skill_id", name="uq_framework_skill_framework_version_id_skill_id"
        ),
    )
    op.create_index("ix_framework_skill_framework_version_id", "framework_skill", ["framework_version_id"])
    op.create_index("ix_framework_skill_skill_id", "framework_skill", ["skill_id"])
    op.create_table(
        "requirement",
        sa.Column("role_level_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer),
        sa.ForeignKeyConstraint(
            ["role_level_id"], ["role_level.id"], name="fk_requirement_role_level_id_role_level"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_requirement_skill_id_skill"),
        sa.PrimaryKeyConstraint("role_level_id", "skill_id", name="pk_requirement"),
    )
    op.create_index("ix_requirement_skill_id", "requirement", ["skill_id"])


def _create_units_and_people() -> None:
    op.create_table(
        "unit",
        _id(),
        _version(),
        sa.Column("parent_id", sa.Integer),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("path_key", sa.String, nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name="fk_unit_parent_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("path", name="uq_unit_path"),
        sa.UniqueConstraint("path_key", name="uq_unit_path_key"),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"])
    op.create_table(
        "person",
        _id(),
        _version(),
        sa.Column("staff_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("manager_staff_id", sa.String, nullable=False),
        sa.Column("start_date", sa.Date),
        sa.Column("end_date", sa.Date),
        sa.Column("profession", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("staff_id", name="uq_person_staff_id"),
    )


def _create_what_people_do() -> None:
    op.create_table(
        "person_spell",
        _id(),
        _version(),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("job_title", sa.String, nullable=False),
        sa.Column("title_key", sa.String, nullable=False),
        sa.Column("grade", sa.String, nullable=False),
        sa.Column("fte_hundredths", sa.Integer, nullable=False),
        sa.Column("employment", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("location", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_spell_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_person_spell_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_person_spell"),
    )
    op.create_index("ix_person_spell_person_from", "person_spell", ["person_id", "valid_from"])
    op.create_index("ix_person_spell_title_key", "person_spell", ["title_key"])
    op.create_index("ix_person_spell_unit_id", "person_spell", ["unit_id"])
    op.create_table(
        "role_assignment",
        _id(),
        _version(),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("role_level_id", sa.Integer),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("is_primary", sa.Boolean, nullable=False),
        sa.Column("share_hundredths", sa.Integer, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_role_assignment_person_id_person"),
        sa.ForeignKeyConstraint(
            ["role_level_id"], ["role_level.id"], name="fk_role_assignment_role_level_id_role_level"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role_assignment"),
    )
    op.create_index("ix_role_assignment_person_from", "role_assignment", ["person_id", "valid_from"])
    op.create_index("ix_role_assignment_role_level_id", "role_assignment", ["role_level_id"])


def _create_title_rules_and_imports() -> None:
    op.create_table(
        "job_title_rule",
        _id(),
        _version(),
        sa.Column("title_key", sa.String, nullable=False),
        sa.Column("example", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("role_family", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("role_level", sa.String, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_title_rule"),
        sa.UniqueConstraint("title_key", name="uq_job_title_rule_title_key"),
    )
    op.create_table(
        "import_batch",
        _id(),
        _version(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("file_hash", sa.String, nullable=False),
        sa.Column("as_at", sa.Date),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("imported_at", _MOMENT, nullable=False),
        sa.Column("imported_by", sa.String, nullable=False),
        sa.Column("is_reverted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
        sa.UniqueConstraint("kind", "file_hash", "revision", name="uq_import_batch_kind_file_hash_revision"),
    )
    op.create_index("ix_import_batch_file_hash", "import_batch", ["file_hash"])


def _create_assessments() -> None:
    op.create_table(
        "assessment",
        _id(),
        _version(),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("assessed_by", sa.String, nullable=False),
        sa.Column("evidence", sa.String, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.Column("import_batch_id", sa.Integer),
        sa.ForeignKeyConstraint(
            ["import_batch_id"], ["import_batch.id"], name="fk_assessment_import_batch_id_import_batch"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_assessment_person_id_person"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_assessment_skill_id_skill"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
    )
    op.create_index("ix_assessment_import_batch_id", "assessment", ["import_batch_id"])
    op.create_index("ix_assessment_person_skill", "assessment", ["person_id", "skill_id"])
    op.create_table(
        "current_level",
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("assessment_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_current_level_person_id_person"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_current_level_skill_id_skill"),
        sa.PrimaryKeyConstraint("person_id", "skill_id", name="pk_current_level"),
        sqlite_with_rowid=False,
    )


def _create_courses() -> None:
    op.create_table(
        "course",
        _id(),
        _version(),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("delivery", sa.String, nullable=False),
        sa.Column("funding", sa.String, nullable=False),
        sa.Column("hours_hundredths", sa.Integer, nullable=False),
        sa.Column("duration_quarters", sa.Integer, nullable=False),
        sa.Column("cost_per_person_pence", sa.BigInteger, nullable=False),
        sa.Column("cost_per_cohort_pence", sa.BigInteger, nullable=False),
        sa.Column("min_group", sa.Integer),
        sa.Column("max_group", sa.Integer),
        sa.Column("places_per_quarter", sa.Integer),
        sa.Column("mentor_hours_hundredths", sa.Integer),
        sa.Column("max_mentees", sa.Integer),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("notes", sa.String, nullable=False),
        sa.Column("is_offered", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_course"),
        sa.UniqueConstraint("code", name="uq_course_code"),
    )
    op.create_table(
        "course_outcome",
        _id(),
        _version(),
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("from_level", sa.Integer, nullable=False),
        sa.Column("to_level", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_course_outcome_course_id_course"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_course_outcome_skill_id_skill"),
        sa.PrimaryKeyConstraint("id", name="pk_course_outcome"),
        sa.UniqueConstraint("course_id", "skill_id", name="uq_course_outcome_course_id_skill_id"),
    )
    op.create_index("ix_course_outcome_course_id", "course_outcome", ["course_id"])
    op.create_index("ix_course_outcome_skill_id", "course_outcome", ["skill_id"])


def _create_plans() -> None:
    op.create_table(
        "plan",
        _id(),
        _version(),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("made_at_revision", sa.Integer, nullable=False),
        sa.Column("agreed_at", _MOMENT),
        sa.Column("superseded_by_plan_id", sa.Integer),
        sa.ForeignKeyConstraint(
            ["superseded_by_plan_id"], ["plan.id"], name="fk_plan_superseded_by_plan_id_plan"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
    )
    op.create_table(
        "plan_line",
        _id(),
        _version(),
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("quarter", sa.Integer, nullable=False),
        sa.Column("hours_hundredths", sa.Integer, nullable=False),
        sa.Column("cost_pence", sa.BigInteger, nullable=False),
        sa.Column("funding", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("is_locked", sa.Boolean, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_plan_line_course_id_course"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_plan_line_person_id_person"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_line_plan_id_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_line"),
        sa.UniqueConstraint(
            "plan_id", "person_id", "course_id", name="uq_plan_line_plan_id_person_id_course_id"
        ),
    )
    op.create_index("ix_plan_line_course_id", "plan_line", ["course_id"])
    op.create_index("ix_plan_line_person_id", "plan_line", ["person_id"])


def _create_what_plans_leave_open() -> None:
    op.create_table(
        "plan_line_skill",
        sa.Column("plan_line_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("level_now", sa.Integer, nullable=False),
        sa.Column("level_after", sa.Integer, nullable=False),
        sa.Column("level_required", sa.Integer, nullable=False),
        sa.Column("steps_closed", sa.Integer, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_line_id"], ["plan_line.id"], name="fk_plan_line_skill_plan_line_id_plan_line"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_plan_line_skill_skill_id_skill"),
        sa.PrimaryKeyConstraint("plan_line_id", "skill_id", name="pk_plan_line_skill"),
    )
    op.create_table(
        "plan_unmet",
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("skill_id", sa.Integer, nullable=False),
        sa.Column("level_now", sa.Integer, nullable=False),
        sa.Column("level_after", sa.Integer, nullable=False),
        sa.Column("level_required", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_plan_unmet_person_id_person"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_unmet_plan_id_plan"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_plan_unmet_skill_id_skill"),
        sa.PrimaryKeyConstraint("plan_id", "person_id", "skill_id", name="pk_plan_unmet"),
    )
    op.create_index("ix_plan_unmet_plan", "plan_unmet", ["plan_id"])
