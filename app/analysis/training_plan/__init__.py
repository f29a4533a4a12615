"""The training plan of PRODUCT, "The training plan, exactly": problem in, plan with bound and reasons out."""

from app.analysis.training_plan.check import check_plan
from app.analysis.training_plan.demands import (
    NO_MENTOR,
    NOT_A_LEARNER,
    FairShare,
    Mentors,
    Release,
    Reserve,
    Target,
)
from app.analysis.training_plan.fairness import fair_shares
from app.analysis.training_plan.problem import (
    NO_LIMIT,
    NOT_BEFORE_LEAVING,
    Enrolment,
    Forbidden,
    Learners,
    MoneyLimit,
    Needs,
    Offers,
    Outcomes,
    PlanProblem,
    SolveSettings,
    last_whole_quarter,
)
from app.analysis.training_plan.result import (
    Credit,
    PlanLine,
    PlanResult,
    PlanState,
    Stage,
    UnmetNeed,
    UnmetReason,
)
from app.analysis.training_plan.separate import with_separate_groups
from app.analysis.training_plan.solve import solve

__all__ = [
    "NOT_A_LEARNER",
    "NOT_BEFORE_LEAVING",
    "NO_LIMIT",
    "NO_MENTOR",
    "Credit",
    "Enrolment",
    "FairShare",
    "Forbidden",
    "Learners",
    "Mentors",
    "MoneyLimit",
    "Needs",
    "Offers",
    "Outcomes",
    "PlanLine",
    "PlanProblem",
    "PlanResult",
    "PlanState",
    "Release",
    "Reserve",
    "SolveSettings",
    "Stage",
    "Target",
    "UnmetNeed",
    "UnmetReason",
    "check_plan",
    "fair_shares",
    "last_whole_quarter",
    "solve",
    "with_separate_groups",
]
