"""Posts: in is out, totals agree with a plain count, newer files update, days, the reporting tree, titles."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.errors import ConflictError, InputProblems, UsageError
from app.files.options import ReadOptions
from app.progress import silent
from app.services.establishment import Dimension, PostLine
from app.services.posts import PostsPreview
from app.services.reporting_tree import ReportingTree, Standing, reporting_tree
from app.services.scope import Scope
from app.terms import MatchKind, PostKind, PostStatus
from app.workspace import Workspace
from tests import plain_organograms as plain
from tests import shared_data
from tests.builders import contents, load_people, make_people, make_person, write_rows
from tests.counts import share

MARCH, SEPTEMBER = date(2024, 3, 31), date(2024, 9, 30)


def senior(number: str = "HO1", **values: Any) -> dict[str, Any]:
    """A row of a senior posts file."""
    usual = {
        "Post Unique Reference": number, "Name": "N/D", "Grade": "SCS1", "Job Title": "Deputy director, data",
        "Parent Department": "Home Office", "Organisation": "Home Office", "Unit": "Data",
        "Reports to Senior Post": "XX", "FTE": "1", "Professional/Occupational Group": "Policy",
    }  # fmt: skip
    return usual | values


def junior(title: str = "Data engineer", **values: Any) -> dict[str, Any]:
    """A row of a junior posts file."""
    usual = {
        "Parent Department": "Home Office", "Organisation": "Home Office", "Unit": "Data",
        "Reporting Senior Post": "HO1", "Grade": "SEO", "Generic Job Title": title, "Number of Posts in FTE": "2.5",
        "Professional/Occupational Group": "Information Technology",
    }  # fmt: skip
    return usual | values


def preview(ws: Workspace, path: Path, **options: Any) -> PostsPreview:
    return ws.posts.preview_import(path, ReadOptions(), silent(), **options)


def load(ws: Workspace, path: Path, *, skip_bad_rows: bool = False, **options: Any) -> Any:
    outcome = ws.posts.commit_import(preview(ws, path, **options), silent(), skip_bad_rows=skip_bad_rows)
    return outcome.value if outcome else None


def load_rows(ws: Workspace, rows: list[dict[str, Any]], day: date = MARCH, **options: Any) -> Any:
    path = write_rows((ws.path or Path()).with_name(f"posts-{len(rows)}.csv"), rows)
    return load(ws, path, as_at=day, **options)


def titles_of(ws: Workspace, day: date | None = None) -> list[str]:
    return [line.post.title for line in ws.posts.tree(Scope(as_at=day)).lines]


# --- the real ones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plain.some_real_files("load organograms"))
def test_posts_in_are_posts_out(ws: Workspace, name: str) -> None:
    path = shared_data.path(name)
    rows = plain.plain_rows(path)
    summary = load(ws, path)
    assert (summary.new, summary.skipped_rows) == (len(rows), 0)
    assert sum(line.posts for line in ws.posts.periods()) == len(rows)
    stored = contents(ws.path or path)["post"]
    assert len(stored) == len(rows)
    assert load(ws, path) is None
    assert contents(ws.path or path)["post"] == stored


@pytest.mark.parametrize("name", plain.some_real_files("count organograms"))
def test_totals_by_unit_and_grade_agree_with_a_plain_count(ws: Workspace, name: str) -> None:
    path = shared_data.path(name)
    load(ws, path)
    rows = plain.plain_rows(path)
    periods = {plain.folded(row.get("Back to Index", row.get("date", ""))) for row in rows}
    days = sorted({line.as_at for line in ws.posts.periods()})
    if len(periods) > 1:
        newest = f"{days[-1]:%b-%y}".casefold()
        rows = [row for row in rows if plain.folded(row["Back to Index"]) == newest]
    board = ws.posts.establishment(Scope(), [Dimension.UNIT, Dimension.GRADE])
    lines = [line for line in board.lines if len(periods) == 1]
    if len(periods) > 1:
        # bodies that ended are shown as at their own last day, so the newest day is asked for by itself
        board = ws.posts.establishment(Scope(), [Dimension.UNIT, Dimension.GRADE], is_newest_only=True)
        departments = {line.organisation.split(" / ")[0] for line in board.periods if line.as_at == days[-1]}
        lines = [line for line in board.lines if line.names[0].split(" / ")[0] in departments]
    ours: Counter[tuple[str, str]] = Counter()
    for line in lines:
        ours[plain.folded(line.names[0].split(" / ")[-1]), plain.folded(line.names[1])] += line.posts
    default = plain.folded(board.periods[0].organisation)
    theirs = Counter(
        (plain.plain_unit(row) or default, plain.folded(plain.cell(row, plain.GRADES))) for row in rows
    )
    assert {(unit.replace(" / ", "/"), grade): count for (unit, grade), count in theirs.items()} == ours
    assert Decimal(sum(line.fte_hundredths or 0 for line in lines)) / 100 == plain.plain_fte(rows)


def test_a_senior_and_a_junior_file_together(ws: Workspace) -> None:
    folder = "organograms/triplestore_2011-2016/home_office-2012-09-30"
    first, second = shared_data.path(f"{folder}-senior.csv"), shared_data.path(f"{folder}-junior.csv")
    summary = load(ws, first, junior=second)
    assert summary.new == len(plain.plain_rows(first)) + len(plain.plain_rows(second))
    assert [line.kind for line in ws.posts.periods()] == ["junior", "senior"]
    assert load(ws, second) is None
    with pytest.raises(UsageError, match="Both files hold the same"):
        preview(ws, first, junior=first)


# --- previews and newer files --------------------------------------------------------------------------------


def test_a_preview_says_what_is_new_and_writes_nothing(ws: Workspace, tmp_path: Path) -> None:
    before = contents(ws.path or tmp_path)
    path = write_rows(tmp_path / "s.csv", [senior(), senior("HO2", Unit="Design"), senior("HO3", FTE="many")])
    found = preview(ws, path, as_at=MARCH)
    assert (found.count, len(found.new), found.left_out, found.changed, found.unchanged) == (3, 2, 1, 0, 0)
    assert found.new_units == ("Home Office", "Home Office / Data", "Home Office / Design")
    assert [problem.row for problem in found.errors] == [4]
    with pytest.raises(InputProblems):
        ws.posts.commit_import(found, silent())
    assert contents(ws.path or tmp_path) == before
    outcome = ws.posts.commit_import(found, silent(), skip_bad_rows=True)
    assert outcome is not None
    assert (outcome.value.new, outcome.value.skipped_rows) == (2, 1)
    assert outcome.change.tables >= {"post", "unit", "import_batch"}


def test_a_newer_file_updates_adds_and_removes(ws: Workspace) -> None:
    load_rows(ws, [senior(), senior("HO2"), senior("HO3"), senior("HO4", Unit="Design")])
    again = [senior(), senior("HO2", Name="Vacant", Grade="SCS2"), senior("HO5")]
    found = preview(ws, write_rows((ws.path or Path()).with_name("new.csv"), again), as_at=MARCH)
    assert [(one.field, one.before, one.after) for one in found.changes] == [
        ("status", "filled", "vacant"),
        ("grade", "SCS1", "SCS2"),
    ]
    assert [one.post_number for one in found.new] == ["HO5"]
    assert [one.post_number for one in found.gone] == ["HO3"]
    assert found.kept_elsewhere == 1, "HO4 stands in a unit that the file does not name"
    summary = load_rows(ws, again)
    assert (summary.new, summary.changed, summary.unchanged, summary.gone) == (1, 1, 1, 1)
    numbers = sorted(line.post.post_number for line in ws.posts.tree(Scope()).lines)
    assert numbers == ["HO1", "HO2", "HO4", "HO5"]
    assert load_rows(ws, again) is None


def test_another_day_another_kind_and_another_body_stay(ws: Workspace) -> None:
    load_rows(ws, [senior(), senior("HO2")])
    load_rows(ws, [junior(), junior("Tester")])
    load_rows(ws, [senior("HO1", Organisation="Border agency")])
    summary = load_rows(ws, [senior("HO9")], SEPTEMBER)
    assert (summary.new, summary.changed, summary.gone) == (1, 0, 0)
    assert sum(line.posts for line in ws.posts.periods()) == 6


def test_nothing_goes_while_rows_are_left_out(ws: Workspace) -> None:
    load_rows(ws, [senior(), senior("HO2")])
    summary = load_rows(ws, [senior(), senior("HO2", FTE="many")], skip_bad_rows=True)
    assert summary is None
    assert sum(line.posts for line in ws.posts.periods()) == 2


def test_job_shares_and_equal_groups_are_kept_apart(ws: Workspace) -> None:
    rows = [senior(FTE="0.5"), senior(FTE="0.5"), senior(FTE="0.6"), senior("0"), senior("0")]
    assert load_rows(ws, rows).new == 5
    assert load_rows(ws, rows) is None
    assert load_rows(ws, [junior(), junior(), junior()]).new == 3
    assert load_rows(ws, [junior(), junior()]).gone == 1
    assert ws.posts.establishment(Scope()).total.fte_hundredths == 160 + 200 + 500


def test_organisations_spelled_several_ways_are_one(ws: Workspace) -> None:
    rows = [junior(Organisation="Home Office"), junior(Organisation="HOME  office "), junior(Unit="DATA")]
    load_rows(ws, rows)
    assert [unit.path for unit in ws.people.units()] == ["Home Office", "Home Office / Data"]
    (line,) = ws.posts.establishment(Scope()).lines
    assert (line.names, line.posts, line.fte_hundredths) == (("Home Office / Data",), 3, 750)


def test_units_are_those_of_people(ws: Workspace, tmp_path: Path) -> None:
    load_people(
        ws, make_people(tmp_path / "p.csv", [make_person("1", department="HOME OFFICE", unit="data")])
    )
    assert load_rows(ws, [senior()]).new_units == 0
    assert ws.posts.establishment(Scope()).lines[0].names == ("HOME OFFICE / data",)


def test_a_preview_gone_stale_is_refused(ws: Workspace, tmp_path: Path) -> None:
    found = preview(ws, write_rows(tmp_path / "a.csv", [senior()]), as_at=MARCH)
    load_rows(ws, [senior("HO2")])
    with pytest.raises(ConflictError, match="changed since the preview"):
        ws.posts.commit_import(found, silent())


def test_an_import_can_be_reverted(ws: Workspace) -> None:
    load_rows(ws, [senior(), senior("HO2")])
    before = contents(ws.path or Path())
    load_rows(ws, [senior(Grade="SCS3"), senior("HO3"), senior("HO4", Unit="New unit")])
    after = contents(ws.path or Path())
    assert after["post"] != before["post"]
    action = ws.admin.last_own_action()
    assert action is not None
    assert action.action == "Import organogram"
    ws.admin.revert(action.action_id)
    assert contents(ws.path or Path()) == before


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(row.items()))


@pytest.mark.parametrize("seed", range(share(100)))
def test_after_a_newer_file_its_units_hold_its_rows_and_no_others(ws: Workspace, seed: int) -> None:
    chance = random.Random(seed)

    def some() -> list[dict[str, Any]]:
        return [
            junior(
                chance.choice(["Data engineer", "Tester", "Vacant", ""]), Unit=chance.choice("ABC"),
                Grade=chance.choice(["SEO", "G7"]), **{"Number of Posts in FTE": chance.choice(["1", "2.5", ""])},
            )
            for _ in range(chance.randint(1, 12))
        ]  # fmt: skip

    first, second = some(), some()
    load_rows(ws, first)
    load_rows(ws, second)
    units = {row["Unit"] for row in second}
    wanted = Counter(map(_key, [row for row in first if row["Unit"] not in units] + second))
    held = [line.post for line in ws.posts.tree(Scope()).lines]
    shown = Counter(
        _key(junior(post.title, Unit=post.unit[-1], Grade=post.grade,
                    **{"Number of Posts in FTE": "" if post.fte is None else f"{post.fte:g}"}))
        for post in held
    )  # fmt: skip
    assert shown == wanted
    assert load_rows(ws, second) is None


# --- what is shown -------------------------------------------------------------------------------------------


def test_vacancies_by_unit_grade_and_profession(ws: Workspace) -> None:
    rows = [
        senior(Name="Vacant", FTE="0.8"), senior("HO2"), senior("HO3", Name="Eliminated"),
        senior("0", **{"Job Title": "Not in post"}), senior("HO4", FTE="", Grade="SCS2", Unit="Design"),
    ]  # fmt: skip
    load_rows(ws, rows)
    load_rows(ws, [junior("Vacant", Grade="scs1"), junior()])
    board = ws.posts.establishment(Scope(), [Dimension.UNIT])
    data, design = board.lines
    assert (data.senior_posts, data.junior_groups, data.filled, data.vacant, data.eliminated, data.not_in_post) == (
        4, 2, 2, 2, 1, 1,
    )  # fmt: skip
    assert (data.fte_hundredths, data.vacant_fte_hundredths, data.without_fte) == (880, 330, 0)
    assert (design.fte_hundredths, design.vacant_fte_hundredths, design.without_fte) == (None, None, 1)
    assert board.total.posts == 7
    grades = {line.names[0]: line.posts for line in ws.posts.establishment(Scope(), [Dimension.GRADE]).lines}
    assert grades == {"SCS1": 5, "SCS2": 1, "SEO": 1}
    vacant = ws.posts.establishment(Scope(), [Dimension.PROFESSION, Dimension.UNIT], only_vacant=True)
    assert [(line.names, line.posts) for line in vacant.lines] == [
        (("Information Technology", "Home Office / Data"), 1),
        (("Policy", "Home Office / Data"), 1),
    ]
    inside = ws.posts.establishment(Scope(departments=("Home Office / Design",)))
    assert inside.total.posts == 1


def test_each_body_is_shown_as_at_its_newest_day(ws: Workspace) -> None:
    load_rows(
        ws, [senior(**{"Job Title": "Old"}), senior("HO2", Organisation="Agency", **{"Job Title": "Ended"})]
    )
    load_rows(ws, [senior(**{"Job Title": "New"})], SEPTEMBER)
    assert sorted(titles_of(ws)) == ["Ended", "New"]
    assert sorted(titles_of(ws, date(2024, 9, 29))) == ["Ended", "Old"]
    assert sorted(titles_of(ws, SEPTEMBER)) == ["Ended", "New"]
    assert titles_of(ws, date(2024, 3, 30)) == []
    newest = ws.posts.tree(Scope(), is_newest_only=True)
    assert [line.post.title for line in newest.lines] == ["New"]


def test_titles_are_given_to_the_role_matcher(ws: Workspace) -> None:
    load_rows(
        ws, [junior(), junior("data  Engineer", Grade="HEO"), junior("Cook"), junior("Vacant"), junior("")]
    )
    load_rows(ws, [senior(Name="Eliminated"), senior("0", **{"Job Title": "Not in post"})])
    found = ws.posts.titles()
    assert (found.posts, found.without_title, found.not_established) == (7, 2, 2)
    engineer, cook = found.lines
    assert (engineer.title, engineer.posts, engineer.fte_hundredths) == ("Data engineer", 2, 500)
    assert engineer.spellings == ("Data engineer", "data  Engineer")
    assert (engineer.suggestions[0].kind, engineer.suggestions[0].role) == (MatchKind.ROLE, "Data engineer")
    assert cook.suggestions[0].kind is MatchKind.NONE
    assert (
        sum(line.posts for line in found.lines) + found.without_title + found.not_established == found.posts
    )


def test_an_empty_workspace_has_no_posts(ws: Workspace) -> None:
    assert ws.posts.titles().lines == ()
    assert ws.posts.tree(Scope()).lines == ()
    total = ws.posts.establishment(Scope()).total
    assert (total.posts, total.fte_hundredths) == (0, None)


# --- who reports to whom -------------------------------------------------------------------------------------


def _post(
    number: str, reports_to: str, *, body: int = 1, place: int = 0, kind: PostKind = PostKind.SENIOR
) -> PostLine:
    return PostLine(place, kind, PostStatus.FILLED, MARCH, body, "Body", 1, 9, "Body / Unit", number, reports_to,
                    f"Post {place}", "post", "SCS1", "Policy", 100)  # fmt: skip


def _shape(tree: ReportingTree) -> list[tuple[int, str, str]]:
    return [(line.depth, line.post.post_number, line.standing.name) for line in tree.lines]


def test_the_tree_follows_the_numbers() -> None:
    posts = [_post("2", "1"), _post("1", "XX"), _post("", "0002", kind=PostKind.JUNIOR), _post("3", "9")]
    assert _shape(reporting_tree(posts, 1)) == [
        (0, "1", "TOP"), (1, "2", "UNDER"), (2, "", "UNDER"), (0, "3", "UNKNOWN"),
    ]  # fmt: skip


def test_rings_and_posts_that_report_to_themselves_are_cut() -> None:
    posts = [_post("1", "2"), _post("2", "3"), _post("3", "2"), _post("4", "4")]
    tree = reporting_tree(posts, 1)
    assert _shape(tree) == [(0, "2", "RING"), (1, "1", "UNDER"), (1, "3", "UNDER"), (0, "4", "RING")]
    assert tree.count(Standing.RING) == 2


def test_a_number_is_looked_up_at_home_first() -> None:
    posts = [
        _post("1", "XX", body=2),
        _post("1", "XX", body=1),
        _post("2", "1", body=1),
        _post("3", "2", body=2),
    ]
    tree = reporting_tree(posts, 1)
    assert [(line.depth, line.post.organisation_id) for line in tree.lines] == [
        (0, 2),
        (0, 1),
        (1, 1),
        (2, 2),
    ]


@pytest.mark.parametrize("seed", range(share(400)))
def test_every_post_stands_once_with_what_is_below_it(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.randint(1, 25)
    posts = [
        _post(str(chance.randint(1, count)), chance.choice(["XX", "", *map(str, range(1, count + 2))]), place=place,
              kind=chance.choice([PostKind.SENIOR, PostKind.SENIOR, PostKind.JUNIOR]))
        for place in range(count)
    ]  # fmt: skip
    lines = reporting_tree(posts, 1).lines
    assert sorted(line.post.post_id for line in lines) == list(range(count))
    numbers = [post.post_number for post in posts if post.kind is PostKind.SENIOR]
    for place, line in enumerate(lines):
        below = 0
        while place + below + 1 < count and lines[place + below + 1].depth > line.depth:
            below += 1
        assert (line.posts_below, line.fte_below_hundredths) == (below, 100 * below)
        above = next((lines[at].post for at in range(place, -1, -1) if lines[at].depth < line.depth), None)
        if line.standing is Standing.UNDER:
            assert above is not None
            assert above.post_number == line.post.reports_to
        else:
            assert line.depth == 0
        assert (line.standing is Standing.UNKNOWN) == (
            line.post.reports_to not in {"XX", ""} and line.post.reports_to not in numbers
        )


def test_a_chain_longer_than_the_stack_is_walked() -> None:
    posts = [_post(str(number), str(number - 1) if number > 1 else "XX") for number in range(1, 5_001)]
    lines = reporting_tree(posts, 1).lines
    assert (lines[-1].depth, lines[0].posts_below) == (4_999, 4_999)
