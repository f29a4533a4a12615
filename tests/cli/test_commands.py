"""What every command keeps to: help, options before or after, exit codes, streams, the same bytes every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli.main import app
from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import Ran, muster
from tests.shared_data import PROJECT


def _commands(group: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _commands(command, (*above, name))
        else:
            yield (*above, name), command


COMMANDS = dict(_commands(typer.main.get_command(app)))
NEEDS_NO_WORKSPACE = {("demo",), ("version",), ("roles", "suggest")}


FILE = "x.csv"
REQUIRED = {
    ("import", "framework"): [FILE], ("import", "people"): [FILE], ("import", "assessments"): [FILE],
    ("import", "courses"): [FILE], ("import", "organogram"): [FILE], ("frameworks", "use"): ["A"],
    ("frameworks", "compare"): ["A", "B"],
    ("roles", "set"): ["1", "--not-digital"], ("roles", "secondary"): ["1", "--role", "A", "--share", "1"],
    ("roles", "local"): ["A", "--based-on", "B"], ("roles", "forget"): ["A"],
    ("roles", "accept"): ["--min-score", "1"], ("plan", "make"): ["--budget", "1"], ("plan", "agree"): ["1"],
    ("revert",): ["1"], ("export", "gaps"): ["--out", "x.xlsx"], ("export", "plan"): ["--out", "x.xlsx"],
    ("export", "heatmap"): ["--out", "x.png"], ("trend",): ["--from", "2026-01-01", "--to", "2026-02-01"],
    ("import", "establishment"): [FILE], ("export", "workforce"): ["--out", "x.xlsx"],
    ("export", "return"): ["--out", "x.csv"], ("scenarios", "show"): ["A"], ("scenarios", "save"): ["A"],
    ("scenarios", "remove"): ["A"],
    ("skills", "set-weight"): ["2", "Testing"], ("skills", "set-tag"): ["legacy", "Testing"],
    ("plan", "line"): ["1", "1", "A", "--do", "remove"], ("plan", "status"): ["1", "approved", "--all"],
    ("export", "profession"): ["--role-family", "Data", "--out", "x.xlsx"],
    ("export", "readiness-annex"): ["--out", "x.xlsx"],
    ("import", "strategy"): [FILE], ("import", "contracts"): [FILE],
    ("contracts", "cost"): ["--cost-per-post", "72500"],
    ("strategy", "add"): ["Data", "Registers"], ("strategy", "set-weight"): ["Registers", "2"],
    ("strategy", "set-date"): ["Registers", "2027-03-31"],
    **{("strategy", verb): ["Registers"] for verb in ("show", "slips", "link", "unlink", "cut", "restore", "remove")},
}  # fmt: skip
"""What some commands cannot do without, beside a workspace and what :func:`needed` finds by itself."""


def needed(words: tuple[str, ...]) -> list[str]:
    """What a command has to be given: as named above, else a plain value for everything it calls required."""
    if words in REQUIRED:
        return REQUIRED[words]
    given: list[str] = []
    for parameter in COMMANDS[words].params:
        if not parameter.required:
            continue
        value = FILE if parameter.type_descriptor.annotation is Path else "1"
        given += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    return given


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(words: tuple[str, ...]) -> None:
    ran = muster(*words, "--help").ok()
    about = COMMANDS[words].help
    assert about
    assert " ".join(about.split())[:40] in " ".join(ran.out.split())
    for parameter in COMMANDS[words].params:
        if parameter.param_type_name == "option":
            assert parameter.help, (words, parameter.name)


def test_the_whole_has_help_that_names_every_command() -> None:
    for words in ((), ("--help",), ("-h",)):
        ran = muster(*words)
        shown = ran.out + ran.err
        assert all(name[0] in shown for name in COMMANDS)
        assert "MUSTER_WORKSPACE" in shown


@pytest.mark.parametrize("words", sorted(set(COMMANDS) - NEEDS_NO_WORKSPACE), ids=" ".join)
def test_without_a_workspace_a_command_ends_with_2(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text("staff_id\n1\n", encoding="utf-8")
    ran = muster(*words, *needed(words))
    assert ran.code == 2, ran.err
    assert "No workspace was named" in ran.err
    assert ran.out == ""


def _made_ready(small: Path) -> None:
    people = [
        make_person("1"),
        make_person("2", unit="Data"),
        make_person("3", department="HM Treasury", role_level=""),
    ]
    ratings = [make_rating("1", level=0), make_rating("2", level=4), make_rating("2", "Data modelling", 0)]
    for kind, rows in (("people", people), ("assessments", ratings), ("courses", [make_course()])):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def test_workspace_and_format_are_taken_before_or_after_the_command(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, how = ["--workspace", str(ready)], ["--format", "json"]
    wanted = muster("gaps", *where, *how).ok().out
    assert json.loads(wanted)
    assert muster(*where, *how, "gaps").ok().out == wanted
    assert muster(*how, "gaps", *where).ok().out == wanted
    assert muster(f"--workspace={ready}", "gaps", "--format=json").ok().out == wanted
    assert muster("-w", ready, "gaps", "--format", "JSON").ok().out == wanted
    monkeypatch.setenv("MUSTER_WORKSPACE", str(ready))
    assert muster("gaps", *how).ok().out == wanted
    assert muster("gaps", *how, "--workspace", ready.parent / "absent.muster").code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("gaps", "--format", "yaml"), ("gaps", "--format"), ("gaps", "--by", "moon"), ("gaps", "--contractors", "some"),
        ("gaps", "--as-at", "yesterday"), ("gaps", "--disclosure", "maybe"), ("gaps", "--department", "Atlantis"),
        ("gaps", "--by", "person", "--disclosure", "on"), ("gaps", "--nonsense"), ("nonsense",),
        ("trend",), ("trend", "--from", "2026-02-01", "--to", "2026-01-01"), ("comparison", "--measure", "luck"),
        ("comparison", "--by", "skill"), ("resilience", "--by", "moon"), ("mentors", "--skill", "Juggling"),
        ("skills", "set-weight", "11", "Testing"), ("skills", "set-tag", "modern", "Testing"),
        ("skills", "set-tag", "legacy", "Juggling"),
        ("import", "nonsense", "x"),
        ("roles", "accept", "--min-score", "2"), ("roles", "accept"), ("history", "--limit", "0"), ("revert", "x"),
        ("export", "gaps"), ("export", "gaps", "--out", "x.xlsx", "--by", "skill"),
        ("export", "gaps", "--out", "gaps"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_prints_no_result(ready: Path, words: tuple[str, ...]) -> None:
    before = ready.read_bytes()
    ran = muster(*words, on=None if words[-1] == "--format" else ready)
    assert ran.code == 2, ran.err
    assert ran.out == ""
    assert ran.err
    assert "Traceback" not in ran.err
    assert ready.read_bytes() == before


def test_a_workspace_that_is_not_there_ends_with_3_and_is_not_made(tmp_path: Path) -> None:
    for words in (("gaps",), ("history",), ("check",), ("frameworks", "list")):
        assert muster(*words, on=tmp_path / "absent.muster").code == 3
    assert list(tmp_path.iterdir()) == []


def test_new_makes_a_furnished_workspace_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "new.muster"
    assert muster("new", on=path).ok().out.strip() == f"Made {path}."
    assert len(muster("frameworks", "show", "--format", "json", on=path).ok().json) > 1_500
    before = path.read_bytes()
    assert muster("new", on=path).code == 3
    assert path.read_bytes() == before
    bare = tmp_path / "bare.muster"
    muster("new", "--bare", on=bare).ok()
    assert muster("frameworks", "list", "--format", "json", on=bare).ok().json[0]["current"] is True
    plan = muster("plan", "--budget", 1, "--format", "json", on=bare).ok().json
    assert plan["lines"] == []


READS = [
    ("gaps",), ("gaps", "--by", "unit"), ("gaps", "--by", "skill"), ("gaps", "--by", "role-family"),
    ("gaps", "--by", "person"), ("gaps", "--disclosure", "on"), ("frameworks", "list"), ("frameworks", "show"),
    ("history",), ("check",), ("plan", "list"), ("roles", "confirmed"),
    ("roles", "accept", "--min-score", "0", "--preview"),
    ("gaps", "--by", "grade", "--across", "role"), ("gaps", "--by", "skill", "--across", "unit"),
    ("trend", "--from", "2026-11-01", "--to", "2026-11-23"),
    ("trend", "--from", "2026-11-01", "--to", "2026-11-23", "--by", "all", "--disclosure", "on"),
    ("comparison",), ("comparison", "--by", "unit", "--disclosure", "on"), ("resilience",),
    ("resilience", "--disclosure", "on"), ("mentors",), ("mentors", "--disclosure", "on"), ("skills", "list"),
]  # fmt: skip


@pytest.mark.parametrize("words", READS, ids=" ".join)
@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_results_go_to_standard_output_and_repeat_to_the_byte(
    ready: Path, words: tuple[str, ...], form: str
) -> None:
    first = muster(*words, "--format", form, on=ready).ok()
    assert muster(*words, "--format", form, on=ready).ok().out == first.out
    if form == "json":
        assert isinstance(first.json, list)
    if form == "csv":
        header = first.out.splitlines()[0].split(",")
        assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in header)
        columns = [list(row) for row in muster(*words, "--format", "json", on=ready).json][:1]
        assert columns in ([], [header])


def test_reading_commands_leave_the_file_as_it_is(ready: Path) -> None:
    before = ready.read_bytes(), sorted(ready.parent.iterdir())
    for words in READS:
        muster(*words, on=ready).ok()
    assert (ready.read_bytes(), sorted(ready.parent.iterdir())) == before


def test_the_first_line_on_standard_error_says_that_figures_are_raw(ready: Path) -> None:
    raw, hidden = (
        muster("gaps", "--disclosure", choice, "--format", "csv", on=ready).ok() for choice in ("off", "on")
    )
    assert "raw" in raw.err.splitlines()[0]
    assert "[c]" in hidden.err.splitlines()[0]
    assert "[c]" not in raw.out
    assert all(row["required"] == "[c]" for row in hidden.rows)


def _without_seconds(ran: Ran) -> str:
    return re.sub(r'"seconds": [0-9.e-]+', "", ran.ok().out)


def test_two_workspaces_with_the_same_data_give_the_same_bytes(small_template: Path, tmp_path: Path) -> None:
    outputs: list[list[Any]] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / "same.muster"
        path.write_bytes(small_template.read_bytes())
        people = [make_person(str(number), unit=f"Unit {number % 3}") for number in range(20)]
        ratings = [make_rating(str(number), level=number % 4) for number in range(20)]
        for kind, rows in (("people", people), ("assessments", ratings), ("courses", [make_course()])):
            muster("import", kind, write_rows(folder / f"{kind}.csv", rows), on=path).ok()
        plan = _without_seconds(muster("plan", "--budget", 550, "--format", "json", on=path))
        muster("export", "gaps", "--out", folder / "gaps.xlsx", on=path).ok()
        muster("export", "plan", "--out", folder / "plan.xlsx", on=path).ok()
        muster("export", "heatmap", "--out", folder / "heat.png", on=path).ok()
        made = [(folder / file).read_bytes() for file in ("gaps.xlsx", "plan.xlsx", "heat.png")]
        tables = [
            muster("gaps", "--by", by, "--format", "csv", on=path).out
            for by in ("department", "unit", "person")
        ]
        outputs.append([plan, *tables, *made])
    for first, second in zip(*outputs, strict=True):
        assert first == second


TITLES = [
    "Senior data engineer",
    "",
    "Gardener",
    "  Senior Data Engineer ",
    "Prison officer",
    "Cyber analyst",
    "-",
    "数据工程师",
]


def test_roles_suggest_ranks_every_title_in_order_and_needs_no_workspace(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "t.csv", [{"Job title": title, "Grade": "SEO"} for title in TITLES])
    listing = sorted(tmp_path.iterdir())
    ran = muster("roles", "suggest", file, "--top", 3, "--format", "json").ok()
    columns = ["title", "rank", "kind", "role_family", "role", "role_level", "score", "reason"]
    assert all(list(row) == columns for row in ran.json)
    firsts = [row for row in ran.json if row["rank"] == 1]
    assert [row["title"].strip() for row in firsts] == [title.strip() for title in TITLES]
    assert all(0 <= row["score"] <= 1 and row["reason"] for row in firsts)
    assert firsts[0]["role"] == "Data engineer"
    assert firsts[0]["role_level"] == "Senior data engineer"
    for row in ran.json:
        assert row["kind"] in ("role", "digital_unmapped", "none")
        assert bool(row["role"]) == (row["kind"] == "role")
    assert sorted(tmp_path.iterdir()) == listing


def test_roles_suggest_reads_the_column_named(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "t.csv", [{"Ref": "1", "What they do": "Service designer"}])
    ran = muster("roles", "suggest", file, "--column", "What they do", "--top", 1, "--format", "csv").ok()
    assert [(row["rank"], row["role"]) for row in ran.rows] == [("1", "Service designer")]
    assert muster("roles", "suggest", file, "--column", "Nope").code in (1, 2)
    assert muster("roles", "suggest", tmp_path / "absent.csv").code in (1, 2)


def test_roles_suggest_on_a_workspace_uses_its_framework_and_writes_nothing(ready: Path) -> None:
    file = write_rows(
        ready.parent / "t.csv", [{"Job title": "Business analyst"}, {"Job title": "Service designer"}]
    )
    before = ready.read_bytes()
    rows = muster("roles", "suggest", file, "--format", "json", on=ready).ok().json
    assert {row["role"] for row in rows} <= {"", "Data engineer", "Service designer"}
    assert ready.read_bytes() == before


def test_roles_are_accepted_in_bulk_and_shown_first(small: Path) -> None:
    people = [make_person(str(number), role_level="", job_title=title)
              for number, title in enumerate(("Senior data engineer", "Senior Data Engineer", "Gardener"))]  # fmt: skip
    muster("import", "people", write_rows(small.parent / "p.csv", people), on=small).ok()
    before = small.read_bytes()
    shown = (
        muster("roles", "accept", "--min-score", "0.5", "--preview", "--format", "json", on=small).ok().json
    )
    assert [(row["people"], row["role_level"]) for row in shown] == [(2, "Senior data engineer")]
    assert small.read_bytes() == before
    assert "for 2 people" in muster("roles", "accept", "--min-score", "0.5", on=small).ok().out
    rules = muster("roles", "confirmed", "--format", "json", on=small).ok().json
    assert [rule["role_level"] for rule in rules] == ["Senior data engineer"]
    rows = muster("gaps", "--by", "person", "--format", "json", on=small).ok().json
    assert {row["staff_id"] for row in rows} == {"0", "1"}
    assert "for 0 people" in muster("roles", "accept", "--min-score", "0.5", on=small).ok().out


def test_a_fixed_clock_that_is_no_date_is_said(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_NOW", "soon")
    ran = muster("gaps", on=ready)
    assert ran.code == 2
    assert "MUSTER_NOW" in ran.err


@pytest.mark.parametrize("document", ["README.md", "docs/guide"])
def test_commands_that_the_documents_name_exist(document: str) -> None:
    place = PROJECT / document
    files = sorted(place.rglob("*.md")) if place.is_dir() else [place] * place.is_file()
    if not files:
        pytest.skip(f"{document} is not written yet")
    first = {words[0] for words in COMMANDS} | {"COMMAND"}
    named = {
        found
        for file in files
        for found in re.findall(
            r"(?:muster|python3 main\.py) ([a-z][a-z-]+)\b", file.read_text(encoding="utf-8")
        )
    }
    assert named <= first
