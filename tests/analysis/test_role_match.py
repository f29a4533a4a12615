from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.role_match import (
    RULE_REASON,
    RULE_SCORE,
    RoleMatcher,
    RoleTarget,
    Rule,
    TitleQuery,
    normal_title,
)
from app.progress import Cancelled, Progress
from app.terms import MatchKind
from tests.analysis.title_matching import DIGITAL, NOT_DIGITAL, first, matcher, targets

TITLES = (*DIGITAL, *NOT_DIGITAL, "IT Manager", "ICT Project Manager", "Cyber Security Analyst")
UNRELATED = (
    "Croydon", "Newcastle", "Bluebird", "Kestrel", "Zone", "Wales", "Millbank", "Purple", "Marigold", "Yorkshire"
)  # fmt: skip
queries = st.lists(
    st.builds(
        TitleQuery,
        st.sampled_from(TITLES) | st.text(max_size=30),
        st.sampled_from(("", "SEO", "Grade 7", "Band C")),
        st.sampled_from(("", "Digital Services", "Fisheries")),
        st.sampled_from(("", "Information Technology", "Policy", "Other")),
    ),
    max_size=6,
)


@pytest.mark.parametrize("title", DIGITAL)
def test_titles_in_the_words_of_departments_mean_their_role_and_level(title: str):
    found = first(title)
    assert (found.role, found.role_level) == DIGITAL[title]


@pytest.mark.parametrize("title", NOT_DIGITAL)
def test_titles_that_are_not_digital_are_said_to_be_none(title: str):
    found = first(title)
    assert found.kind is MatchKind.NONE
    assert (found.role_family, found.role, found.role_level) == ("", "", "")


@pytest.mark.parametrize(
    "title",
    ["Cyber Security Analyst", "IT Manager", "Information Security Manager", "Digital Transformation Lead"],
)
def test_digital_work_that_no_single_role_covers_is_said_to_be_so(title: str):
    assert first(title, profession="Digital").kind is MatchKind.DIGITAL_UNMAPPED


@given(queries)
@settings(max_examples=30, deadline=None)
def test_every_title_comes_back_in_order_with_sound_ranks(asked: list[TitleQuery]):
    answered = matcher().suggest(asked)
    assert len(answered) == len(asked)
    for ranked in answered:
        assert [s.rank for s in ranked] == list(range(1, len(ranked) + 1))
        assert len({(s.kind, s.role_family, s.role) for s in ranked}) == len(ranked) == 3
        assert all(0.0 <= s.score <= 1.0 for s in ranked)
        assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)
        assert all(s.reason.strip() and len(s.reason.splitlines()) == 1 for s in ranked)


@given(queries)
@settings(max_examples=20, deadline=None)
def test_a_title_is_answered_the_same_alone_and_among_others(asked: list[TitleQuery]):
    alone = [matcher().suggest([query])[0] for query in asked]
    assert matcher().suggest(asked) == alone
    assert RoleMatcher(targets()).suggest(asked) == alone


def _in_another_dress(title: str, seed: int) -> str:
    chance = random.Random(seed)
    words = [chance.choice((str.upper, str.lower, str.title))(word) for word in title.split()]
    words = [word.replace("e", "é", 1) if chance.random() < 0.3 else word for word in words]
    text = chance.choice((" ", "  ", " - ", ", ", "\t")).join(words)
    return chance.choice(("", " ", "(", "*")) + text + chance.choice(("", " ", ".", "*", "!"))


@given(st.sampled_from([*DIGITAL, *NOT_DIGITAL]), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_case_punctuation_accents_and_blanks_change_nothing(title: str, seed: int):
    plain, dressed = first(title), first(_in_another_dress(title, seed))
    assert (plain.kind, plain.role, plain.role_level, plain.score) == (
        dressed.kind, dressed.role, dressed.role_level, dressed.score
    )  # fmt: skip


@given(st.sampled_from([*DIGITAL]), st.sampled_from(UNRELATED), st.integers(0, 6))
@settings(max_examples=80, deadline=None)
def test_an_unrelated_word_never_leads_to_another_role_family(title: str, word: str, place: int):
    words = title.split()
    words.insert(min(place, len(words)), word)
    assert first(" ".join(words)).role_family == first(title).role_family


@given(st.sampled_from([*DIGITAL]), st.from_regex(r"[a-z]{3,9}", fullmatch=True))
@settings(max_examples=40, deadline=None)
def test_a_made_up_word_never_leads_to_another_role_family(title: str, word: str):
    changed = first(f"{title} q{word}z")
    assert changed.role_family == first(title).role_family


def test_the_reason_names_the_words_their_meaning_and_the_grade():
    assert first("Snr Dev", "SEO").reason == "'Snr' → senior; 'Dev' → Software developer; grade SEO agrees"


def test_the_reason_of_none_says_what_speaks_against_a_role():
    assert first("Work Coach").reason == "'Work Coach' → not a digital role"
    assert first("Zebra", profession="Policy").reason == (
        "no words of a digital, data or technology role; profession 'Policy'"
    )


def test_the_grade_decides_only_where_no_word_does():
    role = RoleTarget("Crafts", "Weaver", ("Weaver of wool", "Weaver of silk"), (("EO",), ("G7",)))
    weaving = RoleMatcher([role])
    at = {grade: weaving.suggest([TitleQuery("Weaver", grade)])[0][0].role_level for grade in ("EO", "G7")}
    assert at == {"EO": "Weaver of wool", "G7": "Weaver of silk"}
    assert weaving.suggest([TitleQuery("Weaver of silk", "EO")])[0][0].role_level == "Weaver of silk"
    assert first("Junior Developer", "Grade 6").role_level == "Junior developer"


def test_a_profession_beside_the_title_turns_the_balance():
    assert first("Service Manager", profession="Human Resources").kind is MatchKind.NONE
    assert first("Service Manager", profession="Information Technology").kind is MatchKind.ROLE


def test_a_role_of_ones_own_matches_by_its_name():
    own = RoleTarget(
        "Fisheries", "Fisheries data wrangler", ("Fisheries data wrangler", "Lead fisheries data wrangler")
    )
    found = RoleMatcher([*targets(), own]).suggest(
        [TitleQuery("Lead Fisheries Data Wrangler"), TitleQuery("Data wrangler, fisheries team")]
    )
    assert (found[0][0].role, found[0][0].role_level) == (
        "Fisheries data wrangler",
        "Lead fisheries data wrangler",
    )
    assert "Fisheries data wrangler" in {s.role for s in found[1]}


def test_a_role_the_framework_lacks_still_counts_as_digital():
    some = [target for target in targets() if target.role != "User researcher"]
    found = RoleMatcher(some).suggest([TitleQuery("UX Researcher", profession="Digital")])[0]
    assert "User researcher" not in {s.role for s in found}
    assert found[0].kind is not MatchKind.NONE


def test_no_targets_at_all_still_answers_every_title():
    found = RoleMatcher([]).suggest([TitleQuery("Developer"), TitleQuery("Work coach")])
    assert [len(ranked) for ranked in found] == [2, 2]
    assert found[1][0].kind is MatchKind.NONE


def test_nothing_asked_is_nothing_answered():
    assert matcher().suggest([]) == []


def test_what_the_organisation_confirmed_comes_first():
    rule = Rule(MatchKind.ROLE, "Data", "Data engineer", "Senior data engineer")
    ruled = RoleMatcher(targets(), {normal_title("Pipeline Wizard (Band B)"): rule})
    same, inside, other = ruled.suggest(
        [TitleQuery("PIPELINE  wizard - 4417"), TitleQuery("Pipeline Wizard Team Alpha"), TitleQuery("Nurse")]
    )
    assert (same[0].role, same[0].role_level, same[0].score, same[0].reason) == (
        "Data engineer", "Senior data engineer", RULE_SCORE, RULE_REASON
    )  # fmt: skip
    assert [s.rank for s in same] == [1, 2, 3]
    assert len({(s.kind, s.role) for s in same}) == 3
    assert inside[0].role == "Data engineer"
    assert other[0].kind is MatchKind.NONE


def test_a_confirmed_none_overrides_a_digital_title():
    ruled = RoleMatcher(targets(), {normal_title("Product Manager"): Rule(MatchKind.NONE)})
    found = ruled.suggest([TitleQuery("Product manager")])[0]
    assert (found[0].kind, found[0].role, found[0].score) == (MatchKind.NONE, "", RULE_SCORE)
    assert found[1].role == "Product manager"


def test_columns_and_suggestions_agree():
    asked = [TitleQuery(title) for title in TITLES]
    ranking, found = matcher().rank(asked, top=2), matcher().suggest(asked, top=2)
    for row, ranked in enumerate(found):
        assert ranking.score[row].tolist() == [s.score for s in ranked]
        names = [*(t.role for t in targets()), "", ""]
        assert [names[answer] for answer in ranking.answer[row]] == [s.role for s in ranked]


def test_a_stopped_progress_stops_the_matching():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        matcher().suggest([TitleQuery("Developer")], progress=progress)
