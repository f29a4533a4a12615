"""The official framework exactly as published, its trimmed twin, and frameworks made to trip the reader."""

from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from app.errors import InputProblems
from app.files.framework_csv import read_framework
from app.files.framework_facts import read_facts, write_facts
from app.files.framework_records import FrameworkFile
from app.resources import resource
from app.terms import clean_name
from tests import shared_data

BUNDLED = "government-digital-and-data-2025-09.csv"
HEAD = ["Role Family", "Role", "Role Level", "Skill Name", "Skill Level"]


@pytest.fixture(scope="module")
def official() -> FrameworkFile:
    return read_framework(
        shared_data.path("framework/official_2025-09-25_role_content.csv"),
        shared_data.path("framework/official_2025-09-25_skill_content.csv"),
    )


@pytest.fixture(scope="module")
def expected() -> dict[str, object]:
    text = shared_data.path("framework/integrity_2025-09-25.json").read_text(encoding="utf-8")
    return json.loads(text)


def write(folder: Path, rows: list[list[str]], head: list[str] = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "framework.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return path


def counts(found: FrameworkFile) -> dict[str, int]:
    return {oddity.kind: oddity.count for oddity in found.oddities}


def test_official_counts_are_those_worked_out_by_hand(official, expected):
    known = expected["role_file"]
    roles = [role for family in official.families for role in family.roles]
    levels = [level for role in roles for level in role.levels if not role.is_chief]
    assert official.rows == known["rows"]
    assert len(official.families) == known["role_families"]
    assert len(roles) == known["roles"]
    assert len(levels) == known["role_and_level_pairs_without_NOT_IN_USE"]
    assert len(official.skills) == known["skills"]
    assert len(list(official.facts())) == known["distinct_role_level_skill_level"]
    assert {family.name: len(family.roles) for family in official.families} == known["roles_per_family"]
    assert sum(role.is_chief for role in roles) == 4


def test_every_requirement_survives(official):
    path = shared_data.path("framework/official_2025-09-25_role_content.csv")
    words = {"Awareness": 1, "Working": 2, "Practitioner": 3, "Expert": 4, "NOT IN USE": None}
    with path.open(encoding="utf-8", newline="") as stream:
        raw = {
            (
                row["Role Family"],
                row["Role"],
                clean_name(row["Role" if row["Role Level"] == "NOT IN USE" else "Role Level"]),
                clean_name(row["Skill Name"]),
                words[row["Skill Level"]],
            )
            for row in csv.DictReader(stream)
        }
    assert {
        (family, role, level, skill, need) for family, role, level, _, skill, need in official.facts()
    } == raw


def test_every_oddity_is_reported_with_its_count(official, expected):
    role_file, skill_file = expected["role_file"], expected["skill_file"]
    found = counts(official)
    assert found["verbatim repeat"] == role_file["rows_repeated_verbatim"]
    assert found["missing text"] == role_file["skill_description_literal_MISSING_rows"]
    assert found["not in use"] == role_file["rows_per_skill_level"]["NOT IN USE"]
    assert found["line separator U+2028"] == role_file["line_separator_U2028"]
    assert found["zero-width space"] == role_file["zero_width_space_U200B"]
    assert found["no-break space"] == role_file["no_break_space_U00A0"]
    assert found["level not defined"] == skill_file["cells_saying_not_defined"]
    assert found["skill without a description"] == skill_file["blank_skill_descriptions"]
    assert found["skill without level texts"] == len(skill_file["skills_without_any_level_text"])
    assert {problem.severity for problem in official.problems} == {"note"}


def test_repeats_name_the_row_and_the_row_they_repeat(official, expected):
    path = shared_data.path("framework/official_2025-09-25_role_content.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [tuple(row) for row in csv.reader(stream)]
    repeats = [problem for problem in official.problems if "word for word" in problem.what]
    assert len(repeats) == sum(entry["times"] - 1 for entry in expected["repeated"])
    for problem in repeats:
        first = int(problem.what.split("repeats row ")[1].split()[0])
        assert rows[problem.row - 1] == rows[first - 1]


def test_out_of_date_back_references_are_listed(official, expected):
    listed = {problem.value: problem for problem in official.problems if "list of roles" in problem.what}
    assert set(listed) == {entry["skill"] for entry in expected["back_reference_mismatches"]}
    for entry in expected["back_reference_mismatches"]:
        for role in entry["only_in_role_file"] + entry["only_in_skill_file"]:
            assert role in listed[entry["skill"]].what


def test_texts_are_kept_as_published(official):
    path = shared_data.path("framework/official_2025-09-25_skill_content.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        published = {clean_name(row["Skill Name"]): row for row in csv.DictReader(stream)}
    for skill in official.skills:
        row = published[skill.name]
        assert skill.level_texts == (row["Awareness"], row["Working"], row["Practitioner"], row["Expert"])
        assert skill.description.strip() == row["Skill Description"].strip() or not row["Skill Description"]
        assert "MISSING" not in skill.description


def test_chief_roles_keep_their_checklist(official):
    chiefs = [role for family in official.families for role in family.roles if role.is_chief]
    texts = {skill.name: skill.description for skill in official.skills}
    assert sum(len(role.levels[0].requirements) for role in chiefs) == 28
    for role in chiefs:
        assert [level.name for level in role.levels] == [role.name]
        assert role.role_type == "Senior Civil Service"
        assert all(need is None for _, need in role.levels[0].requirements)
        assert all(texts[skill] for skill, _ in role.levels[0].requirements)


def test_trimmed_twin_has_the_same_facts(official):
    twin = read_framework(
        shared_data.path("framework/altered_2025-10-02_role_content_trimmed.csv"),
        shared_data.path("framework/altered_2025-10-02_skill_content_trimmed.csv"),
    )
    assert twin.facts_hash == official.facts_hash
    assert list(twin.facts()) == list(official.facts())


def test_bundle_equals_the_official_facts(official, tmp_path):
    bundled = read_facts(resource("frameworks", BUNDLED))
    assert bundled.facts_hash == official.facts_hash
    assert list(bundled.facts()) == list(official.facts())
    write_facts(official, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == resource("frameworks", BUNDLED).read_bytes()


def test_bundle_says_where_it_comes_from():
    bundled = read_facts(resource("frameworks", BUNDLED))
    assert bundled.label == "Government Digital and Data 2025-09"
    assert str(bundled.effective_on) == "2025-09-25"
    assert "Open Government Licence" in bundled.licence
    assert all(family.description for family in bundled.families)
    assert all(bundled.level_descriptions)
    assert not bundled.problems


def test_level_order_agrees_with_published_grades(official):
    """The 2023 grades of the role levels, an independent source, never fall as our order rises."""
    order = ["AA", "AO", "EO", "HEO", "SEO", "G7", "G6", "SCS"]
    grades: dict[tuple[str, str], list[int]] = {}
    with shared_data.path("framework/role_level_grades_2023-10.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        for row in csv.DictReader(stream):
            named = [
                order.index(part.split(" (")[0].strip()[:3].strip())
                if part.split(" (")[0].strip()[:3].strip() in order
                else order.index("SCS")
                for part in row["Civil Service Grades"].split(";")
                if part
            ]
            if named:
                grades[row["Role"].casefold(), row["Role Level"].casefold()] = named
    compared = falls = 0
    for family in official.families:
        for role in family.roles:
            known = [grades.get((role.name.casefold(), level.name.casefold())) for level in role.levels]
            steps = [sum(found) / len(found) for found in known if found]
            compared += max(0, len(steps) - 1)
            falls += sum(after < before for before, after in pairwise(steps))
    assert compared > 80
    assert falls <= 2


def test_repeats_that_differ_are_errors_naming_both_rows(tmp_path):
    rows = [["F", "R", "Senior r", "S", "Working"], ["F", "R", "Senior r ", "S", "Expert"]]
    found = read_framework(write(tmp_path, rows))
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert [(problem.row, problem.column, problem.value) for problem in errors] == [
        (3, "Skill Level", "Expert")
    ]
    assert "Row 2" in errors[0].what
    assert list(found.facts()) == [("F", "R", "Senior r", 1, "S", 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_do_not_change_names(tmp_path, encoding):
    found = read_framework(write(tmp_path, [["Données", "Café", "Café", "“Naïve”", "3"]], encoding=encoding))
    assert list(found.facts()) == [("Données", "Café", "Café", 1, "“Naïve”", 3)]


def test_unknown_level_is_an_error_with_row_and_column(tmp_path):
    found = read_framework(write(tmp_path, [["F", "R", "L", "S", "Wizard"], ["F", "R", "L", "T", "Expert"]]))
    (problem,) = found.problems
    assert (problem.row, problem.column, problem.value, problem.severity) == (
        2,
        "Skill Level",
        "Wizard",
        "error",
    )
    assert [fact[4] for fact in found.facts()] == ["T"]


def test_missing_column_is_one_problem_naming_it(tmp_path):
    path = write(tmp_path, [["F", "R", "S", "Working"]], ["Role Family", "Role", "Skill Name", "Skill Level"])
    with pytest.raises(InputProblems) as caught:
        read_framework(path)
    (problem,) = caught.value.problems
    assert "role_level" in problem.what
    assert "Skill Level" in problem.what


def test_own_order_of_levels_is_kept(tmp_path):
    rows = [
        ["F", "R", "Senior", "2", "S", "3"],
        ["F", "R", "Junior", "1", "S", "1"],
        ["F", "R", "Odd", "3", "S", "1"],
    ]
    head = ["role_family", "role", "role_level", "seniority", "skill", "required"]
    found = read_framework(write(tmp_path, rows, head))
    assert [level.name for level in found.families[0].roles[0].levels] == ["Junior", "Senior", "Odd"]


def test_names_in_other_letters_are_one_name(tmp_path):
    found = read_framework(write(tmp_path, [["F", "R", "L", "Coding", "1"], ["F", "R", "M", "CODING", "2"]]))
    assert Counter(fact[4] for fact in found.facts()) == {"Coding": 2}
    assert [skill.name for skill in found.skills] == ["Coding"]
