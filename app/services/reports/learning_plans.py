"""Personal learning plans: what a plan gives one person, sorted into on the job, from others and formal (70:20:10).

Beside what is planned stand suggestions, marked as such: practice after a course, and people near who could help.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.charts.learning_plan import LearningPage, LearningRow, LearningSection
from app.files.report import AboutLine, Cell, Column, Report, Sheet
from app.services.gaps import PairLine
from app.services.mentors import MentorLine
from app.services.training.grouping import EnrolmentView, reason_kind
from app.services.training.records import PlanLineView, UnmetView
from app.terms import Delivery, LineStatus, level_word

_MOST_SUGGESTED = 4


class Kind(StrEnum):
    """The three kinds of learning, in the order of 70:20:10."""

    ON_THE_JOB = "On the job"
    FROM_OTHERS = "From others"
    FORMAL = "Formal"


_KINDS = {Delivery.ON_THE_JOB.value: Kind.ON_THE_JOB, Delivery.MENTORING.value: Kind.FROM_OTHERS}
_EMPTY = {
    Kind.ON_THE_JOB: "Nothing is planned on the job; agree a piece of work to practise on.",
    Kind.FROM_OTHERS: "Nobody near is known to hold these skills well enough to pass them on.",
    Kind.FORMAL: "No course is planned.",
}
_OVER = frozenset({LineStatus.WITHDRAWN.value, LineStatus.DID_NOT_ATTEND.value})


@dataclass(frozen=True, slots=True)
class LearningItem:
    """One thing to do. ``hours`` is None where nothing is booked: a suggestion, to be agreed."""

    kind: Kind
    what: str
    raises: str
    why: str
    when: str
    hours: Decimal | None

    @property
    def is_planned(self) -> bool:
        """Whether the plan holds it."""
        return self.hours is not None


@dataclass(frozen=True, slots=True)
class LearningPlan:
    """One person's plan. ``stays_open`` are (skill, levels, why); ``skills`` how many skills are raised."""

    staff_id: str
    name: str
    unit: str
    role_level: str
    plan: str
    items: tuple[LearningItem, ...]
    stays_open: tuple[tuple[str, str, str], ...]
    skills: int
    steps: int

    @property
    def hours(self) -> Decimal:
        """Hours planned."""
        return sum((item.hours or Decimal(0) for item in self.items), Decimal(0))


MentorsNear = Mapping[tuple[str, str, int], MentorLine]
"""Who is near, by unit, skill and required level."""


def mentors_near(lines: Sequence[MentorLine]) -> MentorsNear:
    """Mentors by whom they could help."""
    return {(line.unit, line.skill, line.required): line for line in lines if line.mentors}


def learning_plan(
    pairs: Sequence[PairLine],
    lines: Sequence[EnrolmentView],
    unmet: Sequence[UnmetView],
    near: MentorsNear,
    plan: str,
) -> LearningPlan:
    """The plan of the person whose pairs these are; ``lines`` and ``unmet`` are what a plan holds of that person."""
    person = pairs[0]
    going = sorted(
        (line for line in lines if line.status not in _OVER),
        key=lambda line: (int(line.quarter), line.course_code),
    )
    planned = [_planned(line) for line in going]
    short = [pair for pair in pairs if pair.gap]
    raised = {skill.skill for line in going for skill in line.skills}
    suggested = [*_practice(going), *_helpers(short, near)]
    items = sorted(
        [*planned, *suggested], key=lambda item: (list(Kind).index(item.kind), not item.is_planned)
    )
    if plan:
        still = [(need.skill, need.level_after, need.level_required, need.reason) for need in unmet]
    else:
        still = [(pair.skill, pair.held, pair.required, "not in a plan yet") for pair in short]
    open_still = tuple(
        (skill, f"{level_word(level)}, {level_word(needed)} needed", why)
        for skill, level, needed, why in still
    )
    return LearningPlan(
        person.staff_id,
        person.name,
        person.unit,
        person.role_level,
        plan,
        tuple(items),
        open_still,
        len(raised),
        sum(line.steps_closed for line in going),
    )


def _planned(line: EnrolmentView) -> LearningItem:
    raises = "; ".join(_raise_words(skill) for skill in line.skills)
    status = "" if line.status == LineStatus.PROPOSED.value else f" ({line.status})"
    steps = f"Closes {line.steps_closed} {'step' if line.steps_closed == 1 else 'steps'} your role asks for."
    why = steps if line.steps_closed else line.reason
    course = f"{line.course}{status}"
    return LearningItem(
        _KINDS.get(line.delivery, Kind.FORMAL), course, raises, why, line.quarter.label, line.hours
    )


def _raise_words(skill: PlanLineView) -> str:
    now, after, required = skill.level_now, skill.level_after, skill.level_required
    full = (
        "" if after is None or required is None or after >= required else f" ({level_word(required)} needed)"
    )
    return f"{skill.skill}: {level_word(now)} to {level_word(after)}{full}"


def _practice(lines: Sequence[EnrolmentView]) -> list[LearningItem]:
    """After each formal course: use what was learned in own work, in the quarter after."""
    found: dict[str, LearningItem] = {}
    for line in lines:
        if _KINDS.get(line.delivery, Kind.FORMAL) is not Kind.FORMAL:
            continue
        for skill in line.skills:
            found[skill.skill] = LearningItem(
                Kind.ON_THE_JOB,
                f"Use {skill.skill} in a piece of your own work",
                f"{skill.skill}: settles {level_word(skill.level_after)}",
                f"Suggested: after “{line.course}”. Agree the work with your manager.",
                f"from {(line.quarter + 1).label}",
                None,
            )
    return list(found.values())[:_MOST_SUGGESTED]


def _helpers(short: Sequence[PairLine], near: MentorsNear) -> list[LearningItem]:
    found: list[LearningItem] = []
    for pair in sorted(short, key=lambda pair: (-(pair.gap or 0), pair.skill)):
        line = near.get((pair.unit, pair.skill, pair.required))
        if line is None:
            continue
        names = " or ".join(
            f"{card.name or card.staff_id} ({level_word(card.level)})" for card in line.mentors[:2]
        )
        found.append(
            LearningItem(
                Kind.FROM_OTHERS,
                f"Ask {names} to show you",
                f"{pair.skill}: {level_word(pair.held)} now, {level_word(pair.required)} needed",
                f"Suggested: {line.near}.",
                "",
                None,
            )
        )
    return found[:_MOST_SUGGESTED]


def _by_reason(one: LearningPlan) -> tuple[tuple[str, str], ...]:
    """What stays open in few lines: the skills that share a reason together."""
    found: dict[str, list[str]] = defaultdict(list)
    for skill, _levels, why in one.stays_open:
        found[reason_kind(why)].append(skill)
    return tuple(("; ".join(skills), f"{why[:1].upper()}{why[1:]}.") for why, skills in found.items())


def page_of(one: LearningPlan, marking: str, foot: str) -> LearningPage:
    """The page that is drawn."""
    sections = tuple(
        LearningSection(
            kind.value,
            tuple(
                LearningRow(
                    item.what,
                    item.raises,
                    item.why,
                    item.when,
                    f"{item.hours.normalize():f}" if item.hours is not None else "to agree",
                    item.is_planned,
                )
                for item in one.items
                if item.kind is kind
            ),
            float(sum((item.hours or Decimal(0) for item in one.items if item.kind is kind), Decimal(0))),
            _EMPTY[kind],
        )
        for kind in Kind
    )
    parts = [f"Staff id {one.staff_id}", one.role_level, one.unit, one.plan]
    return LearningPage(
        f"Learning plan: {one.name or one.staff_id}",
        " · ".join(part for part in parts if part),
        answer_of(one),
        marking,
        sections,
        _by_reason(one),
        foot,
    )


def answer_of(one: LearningPlan) -> str:
    """The plan in one sentence."""
    planned = [item for item in one.items if item.is_planned]
    if not planned:
        return (
            f"Nothing is planned yet; {_counted(len(one.stays_open), 'skill')} below what the role asks for."
        )
    still = len(one.stays_open)
    left = f"{still or 'no'} assessed skills stay open" if still != 1 else "1 assessed skill stays open"
    hours = f"{one.hours.normalize():f}"
    return (
        f"{_counted(len(planned), 'step of learning', 'steps of learning')} in {hours} hours raise "
        f"{_counted(one.skills, 'skill')} by {_counted(one.steps, 'level')}; {left}."
    )


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def learning_report(
    plans: Sequence[LearningPlan], title: str, about: Sequence[AboutLine], made_at: datetime
) -> Report:
    """The same plans as a workbook: every item a row, and what stays open."""
    return Report(
        title=title,
        sheets=(_items_sheet(plans, title), _still_sheet(plans)),
        made_at=made_at,
        about=tuple(about),
        reading=(
            "On the job, from others, formal: learning sorted after 70 : 20 : 10.",
            "Suggested lines are not in the plan; agree them between learner and manager.",
            "Named output: it shows people. Share it only with the person and those who manage them.",
        ),
    )


def _items_sheet(plans: Sequence[LearningPlan], title: str) -> Sheet:
    columns = (
        Column("staff_id", "Staff id", width=11),
        Column("name", "Name", width=20, wrap=True),
        Column("role_level", "Role level", width=22, wrap=True),
        Column("kind", "Kind of learning", width=15),
        Column("what", "What", width=36, wrap=True),
        Column("raises", "What it raises", width=36, wrap=True),
        Column("when", "When", width=15),
        Column("hours", "Hours", "decimal", width=10, places=1, total="sum"),
        Column("why", "Why", width=40, wrap=True),
        Column("planned", "Planned", width=12),
    )
    rows = [
        (
            one.staff_id, one.name or None, one.role_level, item.kind.value, item.what, item.raises or None,
            item.when or None, Cell("to agree", look="quiet") if item.hours is None else item.hours, item.why,
            "planned" if item.is_planned else "suggested",
        )
        for one in plans
        for item in one.items
    ]  # fmt: skip
    return Sheet(
        "Learning plans", columns, rows, title=title, table_name="LearningPlans", freeze_columns=2,
        empty_text="Nothing is planned and nothing suggested.",
    )  # fmt: skip


def _still_sheet(plans: Sequence[LearningPlan]) -> Sheet:
    still = [
        (one.staff_id, one.name or None, skill, levels, why)
        for one in plans
        for skill, levels, why in one.stays_open
    ]
    columns = (
        Column("staff_id", "Staff id", width=11),
        Column("name", "Name", width=22, wrap=True),
        Column("skill", "Skill", width=30, wrap=True),
        Column("levels", "Level after the plan", width=34, wrap=True),
        Column("why", "Why it stays open", width=60, wrap=True),
    )
    return Sheet(
        "Still open", columns, still, title="What stays open, and why", table_name="StillOpen",
        empty_text="Nothing that is assessed stays open.", freeze_columns=2,
    )  # fmt: skip


def by_person(lines: Sequence[EnrolmentView]) -> dict[int, list[EnrolmentView]]:
    """Lines of a plan by person id."""
    found: dict[int, list[EnrolmentView]] = defaultdict(list)
    for line in lines:
        found[line.person_id].append(line)
    return found
