"""What the organisation can do itself when a contract ends: who is there, what stays short, and ways to close it.

For a role level under a contract: civil servants of that level in its department today (everywhere, where it names
none) who are not known to leave before the end, less what others need of them in the first whole quarter after the end,
against what is retained. Costs are those of the first year after the end. One person is counted for one role level of
a contract only, and for one contract: those that end first are served first, with people of departments that no other
contract names before others, by staff ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import ceil

import numpy as np

from app.analysis.contract_months import QuarterMonths, retained_fte
from app.analysis.disclosure import FEWEST_SHOWN, hidden_list, is_small
from app.db.database import Database
from app.errors import UsageError
from app.services.population import Ints, Population, PopulationCache
from app.services.scope import PATH_MARK, Scope
from app.services.strategy import ContractView, ExitLine, Strategy
from app.services.strategy.demand import retained_share
from app.services.workforce import Workforce
from app.services.workforce.closing_records import WORKING_DAYS_A_QUARTER, Candidate, ClosingLimits, Way
from app.services.workforce.nearest import Nearest, Shortfall, free_pool, level_ids, standing
from app.services.workforce.records import MOST_QUARTERS, Forecast
from app.terms import FinancialQuarter, name_key

DAYS_A_YEAR = 4 * WORKING_DAYS_A_QUARTER


@dataclass(frozen=True, slots=True)
class CoverOption:
    """One way to close what stays short of a role level; ``cost_gbp`` is the first year's.

    ``contractor_gbp`` is what as many FTE cost in that year at the day rate, to compare with.
    """

    way: Way
    people: int
    fte: Decimal
    ready: FinancialQuarter | None
    cost_gbp: Decimal
    contractor_gbp: Decimal

    @property
    def is_few(self) -> bool:
        """Whether it counts so few people that it must not be shown (PRODUCT, rule 6)."""
        return self.way in (Way.TRAIN, Way.REDEPLOY) and 0 < self.people < FEWEST_SHOWN


@dataclass(frozen=True, slots=True)
class CoverPerson:
    """Somebody who holds a role level under a contract today."""

    staff_id: str
    name: str
    unit: str
    grade: str
    fte: Decimal
    required: int
    assessed: int
    meeting: int


@dataclass(frozen=True, slots=True)
class CoverLine:
    """A role level under a contract, all its lines together; FTE in hundredths.

    ``others_need`` is what programmes need of it after the end and contracts that end before take. ``required``,
    ``assessed`` and ``meeting`` count pairs of person and skill. ``is_hidden``: few people, not to be shown with
    figures of them.
    """

    role: str
    role_level: str
    supplied: int
    retained: int
    is_assumed: bool
    day_rate_gbp: Decimal | None
    heads: int
    in_post: int
    others_need: int
    required: int
    assessed: int
    meeting: int
    options: tuple[CoverOption, ...]
    people: tuple[CoverPerson, ...]
    is_hidden: bool = False

    @property
    def free(self) -> int:
        """What is there and not needed by others."""
        return max(self.in_post - self.others_need, 0)

    @property
    def covered(self) -> int:
        """How much of what is retained is covered."""
        return min(self.free, self.retained)

    @property
    def short(self) -> int:
        """What is missing after the end."""
        return self.retained - self.covered

    @property
    def supplied_fte(self) -> Decimal:
        """FTE under the contract."""
        return Decimal(self.supplied) / 100

    @property
    def retained_fte(self) -> Decimal:
        """FTE that stay to be done."""
        return Decimal(self.retained) / 100

    @property
    def in_post_fte(self) -> Decimal:
        """FTE of the people in post."""
        return Decimal(self.in_post) / 100

    @property
    def others_fte(self) -> Decimal:
        """FTE that other work needs."""
        return Decimal(self.others_need) / 100

    @property
    def free_fte(self) -> Decimal:
        """FTE in post and not needed by others."""
        return Decimal(self.free) / 100

    @property
    def short_fte(self) -> Decimal:
        """FTE missing after the end."""
        return Decimal(self.short) / 100

    @property
    def coverage(self) -> float | None:
        """Assessed over required, None where nothing is required."""
        return self.assessed / self.required if self.required else None

    @property
    def readiness(self) -> float | None:
        """Met over assessed, None where nothing is assessed."""
        return self.meeting / self.assessed if self.assessed else None


@dataclass(frozen=True, slots=True)
class ContractCover:
    """A contract, its role levels, and its work by quarter from today's to the first whole one after the end."""

    contract: ContractView
    after: FinancialQuarter
    lines: tuple[CoverLine, ...]
    months: tuple[ExitLine, ...]
    limits: ClosingLimits
    day: date
    revision: int

    @property
    def name(self) -> str:
        """How the contract is called."""
        return contract_name(self.contract)

    def month_lines(self) -> tuple[tuple[ExitLine, QuarterMonths], ...]:
        """Every line and quarter."""
        return tuple((one, months) for one in self.months for months in one.quarters)


def contract_name(contract: ContractView) -> str:
    """Supplier and service, as a contract is asked for."""
    return f"{contract.supplier} / {contract.service}"


class ContractExits:
    """Internal cover of contracts that end."""

    def __init__(
        self,
        db: Database,
        population: PopulationCache,
        strategy: Strategy,
        workforce: Workforce,
        today: Callable[[], date],
    ) -> None:
        self._db, self._population, self._strategy = db, population, strategy
        self._workforce, self._today = workforce, today

    def cover(self, contract: str = "", limits: ClosingLimits | None = None) -> tuple[ContractCover, ...]:
        """Every contract, or the one of this name ("SUPPLIER / SERVICE"), those that end first first.

        Raises UsageError for a contract that is not there.
        """
        known = self._strategy.contracts()
        chosen = [one for one in known if not contract or name_key(contract_name(one)) == name_key(contract)]
        if contract and not chosen:
            names = "; ".join(contract_name(one) for one in known[:10]) or "none"
            raise UsageError(
                f"There is no contract “{contract}”.", f"Name it as SUPPLIER / SERVICE; there are: {names}."
            )
        found: list[ContractCover] = []
        taken: dict[int, int] = {}
        wanted = {one.contract_id for one in chosen}
        for one in known:
            if one.contract_id in wanted:
                found.append(self._cover(one, limits or ClosingLimits(), taken))
            if len(found) == len(chosen):
                break
            self._take(one, known, taken)
        return _with_hidden(found)

    def _after(self, contract: ContractView) -> FinancialQuarter:
        """The first whole quarter without the contract that is still to come."""
        return max(FinancialQuarter.next_whole(contract.ends_on), FinancialQuarter.next_whole(self._today()))

    def _inside(self, contract: ContractView, population: Population) -> Ints:
        """Rows of the civil servants with a role where the contract is, who are there after its end."""
        scope = _scope_of(contract)
        return np.flatnonzero(
            population.mask(replace(scope, with_contractors=False))
            & (population.role_level_id > 0)
            & (population.last_day > contract.ends_on.toordinal())
        )

    def _take(self, contract: ContractView, known: Sequence[ContractView], taken: dict[int, int]) -> None:
        """Book in ``taken``, hundredths of FTE by row of the population, the people a contract's work is covered by."""
        _, population = self._population.get(self._today())
        inside = self._inside(contract, population)
        others = self._others(_scope_of(contract), self._after(contract))
        named = {one.department for one in known if one.contract_id != contract.contract_id}
        ids = level_ids(population)
        for key, retained in _retained(contract).items():
            rows = inside[np.isin(population.role_level_id[inside], ids.get(key, []))].tolist()
            free = {row: int(population.fte_hundredths[row]) - taken.get(row, 0) for row in rows}
            left = min(max(sum(free.values()) - others.get(key, 0), 0), retained)
            top = {
                row: population.units[int(population.unit_id[row])].path.split(PATH_MARK)[0] for row in rows
            }
            for row in sorted(rows, key=lambda row: (top[row] in named, population.staff_id[row])):
                part = min(free[row], left)
                taken[row] = taken.get(row, 0) + part
                left -= part

    def _cover(
        self, contract: ContractView, limits: ClosingLimits, taken: Mapping[int, int]
    ) -> ContractCover:
        day, after = self._today(), self._after(contract)
        revision, population = self._population.get(day)
        inside = self._inside(contract, population)
        first = FinancialQuarter.of(day)
        months = tuple(
            one
            for one in self._strategy.exits(first, after)
            if one.contract.contract_id == contract.contract_id
        )
        count = min(max(int(after) - int(FinancialQuarter.next_whole(day)) + 1, 1), MOST_QUARTERS)
        forecast = self._workforce.forecast(Scope(), quarters=count)
        desk = _Desk(self, population, contract, inside, forecast, limits, taken)
        lines = desk.lines(self._others(_scope_of(contract), after))
        return ContractCover(contract, after, lines, months, limits, day, revision)

    def _others(self, scope: Scope, after: FinancialQuarter) -> dict[tuple[str, str], int]:
        """Hundredths of FTE by keys of role and level that programmes need in the quarter after the end."""
        found: dict[tuple[str, str], int] = {}
        for item in self._strategy.demand(scope, after, after).items:
            if item.source == "contract":
                continue  # those that end first are served first, see _take
            key = name_key(item.role), name_key(item.role_level)
            found[key] = found.get(key, 0) + item.fte_hundredths
        return found

    def near(self, population: Population, forecast: Forecast, limits: ClosingLimits, wanted: Sequence[Shortfall],
             outside: Sequence[Ints]) -> list[tuple[Candidate, ...]]:  # fmt: skip
        """Who is within reach of each, nobody of ``outside`` (person ids, counted already) and nobody twice."""
        never = date.max.toordinal()
        fits = population.mask(Scope(as_at=forecast.scope.as_at, with_contractors=False))
        people = np.flatnonzero(fits & (population.role_level_id > 0) & (population.last_day == never))
        taken: set[int] = set()
        found: list[tuple[Candidate, ...]] = []
        with self._db.read() as session:
            nearest = Nearest(session, population, free_pool(session, forecast, population, people), limits)
            taken |= {person for there in outside for person in there.tolist()}
            for one in wanted:
                near = [
                    person for person in nearest.candidates(one, forecast.first) if person.person_id not in taken
                ]  # fmt: skip
                kept = _enough(near, max(one.need))
                taken |= {person.person_id for person in kept}
                found.append(kept)
        return found

    def standing_of(self, population: Population, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Pairs required, assessed and met of each of these people against their own role level."""
        with self._db.read() as session:
            return standing(session, population, rows)


def _enough(near: Sequence[Candidate], need: int) -> tuple[Candidate, ...]:
    """The cheapest people until so many hundredths of FTE are there."""
    kept: list[Candidate] = []
    have = 0
    for one in sorted(near, key=lambda person: (person.cost_gbp, person.steps, person.staff_id)):
        if have < need:
            kept.append(one)
            have += int(one.fte * 100)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One contract being worked out."""

    service: ContractExits
    population: Population
    contract: ContractView
    inside: Ints
    forecast: Forecast
    limits: ClosingLimits
    taken: Mapping[int, int]

    def lines(self, others: dict[tuple[str, str], int]) -> tuple[CoverLine, ...]:
        """Its role levels, in the order of its lines."""
        ids = level_ids(self.population)
        keys = list(
            dict.fromkeys((name_key(one.role), name_key(one.role_level)) for one in self.contract.lines)
        )
        rows = [self._rows(ids.get(key, [])) for key in keys]
        gone = [sum(self.taken.get(row, 0) for row in part.tolist()) for part in rows]
        bare = [
            self._bare(key, ids.get(key, []), others.get(key, 0) + away)
            for key, away in zip(keys, gone, strict=True)
        ]
        wanted = [
            Shortfall(
                self.contract.department, "", one.role, one.role_level, (one.short,), tuple(ids.get(key, ()))
            )
            for key, one in zip(keys, bare, strict=True)
        ]
        near = self.service.near(
            self.population,
            self.forecast,
            self.limits,
            wanted,
            [self.population.person_id[part] for part in rows],
        )
        return tuple(
            replace(one, options=self._options(one, people)) for one, people in zip(bare, near, strict=True)
        )

    def _rows(self, ids: Sequence[int]) -> Ints:
        levels = self.population.role_level_id[self.inside]
        return self.inside[np.isin(levels, np.array(ids, dtype=np.int64))]

    def _bare(self, key: tuple[str, str], ids: Sequence[int], others: int) -> CoverLine:
        mine = [one for one in self.contract.lines if (name_key(one.role), name_key(one.role_level)) == key]
        rows, population = self._rows(ids), self.population
        required, assessed, meeting = self.service.standing_of(population, rows)
        people = [
            CoverPerson(
                str(population.staff_id[row]), str(population.name[row]),
                population.units[int(population.unit_id[row])].path,
                population.grade[row], Decimal(int(population.fte_hundredths[row])) / 100,
                int(required[at]), int(assessed[at]), int(meeting[at]),
            )
            for at, row in enumerate(rows.tolist())
        ]  # fmt: skip
        return CoverLine(
            role=mine[0].role,
            role_level=mine[0].role_level,
            supplied=sum(one.fte_hundredths for one in mine),
            retained=sum(retained_fte(one.fte_hundredths, retained_share(one)) for one in mine),
            is_assumed=any(one.retained_hundredths is None for one in mine),
            day_rate_gbp=_day_rate([(one.fte_hundredths, one.day_rate_pence) for one in mine]),
            heads=len(rows),
            in_post=int(population.fte_hundredths[rows].sum()),
            others_need=others,
            required=int(required.sum()),
            assessed=int(assessed.sum()),
            meeting=int(meeting.sum()),
            options=(),
            people=tuple(sorted(people, key=lambda one: one.staff_id)),
        )

    def _options(self, line: CoverLine, near: Sequence[Candidate]) -> tuple[CoverOption, ...]:
        """Train or redeploy, recruit, contractors: each by itself, for what stays short."""
        if not line.short:
            return ()
        limits, assumed, short = self.limits, self.forecast.scenario.assumptions, Decimal(line.short) / 100
        rate = limits.day_rate_gbp if line.day_rate_gbp is None else line.day_rate_gbp
        made: list[CoverOption] = []
        for way in (Way.REDEPLOY, Way.TRAIN):
            mine = [one for one in near if one.way is way]
            fte = min(sum((one.fte for one in mine), Decimal(0)), short)
            ready = max((one.ready for one in mine), default=None)
            cost = sum((one.cost_gbp for one in mine), Decimal(0))
            made.append(CoverOption(way, len(mine), fte, ready, cost, _a_year(fte, rate)))
        if assumed.success:
            campaigns = ceil(short / assumed.success)
            cost = _pounds(campaigns * limits.campaign_gbp + short * limits.pay_gbp)
            ready = self.forecast.first + assumed.lag
            made.append(CoverOption(Way.RECRUIT, campaigns, short, ready, cost, _a_year(short, rate)))
        hired = _a_year(short, rate)
        made.append(CoverOption(Way.CONTRACTOR, ceil(short), short, self.forecast.first, hired, hired))
        return tuple(made)


def _scope_of(contract: ContractView) -> Scope:
    return Scope((contract.department,) if contract.department else ())


def _retained(contract: ContractView) -> dict[tuple[str, str], int]:
    """Hundredths of FTE that stay to be done, by keys of role and level."""
    found: dict[tuple[str, str], int] = {}
    for one in contract.lines:
        key = name_key(one.role), name_key(one.role_level)
        found[key] = found.get(key, 0) + retained_fte(one.fte_hundredths, retained_share(one))
    return found


def _day_rate(lines: Sequence[tuple[int, int | None]]) -> Decimal | None:
    """The mean day rate of the lines that name one, by FTE."""
    named = [(fte, pence) for fte, pence in lines if pence is not None]
    if not named:
        return None
    whole = sum(fte for fte, _ in named)
    mean = sum(fte * pence for fte, pence in named) / Decimal(whole) if whole else Decimal(named[0][1])
    return _pounds(mean / 100)


def _a_year(fte: Decimal, rate: Decimal) -> Decimal:
    return _pounds(fte * rate * DAYS_A_YEAR)


def _pounds(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _with_hidden(found: Sequence[ContractCover]) -> tuple[ContractCover, ...]:
    """Marks the lines of few people, and a second one where there is just one (PRODUCT, rule 6)."""
    lines = [line for one in found for line in one.lines]
    heads = np.array([line.heads for line in lines], dtype=np.int64)
    pairs = np.array(
        [(line.required - line.assessed, line.assessed - line.meeting, line.meeting) for line in lines],
        dtype=np.int64,
    ).reshape(len(lines), 3)
    few = np.where(is_small(pairs).any(axis=1) & (heads > 0), 1, heads)
    mask = iter(hidden_list(few)[0].tolist())
    return tuple(
        replace(one, lines=tuple(replace(line, is_hidden=bool(next(mask))) for line in one.lines))
        for one in found
    )
