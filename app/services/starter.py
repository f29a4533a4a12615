"""What a new workspace starts with: the bundled framework and catalogue, or the whole sample organisation."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from app.change import Outcome
from app.errors import StoreError
from app.files.options import ReadOptions
from app.files.sample import write_sample
from app.files.sample_strategy import write_sample_strategy
from app.progress import Progress, silent
from app.resources import resource
from app.services.assessments import Assessments
from app.services.frameworks import Frameworks
from app.services.people import People
from app.services.roles import RoleMapping
from app.services.scope import Scope
from app.services.strategy import Strategy
from app.services.training import PlanSettings, PlanView, PotBudget, Training
from app.terms import Funding

POUNDS_A_HEAD = 400
LEVY_A_HEAD = 150
ACCEPT_ABOVE = 0.8
PLAN_SECONDS = 8.0
PLAN_GAP_PCT = 1.0


@dataclass(frozen=True, slots=True)
class Furnished:
    """What a new workspace was given."""

    framework: str
    courses: int


@dataclass(frozen=True, slots=True)
class SampleLoaded:
    """What the sample organisation came to."""

    people: int
    units: int
    ratings: int
    rated_people: int
    mapped_by_suggestion: int


class Starter:
    """First contents of a workspace, through the same importers a user has."""

    def __init__(
        self,
        frameworks: Frameworks,
        people: People,
        roles: RoleMapping,
        assessments: Assessments,
        training: Training,
        strategy: Strategy,
    ) -> None:
        self._frameworks = frameworks
        self._people = people
        self._roles = roles
        self._assessments = assessments
        self._training = training
        self._strategy = strategy

    def furnish(self, progress: Progress, *, with_catalogue: bool = True) -> Furnished:
        """Put the bundled framework, and the bundled catalogue where wanted, into an empty workspace."""
        progress.step(0.1, "Loading the bundled framework")
        self._frameworks.commit_import(self._frameworks.preview_bundled())
        outcome = None
        if with_catalogue:
            progress.step(0.5, "Loading the bundled catalogue")
            preview = self._training.preview_courses(
                resource("catalogues", "starter.csv"), ReadOptions(), progress.part(0.5, 0.8)
            )
            outcome = self._training.commit_courses(preview)
        progress.step(1.0, "Ready")
        return Furnished(self._frameworks.versions()[0].label, outcome.value.new if outcome else 0)

    def load_sample(
        self, people: int, seed: int, as_at: date, progress: Progress, folder: Path | None = None
    ) -> SampleLoaded:
        """Invent an organisation, write its files (into ``folder``, or away again) and load them."""
        if folder is not None:
            return self._load_sample(people, seed, as_at, progress, folder)
        with tempfile.TemporaryDirectory(prefix="muster-sample-") as place:
            return self._load_sample(people, seed, as_at, progress, Path(place))

    def _load_sample(
        self, people: int, seed: int, as_at: date, progress: Progress, folder: Path
    ) -> SampleLoaded:
        progress.step(0.02, f"Inventing {people:,} people")
        sample = write_sample(folder, people, seed, as_at)
        found = self._people.preview_import(sample.hr_extract, ReadOptions(), progress.part(0.1, 0.3))
        loaded = self._people.commit_import(found, progress.part(0.3, 0.5))
        ratings = self._assessments.preview_import(sample.assessments, ReadOptions(), progress.part(0.5, 0.7))
        rated = self._assessments.commit_import(ratings, progress.part(0.7, 0.9))
        if loaded is None or rated is None:
            raise StoreError("This workspace holds the sample organisation already.", "Make a new workspace.")
        preview = self._roles.preview_above(Scope(), ACCEPT_ABOVE)
        self._roles.accept_above(preview, progress.part(0.9, 0.97))
        self._load_strategy(folder, people, as_at)
        progress.step(1.0, "Loaded")
        return SampleLoaded(
            loaded.value.new, loaded.value.new_units, rated.value.new, rated.value.people, preview.people
        )

    def _load_strategy(self, folder: Path, people: int, as_at: date) -> None:
        """Priorities with what they need, and contracts that end; roles that another framework lacks are left out."""
        strategy, contracts = write_sample_strategy(folder, people, as_at)
        wanted = self._strategy.preview_import(strategy, ReadOptions(), silent())
        self._strategy.commit_import(wanted, skip_bad_rows=True)
        supplied = self._strategy.preview_contracts(contracts, ReadOptions(), silent())
        self._strategy.commit_contracts(supplied, skip_bad_rows=True)

    def plan_sample(self, people: int, progress: Progress) -> Outcome[PlanView]:
        """A first plan for the sample organisation."""
        settings = PlanSettings(
            budgets=(
                PotBudget(Funding.LEARNING_BUDGET, _rounded(POUNDS_A_HEAD * people)),
                PotBudget(Funding.LEVY, _rounded(LEVY_A_HEAD * people)),
            ),
            seconds=PLAN_SECONDS,
            gap_pct=PLAN_GAP_PCT,
            title="Sample plan",
        )
        return self._training.generate(settings, progress)


def _rounded(pounds: int) -> Decimal:
    """To the next £1,000, so that a budget looks like one."""
    return Decimal(-(-pounds // 1_000) * 1_000)
