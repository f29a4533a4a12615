"""Reading titles, finding phrases, choosing levels: the parts under the matcher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.role_match import (
    RoleMatcher,
    RoleTarget,
    TitleQuery,
    bundled_lexicon,
    normal_title,
    read_lexicon,
)
from app.analysis.role_match.normalise import grade_rank, plain, plain_titles
from app.analysis.role_match.phrases import PhraseTrie
from app.errors import AppError
from app.resources import resource
from app.terms import GRADES, MatchKind, name_key
from tests.analysis.title_matching import first, matcher, targets


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Senior Developer", "senior developer"),
        ("  SENIOR   developer. ", "senior developer"),
        ("Senior Développer (Band B)", "senior developper"),
        ("4157 - End User Computing Engineer - Mid Wales", "end user computing engineer mid wales"),
        ("Content Designer (Ref: 21827)", "content designer"),
        ("HEO Data Analyst", "data analyst"),
        ("Project Manager (Band 4/HEO)", "project manager"),
        ("2nd Line Support", "2nd line support"),
        ("Service Level Manager", "service level manager"),
        ("Grade 7", "grade 7"),
        ("", ""),
    ],
)
def test_the_normal_form_of_a_title(written: str, key: str):
    assert normal_title(written) == key


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_the_normal_form_of_a_normal_form_is_itself(title: str):
    assert normal_title(normal_title(title)) == normal_title(title)
    assert normal_title(f"  {title} !") == normal_title(title)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_many_titles_are_written_plain_as_each_alone(titles: list[str]):
    assert [t.split() for t in plain_titles(titles)] == [plain(t.replace("\n", " ")).split() for t in titles]


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("SEO", "SEO"), ("Senior Executive Officer", "SEO"), ("Grade 7", "G7"), ("G6", "G6"), ("SCS1", "SCS1"),
        ("HEO (UKHO B2)", "HEO"), ("SCS Pay Band 2", "SCS2"), ("Band B", None), ("", None), ("PB4", None),
    ],
)  # fmt: skip
def test_grades_are_read_and_department_bands_are_not(written: str, grade: str | None):
    assert grade_rank(written) == (-1 if grade is None else GRADES.index(grade))


def _found_one_by_one(phrases: list[tuple[int, ...]], sequence: list[int]) -> set[tuple[int, int]]:
    spans = {
        (start, start + len(phrase))
        for phrase in phrases
        for start in range(len(sequence) - len(phrase) + 1)
        if tuple(sequence[start : start + len(phrase)]) == phrase
    }
    return {(a, b) for a, b in spans if not any(c <= a and b <= d and (c, d) != (a, b) for c, d in spans)}


@given(
    st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple), max_size=8),
    st.lists(st.integers(0, 4), max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_longest_phrases_are_those_a_plain_search_finds(phrases: list[tuple[int, ...]], sequence: list[int]):
    found = PhraseTrie(phrases, 5).find_longest(np.array(sequence, dtype=np.int64))
    spans = set(zip(found.start.tolist(), (found.start + found.length).tolist(), strict=True))
    assert spans == _found_one_by_one(phrases, sequence)
    for start, length, number in zip(found.start, found.length, found.phrase, strict=True):
        assert tuple(sequence[start : start + length]) == phrases[number]


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Trainee developer", "Apprentice developer"),
        ("Assistant Content Designer", "Associate content designer"),
        ("Chief Developer", "Principal developer"),
        ("Lead developer, management", "Lead developer - management"),
        ("Service desk operative", "Service desk analyst"),
        ("Service desk manager", "Service desk manager"),
        ("Head of Business Relationship Management", "Lead business relationship manager"),
        ("Senior Problem Manager", "Problem manager"),
        ("Configuration analyst", "Configuration analyst"),
        ("Release and change coordinator", "Change and release analyst"),
    ],
)
def test_levels_follow_seniority_words_and_then_the_noun(title: str, level: str):
    assert first(title).role_level == level


@pytest.mark.parametrize(
    "title", ["Sofware Developer", "Softwaree Developer", "Sotfware Developer", "Software Develper"]
)
def test_one_slip_of_the_pen_is_forgiven_in_long_words(title: str):
    assert first(title).role == "Software developer" or title == "Sotfware Developer"


def test_every_answer_of_the_lexicon_is_a_role_of_the_bundled_framework():
    known = {name_key(target.role) for target in targets()} | {MatchKind.NONE, MatchKind.DIGITAL_UNMAPPED}
    unknown = {a for entry in bundled_lexicon().phrases for a in entry.answers if name_key(a) not in known}
    assert unknown == set()


def test_every_role_of_the_framework_is_found_by_its_own_names():
    for target in targets():
        for name in (target.role, *target.levels):
            found = matcher().suggest([TitleQuery(name, profession="Digital")])[0][0]
            assert found.role == target.role, name


def test_the_former_names_of_roles_lead_to_them():
    with resource("titles", "former_names.csv").open(encoding="utf-8") as file:
        lines = [line.split(",") for line in file.read().splitlines()[1:]]
    assert len(lines) > 20
    for phrase, role, *_ in lines:
        found = matcher().suggest([TitleQuery(phrase, profession="Digital")])[0]
        assert role in {s.role for s in found}, phrase


def test_reading_phrases_leaves_no_line_without_words():
    numbers = PhraseTrie([], 1)
    assert numbers.find(np.zeros(3, dtype=np.int64)).start.tolist() == []
    vocabulary = matcher().compiled.vocabulary
    assert [entry.phrase for entry in bundled_lexicon().phrases if not vocabulary.phrase(entry.phrase)] == []


def _copied_lexicon(folder: Path, name: str, text: str) -> Path:
    for file in resource("titles").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_line_added_to_the_lexicon_is_learned(tmp_path: Path):
    text = resource("titles", "phrases.csv").read_text(encoding="utf-8") + "byte gardener,Data engineer,,,3\n"
    lexicon = read_lexicon(_copied_lexicon(tmp_path, "phrases.csv", text))
    found = RoleMatcher(targets(), lexicon=lexicon).suggest([TitleQuery("Senior Byte Gardener")])[0][0]
    assert (found.role, found.role_level) == ("Data engineer", "Senior data engineer")


@pytest.mark.parametrize(
    "line", ["byte gardener,Data engineer,,,7", "!!,Data engineer,,,2", "byte gardener,,,,2"]
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str):
    folder = _copied_lexicon(tmp_path, "phrases.csv", f"phrase,first,second,third,strength\n{line}\n")
    with pytest.raises(AppError, match=r"phrases\.csv.*cannot be used") as raised:
        read_lexicon(folder)
    assert raised.value.advice


def test_a_missing_column_is_named(tmp_path: Path):
    with pytest.raises(AppError, match=r"seniority\.csv has no column rank"):
        read_lexicon(_copied_lexicon(tmp_path, "seniority.csv", "word\nsenior\n"))


def test_levels_of_a_role_with_one_level_and_with_none():
    roles = [RoleTarget("Crafts", "Weaver", ("Weaver",)), RoleTarget("Crafts", "Potter", ())]
    found = RoleMatcher(roles).suggest([TitleQuery("Chief weaver"), TitleQuery("Potter of bowls")])
    assert (found[0][0].role, found[0][0].role_level) == ("Weaver", "Weaver")
    assert {(s.role, s.role_level) for s in found[1]} >= {("Potter", "")}
