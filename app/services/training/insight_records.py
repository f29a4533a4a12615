"""What is said of a plan: why its lines are in it, what its open needs would take, more or less money, as records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from app.terms import FinancialQuarter, level_word

CLOSES = "Closes"
"""The heading over what a line closes."""


@dataclass(frozen=True, slots=True)
class CourseStart:
    """One course in one quarter, as a part of a way; ``code`` and ``title`` of the catalogue."""

    code: str
    title: str
    quarter: FinancialQuarter

    def words(self) -> str:
        """``Data modelling basics in 2026-27 Q3``."""
        return f"{self.title} in {self.quarter.label}"


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another use of the money: whose, which courses, weighted steps and pounds. ``lacks`` stand in its way."""

    person_id: int
    staff_id: str
    name: str
    courses: tuple[CourseStart, ...]
    steps: Decimal
    cost_gbp: Decimal
    lacks: tuple[str, ...] = ()

    def words(self) -> str:
        """Its courses, one after the other."""
        return ", then ".join(course.words() for course in self.courses)


@dataclass(frozen=True, slots=True)
class GapClosed:
    """One gap that a line closes: a skill from one level to another; ``weight`` of each step."""

    skill: str
    level_now: int
    level_after: int
    level_required: int
    steps: int
    weight: Decimal


@dataclass(frozen=True, slots=True)
class LineExplained:
    """Why one line is in the plan and what would drop it.

    ``steps`` are weighted; ``loss`` is what the person closes less without the line. ``drops_below_gbp``: the plan
    drops it once a weighted step costs less than this. ``drops_below_share``: below this share of its needs' weights
    it goes for certain. ``price_now_gbp``: what a weighted step costs at the dearest line of the same pot. Each of
    them is None where nothing of the kind was found; ``is_proven``: the plan is known to be the best.
    """

    person_id: int
    staff_id: str
    name: str
    course: CourseStart
    funding: str
    is_locked: bool
    gaps: tuple[GapClosed, ...]
    steps: Decimal
    loss: Decimal
    cost_gbp: Decimal
    per_step_gbp: Decimal | None
    runner_up: OtherWay | None
    next_use: OtherWay | None
    saving_gbp: Decimal | None
    drops_below_gbp: Decimal | None
    drops_below_share: Decimal | None
    price_now_gbp: Decimal | None
    is_proven: bool

    def sentences(self, *, hides_names: bool = False) -> tuple[tuple[str, str], ...]:
        """What and why in words: (heading, sentence) in the order of a reader's questions."""
        parts = [
            (CLOSES, self._closes()),
            ("Cost of a step", self._price()),
            ("Why not another course", self._runner_up()),
            ("Why not somebody else", self._next_use(hides_names)),
            ("Drops out when", self._drops()),
        ]
        return tuple((heading, words) for heading, words in parts if words)

    def _closes(self) -> str:
        if not self.gaps:
            return "No step. It is here because it was locked."
        return "; ".join(
            f"{gap.skill} from {level_word(gap.level_now)} to {level_word(gap.level_after)}"
            + (
                ", as required"
                if gap.level_after >= gap.level_required
                else f" ({level_word(gap.level_required)} is required)"
            )
            + (f", weight {number(gap.weight)} a step" if gap.weight != 1 else "")
            for gap in self.gaps
        )

    def _price(self) -> str:
        if not self.gaps:
            return ""
        if self.per_step_gbp is None:
            return f"Free: it closes {steps_words(self.steps)} for nothing."
        words = f"{gbp(self.cost_gbp)} for {steps_words(self.steps)}: {gbp(self.per_step_gbp)} a step."
        if self.price_now_gbp is not None and self.price_now_gbp > self.per_step_gbp:
            words += f" The dearest step that the {self.funding} pays for costs {gbp(self.price_now_gbp)}."
        elif self.price_now_gbp is not None:
            words += f" No step that the {self.funding} pays for is dearer."
        return words

    def _runner_up(self) -> str:
        other = self.runner_up
        if other is None:
            return "No other course on offer closes any of these steps for this person." if self.gaps else ""
        beside = difference(other.cost_gbp - self.cost_gbp, other.steps - self.steps)
        words = f"The next best for the same steps is {other.words()}: {beside}."
        if other.lacks:
            return f"{words} It cannot be had as things stand: {'; '.join(other.lacks)}."
        if other.cost_gbp < self.cost_gbp and other.steps >= self.steps:
            return f"{words} The search stopped before it could weigh this." if not self.is_proven else words
        return words

    def _next_use(self, hides_names: bool) -> str:
        if not self.gaps:
            return ""
        if self.saving_gbp is None:
            return "Its group would be too small without it."
        share = (
            " Leaving it out saves nothing: its share of the group's price would fall on the others."
            if self.cost_gbp > 0 >= self.saving_gbp
            else ""
        )
        other = self.next_use
        if other is None:
            return f"Without this line, its money and place would close no step of anybody else.{share}"
        who = f"staff {other.staff_id}" if hides_names else f"{other.name}, {other.staff_id}"
        return (
            f"Without this line the best that its money and place could do for others is {steps_words(other.steps)}, "
            f"for {who}: {other.words()}, {gbp(other.cost_gbp)}.{share}"
        )

    def _drops(self) -> str:
        if self.is_locked:
            return "It is unlocked: until then it stays whatever else changes."
        causes = [f"{gap.skill} is rated {level_word(gap.level_required)}" for gap in self.gaps]
        parts = [" and ".join(causes)] if causes else []
        if self.drops_below_gbp is not None:
            parts.append(f"a step elsewhere can be had for less than {gbp(self.drops_below_gbp)}")
        if self.drops_below_share is not None and len(self.gaps) == 1:
            weight = self.gaps[0].weight * self.drops_below_share
            parts.append(f"the weight of {self.gaps[0].skill} for this person falls below {number(weight)}")
        elif self.drops_below_share is not None:
            parts.append(
                f"the weights of these skills for this person fall below {self.drops_below_share:.0%} of what they are"
            )
        return ", or ".join(parts) + "." if parts else ""


@dataclass(frozen=True, slots=True)
class NeedExplained:
    """Why a pair stays below what is required and what it would take to meet it.

    ``way`` are the cheapest courses for it alone (empty: none leads there), ``reaches`` the level they lead to.
    ``more_gbp`` is the money missing where money alone is missing; ``sooner`` how many other needs money would meet
    first, and ``taken_after_gbp`` about how much the budget must grow until the plan takes this one.
    """

    person_id: int
    staff_id: str
    name: str
    skill: str
    level_after: int
    level_required: int
    reason: str
    way: tuple[CourseStart, ...]
    reaches: int
    cost_gbp: Decimal | None
    per_step_gbp: Decimal | None
    lacks: tuple[str, ...]
    more_gbp: Decimal | None
    sooner: int | None
    taken_after_gbp: Decimal | None

    def sentences(self) -> tuple[tuple[str, str], ...]:
        """(heading, sentence) in the order of a reader's questions."""
        parts = [("Stays open because", f"{self.reason[:1].upper()}{self.reason[1:]}.")]
        if not self.way:
            ask = f"A course from {level_word(self.level_after)} upwards in {self.skill} would be needed."
            return (*parts, ("What it would take", ask))
        ways = ", then ".join(course.words() for course in self.way)
        cost = "free" if not self.cost_gbp else f"{gbp(self.cost_gbp)}, {gbp(self.per_step_gbp)} a step"
        part_way = (
            ""
            if self.reaches >= self.level_required
            else f" It leads to {level_word(self.reaches)} only, and no further course is on offer."
        )
        parts.append(("Cheapest way, for this alone", f"{ways}: {cost}.{part_way}"))
        lacks = "; ".join(self.lacks) or "No limit stands in its way any more"
        parts.append(("What is missing", f"{lacks[:1].upper()}{lacks[1:]}."))
        if self.taken_after_gbp is not None:
            parts.append(("When a larger budget takes it", self._queue()))
        return tuple(parts)

    def _queue(self) -> str:
        assert self.taken_after_gbp is not None
        if not self.sooner:
            return f"No other open need closes a step for less: about {gbp(self.taken_after_gbp)} more is enough."
        needs = "1 other need closes" if self.sooner == 1 else f"{self.sooner:,} other needs close"
        return f"{needs} a step for less, so about {gbp(self.taken_after_gbp)} more money goes in before it is taken."


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One point of the frontier. ``steps`` and ``bound`` are weighted steps; ``next_step_gbp`` is what a further
    weighted step costs on the way from the point before (None at the first, or where nothing is gained)."""

    budget_gbp: Decimal
    steps: Decimal
    bound: float
    gap_pct: float | None
    steps_closed: int
    cost_gbp: Decimal
    spent_gbp: Decimal
    next_step_gbp: Decimal | None
    is_current: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class FrontierView:
    """Budget of one pot against steps closed, with proven limits. ``is_changed``: the data moved since the plan."""

    plan_id: int
    title: str
    pot: str
    rows: tuple[FrontierRow, ...]
    steps_open: Decimal
    is_changed: bool

    @property
    def current(self) -> FrontierRow:
        """The row of the plan's own budget."""
        return next(row for row in self.rows if row.is_current)

    def finding(self) -> str:
        """What the curve says, in one sentence."""
        own = self.current
        after = [row for row in self.rows if row.budget_gbp > own.budget_gbp]
        if not own.is_possible:
            return "No plan keeps its locked lines and targets with this budget."
        more = next((row for row in after if row.steps > own.steps), None)
        if more is None:
            return f"More money than {gbp(own.budget_gbp)} closes no further step here."
        extra, gained = more.budget_gbp - own.budget_gbp, more.steps - own.steps
        return f"{gbp(extra)} more would close {steps_words(gained)} more, about £{extra / gained:,.0f} each."


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One person and skill that get less under a cut: levels with the plan and under the cut, steps lost, and why.

    ``courses`` are the lines dropped that raised the skill; ``weight`` the priority weight of a step.
    """

    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    skill: str
    weight: Decimal
    level_before: int
    level_after: int
    level_required: int
    steps_lost: int
    courses: str


@dataclass(frozen=True, slots=True)
class SlipGroup:
    """What slips in one department, skill or weight."""

    label: str
    people: int
    steps_lost: int


@dataclass(frozen=True, slots=True)
class SlipsView:
    """What slips when one pot is cut by ``cut_pct`` per cent: figures before and after, rows, people who gain.

    Steps are weighted. ``rows`` come in order of weight, then steps lost. ``gained`` counts steps that others get
    instead (from courses that cost less). ``clashes`` says why no plan is possible, and is empty otherwise.
    """

    plan_id: int
    title: str
    pot: str
    cut_pct: Decimal
    budget_before_gbp: Decimal
    budget_after_gbp: Decimal
    steps_before: Decimal
    steps_after: Decimal
    bound_after: Decimal
    cost_after_gbp: Decimal
    lines_dropped: int
    lines_added: int
    people_losing: int
    gained: int
    rows: tuple[SlipRow, ...]
    clashes: tuple[str, ...]
    is_changed: bool

    @property
    def steps_lost(self) -> int:
        """Unweighted steps lost, before what others gain."""
        return sum(row.steps_lost for row in self.rows)

    def groups(self, by: str) -> tuple[SlipGroup, ...]:
        """What slips by ``department``, ``skill`` or ``priority`` (the weight of a step), most steps first."""
        keys: dict[str, Callable[[SlipRow], str]] = {
            "department": lambda row: row.department or "No department any more",
            "skill": lambda row: row.skill,
            "priority": lambda row: f"Weight {number(row.weight)}",
        }
        key = keys[by]
        people: dict[str, set[int]] = {}
        steps: dict[str, int] = {}
        for row in self.rows:
            people.setdefault(key(row), set()).add(row.person_id)
            steps[key(row)] = steps.get(key(row), 0) + row.steps_lost
        found = [SlipGroup(label, len(people[label]), steps[label]) for label in people]
        return tuple(sorted(found, key=lambda one: (-one.steps_lost, one.label.casefold())))

    def finding(self) -> str:
        """What the cut costs, in one sentence."""
        head = f"{number(self.cut_pct)} % less {self.pot} ({gbp(self.budget_before_gbp - self.budget_after_gbp)})"
        if self.clashes:
            return f"With {head} no plan is possible: {'; '.join(self.clashes)}."
        if not self.rows:
            return f"With {head} nothing slips."
        who = "1 person loses" if self.people_losing == 1 else f"{self.people_losing:,} people lose"
        lost = "1 step" if self.steps_lost == 1 else f"{self.steps_lost:,} steps"
        instead = f"; others gain {self.gained:,}" if self.gained else ""
        return f"With {head} {who} {lost}{instead}. {self.lines_dropped:,} courses drop out."


def gbp(amount: Decimal | None) -> str:
    """Pounds as a sentence says them: whole ones without pence."""
    if amount is None:
        return ""
    exact = amount.quantize(Decimal("0.01"))
    return f"£{exact:,.0f}" if exact == exact.to_integral_value() else f"£{exact:,.2f}"


def number(value: Decimal) -> str:
    """A figure without needless noughts, to two places at most."""
    return f"{value.quantize(Decimal('0.01')):,f}".rstrip("0").rstrip(".") or "0"


def steps_words(value: Decimal) -> str:
    """``1 step``, ``2.5 steps``; weighted ones are said to be so where they are no whole number."""
    return (
        "1 step" if value == 1 else f"{number(value)} {'steps' if value == int(value) else 'weighted steps'}"
    )


def difference(cost: Decimal, steps: Decimal) -> str:
    """How another way compares: dearer or cheaper, more steps or fewer."""
    money = f"{gbp(abs(cost))} {'dearer' if cost > 0 else 'cheaper'}" if cost else "the same money"
    if not steps:
        same = "the same steps" if cost else "the same steps, so it is a tie"
        return f"{money}, {same}"
    return f"{money}, {steps_words(abs(steps))} {'more' if steps > 0 else 'fewer'}"
