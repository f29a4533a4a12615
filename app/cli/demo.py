"""``demo``: the sample organisation through the same importers a user has, and the main job end to end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import say
from app.cli.session import current, progress
from app.errors import AppError, UsageError
from app.progress import silent
from app.services.scope import Scope
from app.services.starter import ACCEPT_ABOVE
from app.services.training.records import PlanView
from app.workspace import Workspace

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
        furnished = ws.starter.furnish(progress())
        say(f"Framework: {furnished.framework}; catalogue: {furnished.courses:,} courses")
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
    say(f"Inventing {people:,} people (seed {seed}) and loading their files")
    files.sources.mkdir(parents=True, exist_ok=True)
    loaded = ws.starter.load_sample(people, seed, ws.today(), progress(), files.sources)
    say(f"  {loaded.people:,} people in {loaded.units:,} departments and units")
    say(f"  {loaded.ratings:,} ratings of {loaded.rated_people:,} people")
    say(
        f"  role suggestions scored {ACCEPT_ABOVE:g} or more accepted for {loaded.mapped_by_suggestion:,} people"
    )


def _plan(ws: Workspace, people: int) -> PlanView:
    say("Planning training")
    plan = ws.starter.plan_sample(people, progress()).value
    gap = "unknown" if plan.summary.gap_pct is None else f"{plan.summary.gap_pct:.2f} %"
    say(
        f"  {plan.summary.steps_closed:,} of {plan.summary.steps_open_before:,} steps closed for "
        f"£{plan.summary.cost_gbp:,.2f}; at most {gap} from the best possible"
    )
    return plan


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
