"""The training plan of PRODUCT, "The training plan, exactly": problem in, plan with bound and reasons out."""

from app.analysis.training_plan.check import check_plan
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
from app.analysis.training_plan.solve import solve

__all__ = [
    "NOT_BEFORE_LEAVING",
    "NO_LIMIT",
    "Credit",
    "Enrolment",
    "Forbidden",
    "Learners",
    "MoneyLimit",
    "Needs",
    "Offers",
    "Outcomes",
    "PlanLine",
    "PlanProblem",
    "PlanResult",
    "PlanState",
    "SolveSettings",
    "Stage",
    "UnmetNeed",
    "UnmetReason",
    "check_plan",
    "last_whole_quarter",
    "solve",
]
