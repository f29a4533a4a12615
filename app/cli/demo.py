"""``demo``: the sample organisation through the same importers a user has, and the main job end to end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from app.cli.admin import furnish
from app.cli.output import say
from app.cli.session import current
from app.errors import AppError, UsageError
from app.files.options import ReadOptions
from app.files.sample import write_sample
from app.progress import silent
from app.services.roles import RoleMapping
from app.services.scope import Scope
from app.services.training import PlanSettings, PotBudget
from app.services.training.records import PlanView
from app.terms import Funding
from app.workspace import Workspace

POUNDS_A_HEAD = 400
LEVY_A_HEAD = 150
ACCEPT_ABOVE = 0.8
NOTE = "made-by-muster-demo.json"


def register(app: typer.Typer) -> None:
    """Hang ``demo`` onto the command line."""
    app.command("demo")(demo)


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """What the demo leaves behind."""

    folder: Path

    @property
    def workspace(self) -> Path:
        """The workspace itself."""
        return self.folder / "demo.muster"

    @property
    def gaps(self) -> Path:
        """The gap workbook."""
        return self.folder / "gaps.xlsx"

    @property
    def plans(self) -> Path:
        """The folder of plan workbooks, one per department."""
        return self.folder / "plans"

    @property
    def picture(self) -> Path:
        """The heat map."""
        return self.folder / "heatmap.png"

    @property
    def sources(self) -> Path:
        """The files a user would have: the HR extract and the ratings."""
        return self.folder / "files"

    @property
    def note(self) -> Path:
        """The list of what the demo made, so that it overwrites nothing else."""
        return self.folder / NOTE


def demo(
    people: Annotated[int, typer.Option("--people", min=1, max=1_000_000, help="How many people.")] = 1_200,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another organisation.")] = 1,
    out: Annotated[Path, typer.Option("--out", help="The folder to leave everything in.")] = Path(
        "muster-demo"
    ),
) -> None:
    """Build the sample organisation and run the main job: extract and framework in, gaps and plans out."""
    begun = time.monotonic()
    files = DemoFiles(out)
    _clear(files)
    with Workspace.open(files.workspace, user=current().settings.user(), create=True) as ws:
        for sentence in furnish(ws, with_catalogue=True):
            say(sentence)
        _load(ws, files, people, seed)
        plan = _plan(ws, people)
        say("Writing workbooks")
        ws.reports.gap_workbook(Scope(), files.gaps, silent())
        ws.reports.heatmap_picture(Scope(), files.picture)
        written = ws.reports.plan_workbooks(plan, files.plans, silent())
        totals = ws.gaps.heatmap(Scope()).totals
    _remember(files)
    seconds = time.monotonic() - begun
    ready = f"{totals.readiness:.0%}" if totals.readiness is not None else "none"
    print(f"The sample organisation of {people:,} people is in {files.workspace} ({seconds:.1f} s of work).")
    print(f"{ready} of assessed requirements are met; {totals.unmapped:,} people have no role yet.")
    print("Look at:")
    print(f"  {files.gaps}: where the skills are missing")
    print(f"  {files.plans}: {len(written)} training plans, one workbook per department")
    print(f"  {files.picture}: the heat map")
    print(f"Then open the window: python3 main.py, and choose {files.workspace}")


def _load(ws: Workspace, files: DemoFiles, people: int, seed: int) -> None:
    say(f"Inventing {people:,} people (seed {seed})")
    files.sources.mkdir(parents=True, exist_ok=True)
    sample = write_sample(files.sources, people, seed, ws.today())
    say(f"Loading {sample.hr_extract.name}")
    found = ws.people.preview_import(sample.hr_extract, ReadOptions(), silent())
    loaded = ws.people.commit_import(found, silent(), skip_bad_rows=True)
    if loaded is not None:
        say(f"  {loaded.value.new:,} people in {loaded.value.new_units:,} departments and units")
    say(f"Loading {sample.assessments.name}")
    ratings = ws.assessments.preview_import(sample.assessments, ReadOptions(), silent())
    rated = ws.assessments.commit_import(ratings, silent(), skip_bad_rows=True)
    if rated is not None:
        say(f"  {rated.value.new:,} ratings of {rated.value.people:,} people")
    _map(ws.roles)


def _map(roles: RoleMapping) -> None:
    preview = roles.preview_above(Scope(), ACCEPT_ABOVE)
    roles.accept_above(preview, silent())
    say(f"Accepted role suggestions scored {ACCEPT_ABOVE:g} or more for {preview.people:,} people")


def _plan(ws: Workspace, people: int) -> PlanView:
    settings = PlanSettings(
        budgets=(
            PotBudget(Funding.LEARNING_BUDGET, _rounded(POUNDS_A_HEAD * people)),
            PotBudget(Funding.LEVY, _rounded(LEVY_A_HEAD * people)),
        ),
        seconds=8.0,
        gap_pct=1.0,
        title="Sample plan",
    )
    say(f"Planning training for £{settings.budgets[0].pounds:,} and £{settings.budgets[1].pounds:,} of levy")
    plan = ws.training.generate(settings, silent()).value
    gap = "unknown" if plan.summary.gap_pct is None else f"{plan.summary.gap_pct:.2f} %"
    say(
        f"  {plan.summary.steps_closed:,} of {plan.summary.steps_open_before:,} steps closed for "
        f"£{plan.summary.cost_gbp:,.2f}; at most {gap} from the best possible"
    )
    return plan


def _rounded(pounds: int) -> Decimal:
    """To the next £1,000, so that a budget looks like one."""
    return Decimal(-(-pounds // 1_000) * 1_000)


def _clear(files: DemoFiles) -> None:
    """Make room, removing only what an earlier demo made; UsageError where something else is in the way."""
    made = _made_before(files)
    targets = [files.workspace, files.gaps, files.picture]
    targets += sorted(files.plans.glob("*")) if files.plans.is_dir() else []
    for path in targets:
        if path.exists() and path.relative_to(files.folder).as_posix() not in made:
            raise UsageError(
                f"{path} was not made by the demo and stays.", "Choose another folder with --out."
            )
    for name in made:
        path = files.folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise AppError(
                f"{path} cannot be replaced: {error.strerror}.", "Close it and run again."
            ) from error
    files.folder.mkdir(parents=True, exist_ok=True)
    # noted before anything is made, so that a demo cut short can be run again
    _remember(files)


def _made_before(files: DemoFiles) -> frozenset[str]:
    try:
        names = json.loads(files.note.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(
        str(name) for name in names if not Path(name).is_absolute() and ".." not in Path(name).parts
    )


def _remember(files: DemoFiles) -> None:
    """List what was made, so that the next demo may replace it."""
    made = [files.workspace, files.gaps, files.picture, *files.plans.glob("*.xlsx"), *files.sources.glob("*")]
    names = sorted(path.relative_to(files.folder).as_posix() for path in made)
    files.note.write_text(json.dumps({"files": names}, indent=2) + "\n", encoding="utf-8")
