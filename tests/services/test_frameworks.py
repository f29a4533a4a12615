"""Frameworks: the official files, versions side by side, the current one, order of seniority."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import ConflictError, UsageError
from app.files.framework_csv import read_framework
from app.progress import silent
from app.workspace import Workspace
from tests import shared_data
from tests.builders import ROLES, contents, load_framework, make_framework, make_person, write_rows
from tests.command_line import muster

OFFICIAL = (
    "framework/official_2025-09-25_role_content.csv",
    "framework/official_2025-09-25_skill_content.csv",
)
TRIMMED = (
    "framework/altered_2025-10-02_role_content_trimmed.csv",
    "framework/altered_2025-10-02_skill_content_trimmed.csv",
)
COLUMNS = ["role_family", "role", "role_level", "seniority", "skill", "required"]


def _official(names: tuple[str, str] = OFFICIAL) -> tuple[str, str, str]:
    return str(shared_data.path(names[0])), "--skills", str(shared_data.path(names[1]))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "bare.muster"
    Workspace.open(path, create=True).close()
    return path


def test_the_official_files_give_the_official_counts(bare: Path) -> None:
    expected = json.loads(shared_data.path("framework/integrity_2025-09-25.json").read_text(encoding="utf-8"))
    ran = muster("import", "framework", *_official(), on=bare).ok()
    assert "8 role families, 52 roles, 201 role levels and 4 chief roles, 188 skills" in ran.out
    assert "It is the current version" in ran.out
    repeats = [line for line in ran.err.splitlines() if "word for word" in line]
    assert len(repeats) == expected["role_file"]["rows_repeated_verbatim"] == 16
    assert all(", row " in line for line in repeats)
    listed = muster("frameworks", "list", "--format", "json", on=bare).ok().json[0]
    role_file = expected["role_file"]
    assert (listed["role_families"], listed["roles"], listed["skills"]) == (8, 52, 188)
    assert listed["role_levels"] == role_file["role_and_level_pairs"]
    assert listed["requirements"] == role_file["distinct_role_level_skill_level"] - 28


def test_show_equals_the_facts_of_the_file(bare: Path) -> None:
    muster("import", "framework", *_official(), on=bare).ok()
    ran = muster("frameworks", "show", "--format", "csv", on=bare).ok()
    assert list(ran.rows[0]) == COLUMNS
    found = {tuple(row.values()) for row in ran.rows}
    read = read_framework(shared_data.path(OFFICIAL[0]), shared_data.path(OFFICIAL[1]))
    facts = {tuple("" if value is None else str(value) for value in fact) for fact in read.facts()}
    assert found == facts
    assert len(ran.rows) == len(facts)
    chiefs = [row for row in ran.rows if row["required"] == ""]
    assert {row["role"] == row["role_level"] and row["seniority"] == "1" for row in chiefs} == {True}
    assert (len({row["role"] for row in chiefs}), len(chiefs)) == (4, 28)


def test_importing_the_official_files_twice_changes_nothing(bare: Path) -> None:
    muster("import", "framework", *_official(), on=bare).ok()
    before = bare.read_bytes()
    assert "Nothing to change" in muster("import", "framework", *_official(), on=bare).ok().out
    assert bare.read_bytes() == before


def test_the_official_files_enrich_the_bundled_version_and_change_no_fact(furnished: Path) -> None:
    facts = muster("frameworks", "show", "--format", "csv", on=furnished).ok().out
    held = contents(furnished)
    ran = muster("import", "framework", *_official(), "--label", "Official", on=furnished).ok()
    assert ran.out.startswith("Enriched")
    assert muster("frameworks", "show", "--format", "csv", on=furnished).ok().out == facts
    assert muster("frameworks", "show", "official", "--format", "csv", on=furnished).ok().out == facts
    after = contents(furnished)
    for table in ("role_family", "skill", "requirement", "course", "course_outcome"):
        assert after[table] == held[table]
    assert len(after["framework_version"]) == 1
    with Workspace.open(furnished, read_only=True) as ws:
        assert ws.frameworks.versions()[0].has_texts
        assert ws.frameworks.versions()[0].aliases == ("Official",)
    again = muster("import", "framework", *_official(), "--label", "Official", on=furnished).ok()
    assert "Nothing to change" in again.out


def test_the_trimmed_copy_brings_no_real_change(bare: Path) -> None:
    muster("import", "framework", *_official(), on=bare).ok()
    before = bare.read_bytes()
    ran = muster("import", "framework", *_official(TRIMMED), on=bare).ok()
    assert "Nothing to change" in ran.out
    assert bare.read_bytes() == before


CHANGED = {
    ("Data", "Data engineer"): (
        ("Data engineer", {"Programming": 3, "Data modelling": 1}),
        ("Senior data engineer", {"Programming": 3, "Data modelling": 3}),
    ),
    ("Design", "Service designer"): (("Service designer", {"Prototyping": 3, "Testing": 2}),),
    ("Design", "Content designer"): (("Content designer", {"Prototyping": 1}),),
}


def test_compare_names_what_changed(small: Path, tmp_path: Path) -> None:
    old = muster("frameworks", "list", "--format", "json", on=small).ok().json[0]["label"]
    muster(
        "import", "framework", make_framework(tmp_path / "new.csv", CHANGED), "--label", "New", on=small
    ).ok()
    ran = muster("frameworks", "compare", old, "New", "--format", "csv", on=small).ok()
    columns = ["kind", "role_family", "role", "role_level", "skill", "before", "after", "confidence"]
    assert ran.out.splitlines()[0].split(",") == columns
    rows = {
        (row["kind"], row["role_level"] or row["role"], row["skill"], row["before"], row["after"])
        for row in ran.rows
    }
    assert ("re-levelled", "Data engineer", "Programming", "2", "3") in rows
    assert any(
        kind == "removed" and (who, skill) == ("Senior data engineer", "Testing")
        for kind, who, skill, *_ in rows
    )
    assert any(kind == "added" and who == "Content designer" for kind, who, *_ in rows)
    same = muster("frameworks", "compare", old, old, "--format", "json", on=small).ok()
    assert same.json == []


def test_a_new_version_becomes_current_only_when_nobody_is_mapped(small: Path, tmp_path: Path) -> None:
    people = write_rows(tmp_path / "p.csv", [make_person("1")])
    muster("import", "people", people, on=small).ok()
    ran = muster(
        "import", "framework", make_framework(tmp_path / "new.csv", CHANGED), "--label", "New", on=small
    ).ok()
    assert "current" not in ran.out
    before = muster("gaps", "--by", "person", "--format", "csv", on=small).ok().out
    muster("frameworks", "use", "new", on=small).ok()
    current = [
        row["label"]
        for row in muster("frameworks", "list", "--format", "json", on=small).json
        if row["current"]
    ]
    assert current == ["New"]
    assert muster("gaps", "--by", "person", "--format", "csv", on=small).ok().out == before


def test_a_label_in_use_by_other_facts_is_refused(small: Path, tmp_path: Path) -> None:
    muster(
        "import", "framework", make_framework(tmp_path / "new.csv", CHANGED), "--label", "New", on=small
    ).ok()
    other = make_framework(tmp_path / "other.csv", {("A", "B"): (("B", {"Testing": 1}),)})
    before = small.read_bytes()
    ran = muster("import", "framework", other, "--label", "NEW", on=small)
    assert ran.code == 2
    assert "NEW" in ran.err
    assert small.read_bytes() == before
    muster("import", "framework", other, "--label", "Third", on=small).ok()


def test_a_file_of_the_same_name_with_other_facts_gets_a_label_of_its_own(
    small: Path, tmp_path: Path
) -> None:
    for number, roles in enumerate((CHANGED, {("A", "B"): (("B", {"Testing": 1}),)})):
        (tmp_path / str(number)).mkdir()
        file = make_framework(tmp_path / str(number) / "release.csv", roles)
        muster("import", "framework", file, on=small).ok()
    labels = {row["label"] for row in muster("frameworks", "list", "--format", "json", on=small).json}
    assert {"release", "release (2)"} <= labels


def test_an_unknown_version_is_a_wrong_usage_that_names_the_known(small: Path) -> None:
    for words in (("show", "Nope"), ("use", "Nope"), ("compare", "Nope", "Nope")):
        ran = muster("frameworks", *words, on=small)
        assert ran.code == 2
        assert "There are:" in ran.err


def test_levels_are_reordered_and_every_level_must_be_named(ws: Workspace) -> None:
    cards = [card for card in ws.frameworks.role_levels() if card.role == "Data engineer"]
    order = [card.role_level_id for card in reversed(cards)]
    outcome = ws.frameworks.reorder(cards[0].role_id, order)
    assert outcome.value == ("Senior data engineer", "Data engineer")
    assert {line.role_level: line.seniority for line in ws.frameworks.show() if line.role == "Data engineer"} == {
        "Senior data engineer": 1, "Data engineer": 2,
    }  # fmt: skip
    for wrong in (order[:1], [*order, order[0]], [order[0], order[0]], []):
        with pytest.raises(UsageError):
            ws.frameworks.reorder(cards[0].role_id, wrong)
    ws.admin.revert(outcome.change.action_id)
    assert [card.seniority for card in ws.frameworks.role_levels() if card.role == "Data engineer"] == [1, 2]


def test_skills_of_two_versions_with_one_name_are_one_skill(ws: Workspace, tmp_path: Path) -> None:
    known = ws.frameworks.skills()
    load_framework(ws, make_framework(tmp_path / "new.csv", CHANGED), label="New")
    assert ws.frameworks.skills() == known
    assert {line.skill for line in ws.frameworks.show("New")} <= set(known)


def test_a_file_of_equal_facts_in_another_order_is_the_same_version(ws: Workspace, tmp_path: Path) -> None:
    turned = {key: tuple((level, dict(reversed(list(needs.items())))) for level, needs in levels)
              for key, levels in ROLES.items()}  # fmt: skip
    assert load_framework(ws, make_framework(tmp_path / "again.csv", turned)) is None


def test_a_label_taken_since_the_preview_is_a_conflict(ws: Workspace, tmp_path: Path) -> None:
    files = [
        make_framework(tmp_path / f"{level}.csv", {("A", "B"): (("B", {"Testing": level}),)})
        for level in (1, 2)
    ]
    previews = [ws.frameworks.preview_import(file, None, silent(), label="Same") for file in files]
    assert ws.frameworks.commit_import(previews[0]) is not None
    with pytest.raises(ConflictError, match="Same"):
        ws.frameworks.commit_import(previews[1])
