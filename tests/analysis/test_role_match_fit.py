"""Weights, calibration and the figures of the evaluation."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.analysis.role_match import RoleMatcher, RoleTarget, Suggestion, TitleQuery, bundled_lexicon
from app.analysis.role_match.evidence import FEATURES
from app.analysis.role_match.fit import (
    PRIOR,
    design,
    fit_calibration,
    fit_weights,
    prior_weights,
    word_evidence,
)
from app.resources import resource
from app.terms import MatchKind
from benchmarks.title_scores import calibration_error, figures, intervals, marks
from benchmarks.titles import Trial, own_titles
from tests import shared_data
from tests.analysis.title_matching import matcher, targets


def test_the_prior_names_every_feature_and_no_other():
    assert set(PRIOR) == set(FEATURES)
    assert set(bundled_lexicon().fitted.weights) == set(FEATURES)


def test_the_evidence_weighed_is_the_probability_of_the_matcher():
    asked = [
        TitleQuery("Senior developer"),
        TitleQuery("Work coach", profession="Policy"),
        TitleQuery("IT manager"),
    ]
    answers = len(targets()) + 2
    whole = design(matcher().evidence(asked), np.ones((len(asked), answers), dtype=np.bool_))
    weights = np.array([bundled_lexicon().fitted.weights[name] for name in FEATURES])
    expected = matcher().probabilities(asked)
    rows = np.zeros_like(expected)
    keys = np.unique(np.concatenate([p.title * answers + p.answer for p in matcher().evidence(asked)]))
    rows.reshape(-1)[keys] = whole.chances(weights)
    spoken_for = rows > 0
    assert np.allclose(rows[spoken_for], expected[spoken_for])
    assert np.allclose(expected.sum(axis=1), 1.0)


def test_fitting_moves_a_wrong_answer_towards_the_label_and_is_repeatable():
    asked = [TitleQuery("Service manager")] * 20
    right = np.zeros((20, len(targets()) + 2), dtype=np.bool_)
    right[:, -1] = True
    lot = design(matcher().evidence(asked), right)
    fitted = fit_weights(lot)
    assert lot.chances(fitted)[lot.right].mean() > lot.chances(prior_weights())[lot.right].mean()
    assert np.array_equal(fitted, fit_weights(lot))


def test_the_calibration_recovers_overconfidence():
    chance = np.random.default_rng(3)
    truth = chance.uniform(0.5, 0.95, 4000)
    said = 1 / (1 + np.exp(-2.0 * np.log(truth / (1 - truth))))
    right = (chance.random(4000) < truth).astype(np.float64)
    slope, offset = fit_calibration(said, right)
    assert slope == pytest.approx(0.5, abs=0.06)
    assert offset == pytest.approx(0.0, abs=0.15)


def test_words_of_other_work_weigh_against_it():
    posts = [(f"Prison officer {name}", False) for name in "abcdefgh"] + [
        (f"Java developer {n}", True) for n in "abcdefgh"
    ]
    weights = word_evidence(posts, least=6)
    assert set(weights) == {"prison", "officer", "java", "developer"}
    assert weights["prison"] < 0 < weights["java"]
    assert word_evidence(posts, least=9) == {}


def test_the_calibration_error_is_that_of_ten_plain_bins():
    score, right = np.array([0.95, 0.92, 0.31, 0.33, 1.0]), np.array([True, False, False, True, True])
    by_hand = (3 / 5) * abs((0.95 + 0.92 + 1.0) / 3 - 2 / 3) + (2 / 5) * abs((0.31 + 0.33) / 2 - 1 / 2)
    assert calibration_error(score, right) == pytest.approx(by_hand)


def _said(kind: MatchKind, role: str = "", level: str = "", score: float = 0.9) -> tuple[Suggestion, ...]:
    return (Suggestion(1, kind, "Data" if role else "", role, level, score, "because"),)


def test_the_figures_follow_the_definitions_of_the_labelled_file():
    role = {
        "label_kind": "role",
        "role": "Data engineer",
        "role_level": "Data engineer",
        "confidence": "clear",
    }
    rows = [
        role,
        role | {"also_acceptable": "Data analyst; none"},
        {"label_kind": "none", "role": "", "also_acceptable": ""},
        {"label_kind": "digital_unmapped", "role": "", "also_acceptable": ""},
        {"label_kind": "family", "role": "", "role_family": "Data", "also_acceptable": "none"},
    ]
    answers = [
        _said(MatchKind.ROLE, "Data engineer", "Senior data engineer"),
        _said(MatchKind.NONE),
        _said(MatchKind.ROLE, "Data analyst"),
        _said(MatchKind.NONE),
        _said(MatchKind.ROLE, "Data architect"),
    ]
    found = figures(marks(rows, answers))
    assert found["all_top1"] == pytest.approx(4 / 5)
    assert (found["role_top1"], found["role_top3"], found["level_top1"]) == (1.0, 1.0, 0.0)
    assert (found["none_recall"], found["none_precision"], found["unmapped_ok"]) == (0.0, 0.5, 1.0)
    low, high = intervals(marks(rows, answers), draws=50)["all_top1"]
    assert 0.0 <= low <= 4 / 5 <= high <= 1.0


def test_the_bundled_weights_answer_our_own_titles_rightly():
    rows = own_titles()
    asked = [TitleQuery(r["title"], r.get("grade", ""), "", r.get("profession_in_source", "")) for r in rows]
    found = figures(marks(rows, matcher().suggest(asked)))
    assert len(rows) > 500
    assert found["all_top1"] >= 0.95
    assert found["ece"] <= 0.05


def test_the_figures_on_the_labelled_sample_reach_what_is_promised():
    trial = Trial(shared_data.path("jobs/labelled_titles_sample.csv"))
    found = figures(marks(trial.sample.rows, trial.cross_validated()))
    assert found["role_top1"] >= 0.85
    assert found["role_top3"] >= 0.95
    assert found["level_top1"] >= 0.75
    assert found["none_recall"] >= 0.90
    assert found["none_precision"] >= 0.90
    assert found["ece"] <= 0.05


def test_the_weights_in_the_resources_are_those_the_command_writes():
    content = json.loads(resource("titles", "fitted.json").read_text(encoding="utf-8"))
    assert content["made_by"].startswith("python -m benchmarks.titles")
    assert set(content["weights"]) == set(FEATURES)


def test_another_framework_is_matched_by_its_own_names():
    roles = [RoleTarget("Sea", "Harbour pilot", ("Harbour pilot", "Senior harbour pilot"))]
    found = RoleMatcher(roles).suggest([TitleQuery("Senior Harbour Pilot"), TitleQuery("Java developer")])
    assert (found[0][0].role, found[0][0].role_level) == ("Harbour pilot", "Senior harbour pilot")
    assert found[1][0].kind is MatchKind.DIGITAL_UNMAPPED
