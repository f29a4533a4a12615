"""Tables: they hold rows and constraints, and no behaviour. Never feed them user input unchecked."""

from app.models.admin import ActionEntry, AuditEntry, Revision, WorkspaceSetting
from app.models.assessment import Assessment, CurrentLevel
from app.models.framework import (
    FrameworkSkill,
    FrameworkVersion,
    Requirement,
    Role,
    RoleFamily,
    RoleLevel,
    Skill,
)
from app.models.packed import PackedLevels, PackedPeople
from app.models.people import ImportBatch, JobTitleRule, Person, PersonSpell, RoleAssignment, Unit
from app.models.posts import Post
from app.models.strategy import (
    Contract,
    ContractLine,
    DemandLine,
    LeadershipEvidence,
    MaturityRating,
    Priority,
    Programme,
    StrategyArea,
)
from app.models.training import (
    Course,
    CourseOutcome,
    Plan,
    PlanLine,
    PlanLineSkill,
    PlanUnmet,
    ProposedRating,
)
from app.models.workforce import EstablishedPost, Scenario

__all__ = [
    "ActionEntry",
    "Assessment",
    "AuditEntry",
    "Contract",
    "ContractLine",
    "Course",
    "CourseOutcome",
    "CurrentLevel",
    "DemandLine",
    "EstablishedPost",
    "FrameworkSkill",
    "FrameworkVersion",
    "ImportBatch",
    "JobTitleRule",
    "LeadershipEvidence",
    "MaturityRating",
    "PackedLevels",
    "PackedPeople",
    "Person",
    "PersonSpell",
    "Plan",
    "PlanLine",
    "PlanLineSkill",
    "PlanUnmet",
    "Post",
    "Priority",
    "Programme",
    "ProposedRating",
    "Requirement",
    "Revision",
    "Role",
    "RoleAssignment",
    "RoleFamily",
    "RoleLevel",
    "Scenario",
    "Skill",
    "StrategyArea",
    "Unit",
    "WorkspaceSetting",
]
