"""What the tests of the role matcher share: the bundled roles, one matcher, and titles to try."""

from __future__ import annotations

from functools import lru_cache

from app.analysis.role_match import RoleMatcher, RoleTarget, Suggestion, TitleQuery
from benchmarks.titles import official_targets


@lru_cache(maxsize=1)
def targets() -> tuple[RoleTarget, ...]:
    return tuple(official_targets())


@lru_cache(maxsize=1)
def matcher() -> RoleMatcher:
    return RoleMatcher(targets())


def first(title: str, grade: str = "", unit: str = "", profession: str = "") -> Suggestion:
    return matcher().suggest([TitleQuery(title, grade, unit, profession)])[0][0]


DIGITAL = {
    "Snr Dev": ("Software developer", "Senior developer"),
    "Software Engineer": ("Software developer", "Developer"),
    "SRE": ("Development operations (DevOps) engineer", "DevOps engineer"),
    "BA": ("Business analyst", "Business analyst"),
    "Devops Eng (Band B)": ("Development operations (DevOps) engineer", "DevOps engineer"),
    "HEO Data Analyst": ("Data analyst", "Data analyst"),
    "Scrum Master": ("Delivery manager", "Delivery manager"),
    "Infra Ops": ("Infrastructure operations engineer", "Infrastructure operations engineer"),
    "Sys Admin": ("Infrastructure operations engineer", "Infrastructure operations engineer"),
    "Lead UX Researcher": ("User researcher", "Lead user researcher"),
    "Principal Technical Architect - Borders": ("Technical architect", "Principal technical architect"),
    "Junior Front-end Developer": ("Frontend developer", "Junior frontend developer"),
    "Apprentice Software Engineer": ("Software developer", "Apprentice developer"),
    "2nd Line Support Analyst": ("Service desk manager", "Service desk analyst"),
    "Head of Product": ("Product manager", "Head of product"),
    "QAT Analyst": ("Quality assurance test analyst", "Quality assurance test analyst"),
    "Major Incident Manager": ("Incident manager", "Major incident manager"),
    "CTO": ("Chief technology officer", "Chief technology officer"),
    "4571 - Data Engineer (Ref: 98213) - Leeds": ("Data engineer", "Data engineer"),
    "Senior Infrastucture Enginer": ("Infrastructure engineer", "Senior infrastructure engineer"),
}
"""Titles with the role and level they mean, in the words of departments."""

NOT_DIGITAL = (
    "Work Coach", "Policy Adviser", "Caseworker", "Statistician", "Private Secretary", "Project Manager",
    "Prison Officer", "Senior Economist", "Senior Lawyer", "Finance Business Partner", "HR Adviser",
    "Estates Manager", "Band 5 Nurse", "Digital Policy Adviser", "Operational Delivery Manager",
    "Head of Internal Communications", "Executive Assistant to the Chief Digital Officer", "Data Entry Clerk",
    "Physical Security Manager", "Executive Officer", "Grade 7", "",
)  # fmt: skip
