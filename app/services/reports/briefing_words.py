"""The briefing of a department in words: every sentence and figure of the page, hidden ones as [c]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.analysis.disclosure import FEWEST_SHOWN, SUPPRESSED
from app.analysis.trend import Part
from app.charts.briefing import (
    MOST_INTERVALS,
    MOST_SHORTAGES,
    BriefingPage,
    Headline,
    IntervalLine,
    Passage,
    ShortageLine,
)
from app.services.comparison import ComparisonLine
from app.services.disclosed import FewHolders
from app.services.gap_views import Shortage, shortages
from app.services.resilience import SinglePoint
from app.services.scope import PATH_MARK
from app.services.trends import PART_WORDS, TrendLine
from app.services.unit_figures import UnitFigures

NO_FIGURE = "–"
NO_FIGURES = "There are no figures from that day to compare with."
UNIT_CHANGES = "The changes of a unit are shown in its named briefing only."
LOW_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class ChangeFound:
    """What changed since a day, or in ``note`` why there is no line; ``mask`` flags what is hidden, day to day."""

    since: date
    line: TrendLine | None
    mask: tuple[bool, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanFound:
    """What the newest agreed plan does for the unit; ``is_hidden`` where few people are behind it."""

    title: str
    people: int
    steps: int
    pairs: int
    hours: Decimal
    cost_gbp: Decimal
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class RatingsFound:
    """How the ratings that count came about: how many, how many are a year old or older, by whom, and the newest."""

    ratings: int
    old: int
    by_self: int
    newest: date | None
    people_as_at: date | None


@dataclass(frozen=True, slots=True)
class BriefingFacts:
    """Everything a briefing is written from."""

    figures: UnitFigures
    change: ChangeFound
    holders: FewHolders | None
    points: tuple[SinglePoint, ...]
    plan: PlanFound | None
    ratings: RatingsFound
    framework: str
    workspace: str
    program: str
    marking: str
    made_on: date
    is_named: bool


def briefing_page(facts: BriefingFacts) -> BriefingPage:
    """The page of one department."""
    figures = facts.figures
    found = _shortages(figures)
    return BriefingPage(
        marking=facts.marking,
        kicker=f"Digital skills briefing · as at {day_words(figures.heatmap.day)}"
        + (" · named: for those who manage this unit" if facts.is_named else ""),
        department=figures.unit.path,
        title=_title(figures, found),
        headlines=_headlines(figures),
        comparison=_comparison_words(figures),
        intervals=_intervals(figures),
        shortage=_shortage_words(figures, found),
        shortages=tuple(_shortage_line(one) for one in found[:MOST_SHORTAGES]),
        passages=(_change(facts), _points(facts), _training(facts)),
        sure=Passage("How sure we are", _sure(facts)),
        source=_source(facts),
    )


def share_words(value: float) -> str:
    """A share as "71 %"; only none is 0 % and only all is 100 %."""
    rounded = Decimal(str(value * 100)).quantize(Decimal(1), ROUND_HALF_UP)
    if rounded == 0 and value > 0:
        return "under 1 %"
    return "over 99 %" if rounded == 100 and value < 1 else f"{rounded} %"


def day_words(day: date) -> str:
    """ "23 November 2026"; strftime has no way without a leading nought that Windows shares."""
    return f"{day.day} {day:%B %Y}"


def _name(figures: UnitFigures) -> str:
    return figures.unit.name


def _count(number: int, is_hidden: bool) -> str:
    return SUPPRESSED if is_hidden else f"{number:,}"


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _shortages(figures: UnitFigures) -> tuple[Shortage, ...]:
    every = shortages(figures.heatmap, len(figures.heatmap.skills), figures.group.key)
    return tuple(one for one in every if one.skill not in figures.hidden_skills)


def _title(figures: UnitFigures, found: Sequence[Shortage]) -> str:
    group, name = figures.group, _name(figures)
    if not group.people:
        return f"Nobody is in {name} on this day"
    if figures.is_row_hidden:
        return f"{name}: no figures can be shown without giving somebody away"
    if not group.required:
        return f"Nobody in {name} has a role with required skills yet"
    if group.readiness is None:
        return f"Nobody in {name} is assessed yet, so nobody can say where it is short"
    if group.meeting == group.assessed:
        return f"{name} meets every requirement that was assessed"
    met = f"{share_words(group.readiness)} of assessed requirements are met"
    return f"{met}; {found[0].skill} is the largest shortage" if found else met


def _headlines(figures: UnitFigures) -> tuple[Headline, ...]:
    group, is_hidden = figures.group, figures.is_row_hidden
    met = NO_FIGURE if group.readiness is None else share_words(group.readiness)
    covered = NO_FIGURE if group.coverage is None else share_words(group.coverage)
    pairs = f"of requirements met: {group.meeting:,} of {group.assessed:,} assessed"
    asked = f"assessed: {group.assessed:,} of {group.required:,} requirements"
    if is_hidden:
        met = covered = SUPPRESSED
        pairs, asked = "of requirements met, of those assessed", "of requirements assessed"
    elif group.readiness is None:
        pairs = "Requirements met: nobody is assessed yet" if group.required else "Nothing is required yet"
    unmapped = _count(group.unmapped, "unmapped" in figures.hidden_counts)
    ready = _count(group.fully_ready, "fully_ready" in figures.hidden_counts)
    people = _count(group.people, "people" in figures.hidden_counts)
    shown = (
        Headline(met, pairs),
        Headline(covered, asked),
        Headline(people, f"people, {unmapped} of them without a role yet"),
        Headline(ready, "people fully ready: every required skill assessed and met"),
    )
    # a sum of levels over a hidden skill is not shown either, as in the gap workbook
    if figures.hidden_skills or is_hidden:
        return shown
    return (*shown, Headline(f"{figures.levels_short:,}", "levels to close, over all people and skills"))


def _comparison_words(figures: UnitFigures) -> Passage:
    if figures.unit.parent_id is None:
        word = "Against other departments"
    else:
        word = f"Against the other units of {figures.unit.path.rsplit(PATH_MARK, 1)[0]}"
    if len(figures.comparison.lines) < 2:
        return Passage("Readiness", ("There is nothing to compare with.",))
    own = next((line for line in figures.comparison.lines if line.group == figures.unit.path), None)
    words = f"Requirements met of those assessed. The line is a {figures.comparison.confidence * 100:.0f} % interval"
    if own is None or own.group in figures.hidden_labels or not own.rank_words:
        return Passage(word, (f"{words}.",))
    ranked = sum(line.best_rank is not None for line in figures.comparison.lines)
    return Passage(word, (f"{words}; by it the place is {own.rank_words} of {ranked}.",))


def _intervals(figures: UnitFigures) -> tuple[IntervalLine, ...]:
    """The unit and those nearest to it in order; hidden ones last, by name, as their place would say about them."""
    shown = [line for line in figures.comparison.lines if line.group not in figures.hidden_labels]
    held_back = sorted(
        (line for line in figures.comparison.lines if line.group in figures.hidden_labels),
        key=lambda line: line.group,
    )
    own_hidden = [line for line in held_back if line.group == figures.unit.path]
    room = MOST_INTERVALS - len(own_hidden)
    place = next((at for at, line in enumerate(shown) if line.group == figures.unit.path), 0)
    first = max(0, min(place - room // 2, len(shown) - room))
    lines = [_interval(figures, line, is_hidden=False) for line in shown[first : first + room]]
    rest = [line for line in held_back if line not in own_hidden][: room - len(lines)]
    return (*lines, *(_interval(figures, line, is_hidden=True) for line in (*own_hidden, *rest)))


def _interval(figures: UnitFigures, line: ComparisonLine, *, is_hidden: bool) -> IntervalLine:
    label, is_own = line.group.rsplit(PATH_MARK, 1)[-1], line.group == figures.unit.path
    if is_hidden:
        return IntervalLine(label, None, None, None, SUPPRESSED, is_own)
    if line.share is None:
        return IntervalLine(label, None, None, None, "not assessed", is_own)
    return IntervalLine(label, line.share, line.low, line.high, share_words(line.share), is_own)


def _shortage_words(figures: UnitFigures, found: Sequence[Shortage]) -> Passage:
    heading = "Largest shortages"
    hidden = len(figures.hidden_skills)
    left_out = ""
    if hidden:
        skills = "1 skill is" if hidden == 1 else f"{hidden} skills are"
        left_out = f"{skills} left out, because few people are behind the figures."
    if not found:
        if not figures.group.assessed and not figures.is_row_hidden:
            return Passage(heading, ("Nobody is assessed yet.",))
        nothing = "No shortage can be shown." if hidden else "Nobody assessed is short of anything."
        return Passage(heading, tuple(one for one in (nothing, left_out) if one))
    words = "Share of those assessed who are below what their role requires; most levels short first."
    return Passage(heading, (f"{words} {left_out}".strip(),))


def _shortage_line(one: Shortage) -> ShortageLine:
    said = f"{one.short:,} of {one.assessed:,} assessed, {one.levels_short:,} levels; coverage "
    return ShortageLine(one.skill, one.share_short or 0.0, said + share_words(one.coverage or 0.0))


def _change(facts: BriefingFacts) -> Passage:
    found = facts.change
    heading = f"Since {day_words(found.since)}"
    line = found.line
    if line is None:
        return Passage(heading, (found.note or NO_FIGURES,))
    if not line.before.required:
        return Passage(heading, (NO_FIGURES,))
    mask = found.mask or (False,) * (len(line.parts) + 2)
    if mask[0] or mask[-1]:
        return Passage(heading, (f"{SUPPRESSED}: few people are behind the change.",))
    before, after = line.before, line.after
    ready = (
        f"Requirements met went from {share_words(before.readiness)} to {share_words(after.readiness)}."
        if before.readiness is not None and after.readiness is not None
        else "Readiness cannot be compared: on one of the days nobody was assessed."
    )
    by = _signed(line.change.levels_short)
    levels = f"Levels short: {before.levels_short:,} then, {after.levels_short:,} now ({by})."
    parts = [
        (
            PART_WORDS[part].capitalize(),
            SUPPRESSED if mask[int(part) + 1] else _signed(line.part(part).levels_short),
        )
        for part in Part
        if mask[int(part) + 1] or line.part(part).levels_short
    ]
    return Passage(heading, (ready, levels), tuple(parts))


def _points(facts: BriefingFacts) -> Passage:
    heading = "If one or two people left"
    if facts.is_named:
        if not facts.points:
            return Passage(heading, ("No required skill rests on one or two people.",))
        sentences = [
            f"{one.skill}: only {' and '.join(who.name or who.staff_id for who in one.holders)} at practitioner or "
            f"above; {_people(one.people_requiring)} it."
            for one in facts.points[:3]
        ]
        return Passage(heading, tuple(sentences))
    held = facts.holders
    if held is None or held.people is None or held.skills_held_by_few is None:
        words = (
            "Too few people to say." if held is not None else "No required skill rests on one or two people."
        )
        return Passage(heading, (words,))
    few, required = held.skills_held_by_few, held.skills_required or 0
    if not few:
        return Passage(
            heading, (f"None of the {required} required skills rests on one or two people alone.",)
        )
    words = "1 required skill is" if few == 1 else f"{few} of {required} required skills are"
    return Passage(
        heading,
        (
            f"{words} held at practitioner or above by only one or two people.",
            "A named briefing says which, and by whom.",
        ),
    )


def _people(count: int) -> str:
    return "1 person's role needs" if count == 1 else f"the roles of {count:,} people need"


def _training(facts: BriefingFacts) -> Passage:
    heading, plan, group = "What training would buy", facts.plan, facts.figures.group
    if plan is None:
        return Passage(heading, ("No training plan is agreed yet.",))
    if not plan.people:
        return Passage(heading, (f"The agreed plan “{plan.title}” has no line here.",))
    if plan.is_hidden or facts.figures.is_row_hidden:
        return Passage(heading, (f"Agreed plan “{plan.title}”.",), (("People on courses", SUPPRESSED),))
    sentences = [f"Agreed plan “{plan.title}”."]
    is_told = group.assessed and (facts.is_named or not 0 < plan.pairs < FEWEST_SHOWN)
    if is_told:
        after = share_words((group.meeting + plan.pairs) / group.assessed)
        sentences.append(
            f"It would lift requirements met from {share_words(group.readiness or 0)} to {after}."
        )
    amounts = (
        ("People on courses", f"{plan.people:,}"),
        ("Steps closed", f"{plan.steps:,}"),
        ("Hours", f"{plan.hours:,.0f}"),
        ("Cost", f"£{plan.cost_gbp:,.0f}"),
    )
    return Passage(heading, tuple(sentences), amounts)


def _sure(facts: BriefingFacts) -> tuple[str, ...]:
    group, ratings, figures = facts.figures.group, facts.ratings, facts.figures
    if figures.is_row_hidden:
        return ("Figures on 1 to 4 people, and those that would give them away, are held back as [c].",)
    said: list[str] = []
    if group.coverage is None:
        said.append("Nobody has a role with required skills, so nothing can be assessed.")
    elif not group.assessed:
        said.append(f"None of the {group.required:,} requirements is assessed.")
    else:
        word = "Only " if group.coverage < LOW_COVERAGE else ""
        said.append(
            f"{word}{share_words(group.coverage)} of requirements are assessed; the rest may be met or not."
        )
    if ratings.ratings:
        said.append(
            f"{share_words(ratings.old / ratings.ratings)} of the ratings that count are a year old or older, and "
            f"{share_words(ratings.by_self / ratings.ratings)} are people's own."
        )
    if ratings.people_as_at is not None:
        said.append(f"People as at {day_words(ratings.people_as_at)}.")
    if group.unmapped:
        number = _count(group.unmapped, "unmapped" in figures.hidden_counts)
        said.append(f"Without a role, and so in no figure: {number}.")
    if not facts.is_named:
        said.append(f"{SUPPRESSED} stands for 1 to 4 people, or for what would give them away.")
    return tuple(said)


def _source(facts: BriefingFacts) -> str:
    heatmap = facts.figures.heatmap
    contractors = "contractors included" if heatmap.scope.with_contractors else "contractors left out"
    family = f"; {heatmap.scope.role_family} only" if heatmap.scope.role_family else ""
    return (
        f"Source: {facts.workspace}, revision {heatmap.revision}, as at {day_words(heatmap.day)}{family}; "
        f"{contractors}. Framework: {facts.framework or 'none'}. {facts.program}, made {day_words(facts.made_on)}."
    )
