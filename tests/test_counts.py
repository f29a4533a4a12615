from __future__ import annotations

import pytest

from tests import counts


@pytest.mark.parametrize(("whole", "expected"), [("1", [3, 60, 1000]), ("0", [3, 5, 25])])
def test_share_runs_all_or_a_fortieth_but_never_fewer_than_five(
    monkeypatch: pytest.MonkeyPatch, whole: str, expected: list[int]
) -> None:
    monkeypatch.setenv(counts.WHOLE, whole)
    assert [counts.share(count) for count in (3, 60, 1000)] == expected


def test_chosen_cases_are_the_same_every_time_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(counts.WHOLE, "0")
    cases = list(range(400))
    picked = counts.chosen(cases, "seed")
    assert picked == counts.chosen(cases, "seed") == sorted(picked)
    assert len(picked) == 10
    assert picked != counts.chosen(cases, "another seed")
