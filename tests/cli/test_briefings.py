"""Briefings: the page says what the gap table says, hides what must be hidden, and is the same twice."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.charts.briefing import BriefingPage
from app.progress import silent
from app.services.reports.briefings import BriefingWish
from app.services.scope import Scope
from app.workspace import Workspace
from tests.builders import USER, built_once, clock, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

HOME, TREASURY, LONELY = "Home Office", "HM Treasury", "Lonely Agency"
NAMES = [f"Nobody {letter}. Real" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def _people() -> list[dict[str, Any]]:
    rows = [
        make_person(f"{number:04d}", name=NAMES[number % 26], department=HOME if number < 24 else TREASURY,
                    unit="Data" if number % 2 else "")
        for number in range(44)
    ]  # fmt: skip
    return [*rows, make_person("0900", name="Only One", department=LONELY)]


def _made_ready(small: Path) -> None:
    ratings = [make_rating(f"{number:04d}", level=number % 3) for number in range(44)]
    ratings += [make_rating(f"{number:04d}", "Data modelling", level=number % 2) for number in range(30)]
    for kind, rows in (("people", _people()), ("assessments", ratings), ("courses", [make_course()])):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def words_of(page: BriefingPage) -> str:
    """Everything a page says, but for its lists of names of groups."""
    passages = (*page.passages, page.comparison, page.shortage, page.sure)
    said = [page.title, page.kicker, page.department, page.source, page.marking]
    said += [text for one in page.headlines for text in (one.value, one.caption)]
    said += [
        text
        for one in passages
        for text in (one.heading, *one.sentences, *(" ".join(a) for a in one.amounts))
    ]
    said += [f"{one.label} {one.said}" for one in page.intervals]
    said += [f"{one.skill} {one.share:.2f} {one.said}" for one in page.shortages]
    return "\n".join(said)


def pages(path: Path, **wish: Any) -> dict[str, BriefingPage]:
    scope = Scope(wish.pop("departments", ()))
    with Workspace.open(path, user=USER, clock=clock, read_only=True) as ws:
        return {page.department: page for page in ws.briefings.pages(BriefingWish(scope, **wish), silent())}


@pytest.fixture
def opened(ready: Path) -> Iterator[Workspace]:
    with Workspace.open(ready, user=USER, clock=clock) as ws:
        yield ws


def test_a_folder_gets_one_page_per_department(ready: Path) -> None:
    folder = ready.parent / "briefings"
    ran = muster("export", "briefing", "--out", folder, on=ready).ok()
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{TREASURY}.pdf",
        f"{HOME}.pdf",
        f"{LONELY}.pdf",
    ]
    assert ran.out.count("Briefing: ") == 3
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"%PDF")


def test_one_file_holds_a_page_for_each_department_named(ready: Path) -> None:
    out = ready.parent / "two.pdf"
    muster("export", "briefing", "--department", HOME, "--department", TREASURY, "--out", out, on=ready).ok()
    assert out.read_bytes().count(b"/MediaBox") == 2


def test_a_second_run_gives_the_same_bytes(ready: Path) -> None:
    one, other = ready.parent / "one.pdf", ready.parent / "other.pdf"
    for out in (one, other):
        muster("export", "briefing", "--department", HOME, "--out", out, on=ready).ok()
    assert one.read_bytes() == other.read_bytes()


def test_the_page_says_what_the_gap_table_says(ready: Path) -> None:
    rows = muster("gaps", "--department", HOME, "--format", "json", on=ready).ok().json
    page = pages(ready, departments=(HOME,), is_named=True)[HOME]
    met, assessed, required = (sum(row[key] for row in rows) for key in ("meeting", "assessed", "required"))
    assert page.headlines[0].value == f"{met / assessed:.0%}".replace("%", " %")
    assert f"{met} of {assessed} assessed" in page.headlines[0].caption
    assert f"{assessed} of {required}" in page.headlines[1].caption
    assert page.headlines[4].value == str(sum(row["levels_short"] for row in rows))
    worst = sorted(
        (row for row in rows if row["short"]), key=lambda row: (-row["levels_short"], row["skill"])
    )
    assert [(one.skill, round(one.share, 4)) for one in page.shortages] == [
        (row["skill"], row["share_short"]) for row in worst
    ]


def test_one_persons_department_shows_no_figure_and_no_name(ready: Path) -> None:
    page = pages(ready)[LONELY]
    said = words_of(page)
    assert "giving somebody away" in page.title
    assert page.headlines[0].value == page.headlines[1].value == page.headlines[2].value == "[c]"
    assert not page.shortages
    assert "Only One" not in said
    for other in pages(ready).values():
        assert [line.said for line in other.intervals if line.label == LONELY] == ["[c]"]
        assert not any(name in words_of(other) for name in NAMES)


def test_a_named_briefing_of_one_department_says_who_and_hides_the_small_neighbour(ready: Path) -> None:
    muster(
        "import",
        "assessments",
        write_rows(ready.parent / "more.csv", [make_rating("0003", level=4)]),
        on=ready,
    ).ok()
    page = pages(ready, departments=(HOME,), is_named=True)[HOME]
    said = words_of(page)
    assert NAMES[3] in said
    assert [line.said for line in page.intervals if line.label == LONELY] == ["[c]"]


@pytest.mark.parametrize("departments", [(), ("--department", HOME, "--department", TREASURY)])
def test_names_of_more_than_one_department_are_a_wrong_usage(
    ready: Path, departments: tuple[str, ...]
) -> None:
    out = ready.parent / "x.pdf"
    ran = muster("export", "briefing", "--named", *departments, "--out", out, on=ready)
    assert ran.code == 2
    assert "one department" in ran.err
    assert not out.exists()


def test_the_marking_is_that_of_the_command(ready: Path) -> None:
    page = pages(ready, departments=(HOME,), marking="OFFICIAL")[HOME]
    assert page.marking == "OFFICIAL"
    assert pages(ready, departments=(HOME,))[HOME].marking == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--department", "Atlantis", "--out", "x.pdf"), "Atlantis"),
        (("--out", "x.docx"), "not a PDF"),
        (("--since", "2030-01-01", "--out", "x.pdf"), "2030-01-01"),
        (("--since", "soon", "--out", "x.pdf"), "soon"),
    ],
)
def test_wrong_usage_is_a_sentence(
    ready: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(ready.parent)
    ran = muster("export", "briefing", *arguments, on=ready)
    assert ran.code == 2
    assert words in ran.err
    assert not (ready.parent / "x.pdf").exists()


def test_without_people_there_is_nothing_to_brief(small: Path) -> None:
    ran = muster("export", "briefing", "--out", small.parent / "x.pdf", on=small)
    assert ran.code == 2
    assert "nobody" in ran.err


def test_a_department_nobody_is_assessed_in_says_so(small: Path) -> None:
    rows = [make_person(f"{number:04d}") for number in range(9)]
    muster("import", "people", write_rows(small.parent / "p.csv", rows), on=small).ok()
    page = pages(small)[HOME]
    assert "Nobody in Home Office is assessed yet" in page.title
    assert page.headlines[0].value == "–"
    assert not page.shortages
    muster("export", "briefing", "--out", small.parent / "x.pdf", on=small).ok()


def test_what_changed_is_told_in_parts(small: Path) -> None:
    people = [make_person(f"{number:04d}") for number in range(30)]
    muster(
        "import", "people", write_rows(small.parent / "p.csv", people), "--as-at", "2026-01-05", on=small
    ).ok()
    for name, level, day in (("old", 1, "2026-02-01"), ("new", 2, "2026-11-20")):
        rows = [make_rating(f"{number:04d}", level=level, assessed_on=day) for number in range(30)]
        muster("import", "assessments", write_rows(small.parent / f"{name}.csv", rows), on=small).ok()
    about = ("--from", "2026-03-01", "--to", "2026-11-23", "--format", "json")
    change = {row["measure"]: row for row in muster("trend", *about, on=small).ok().json}["levels_short"]
    passage = pages(small, since=date(2026, 3, 1))[HOME].passages[0]
    assert passage.heading == "Since 1 March 2026"
    assert f"{change['before']} then, {change['after']} now" in passage.sentences[1]
    assert passage.amounts == (("Reassessment", str(change["reassessment"]).replace("-", "−")),)
    early = pages(small)[HOME].passages[0]
    assert early.sentences == ("There are no figures from that day to compare with.",)


def test_an_agreed_plan_is_what_training_would_buy(ready: Path) -> None:
    assert "No training plan is agreed yet." in pages(ready)[HOME].passages[2].sentences
    plan = muster("plan", "--budget", 5000, "--format", "json", on=ready).ok().json
    muster("plan", "agree", "1", on=ready).ok()
    mine = [line for line in plan["lines"] if line["department"] == HOME]
    page = pages(ready, departments=(HOME,), is_named=True)[HOME]
    amounts = dict(page.passages[2].amounts)
    assert amounts["People on courses"] == str(len({line["staff_id"] for line in mine}))
    assert amounts["Steps closed"] == str(sum(line["steps_closed"] for line in mine))
    assert amounts["Cost"] == f"£{sum(line['cost_gbp'] for line in mine):,.0f}"
    rows = muster("gaps", "--department", HOME, "--format", "json", on=ready).ok().json
    gained = sum(line["level_after"] >= line["level_required"] for line in mine)
    met, assessed = (sum(row[key] for row in rows) for key in ("meeting", "assessed"))
    assert f"to {(met + gained) / assessed:.0%}".replace("%", " %") in " ".join(page.passages[2].sentences)
    # of two departments with figures one is held back with the small one, so that nothing follows from the total
    shared = [dict(one.passages[2].amounts) for one in pages(ready).values()]
    assert {"People on courses": "[c]"} in shared


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not on this machine")
def test_the_pdf_holds_the_words_of_the_page_and_no_others(ready: Path) -> None:
    out = ready.parent / "x.pdf"
    muster("export", "briefing", "--department", LONELY, "--out", out, on=ready).ok()
    ran = subprocess.run(["pdftotext", "-raw", str(out), "-"], capture_output=True, check=True)
    found = set(ran.stdout.decode("utf-8").split())
    said = set(words_of(pages(ready, departments=(LONELY,))[LONELY]).replace("\n", " ").split())
    assert {"[c]", "OFFICIAL-SENSITIVE", "Lonely"} <= found
    scale = {"0", "50", "100", "%", "…"}
    assert {word for word in found - said - scale if any(letter.isdigit() for letter in word)} == set()
