"""The cheapest courses of one skill equal trying every order of courses; a course counts for all it raises."""

from __future__ import annotations

import random
from itertools import permutations

from app.analysis.learning_routes import Offer, Routes
from tests.counts import share


def _offers(rng: random.Random, count: int) -> list[Offer]:
    found: list[Offer] = []
    for number in range(count):
        entry = rng.randrange(0, 4)
        after = rng.randrange(entry + 1, 5)
        found.append(
            Offer(f"C{number}", rng.randrange(0, 6) * 100, rng.randrange(1, 5) * 100, 1, {7: (entry, after)})
        )
    return found


def _cheapest(offers: list[Offer], held: int, wanted: int) -> tuple[int, int] | None:
    best: tuple[int, int] | None = (0, 0) if held >= wanted else None
    for size in range(1, len(offers) + 1):
        for order in permutations(offers, size):
            level = held
            for offer in order:
                entry, after = offer.outcomes[7]
                level = max(level, after) if level >= entry else level
            figures = (sum(offer.cost for offer in order), sum(offer.hours for offer in order))
            if level >= wanted and (best is None or figures < best):
                best = figures
    return best


def test_routes_of_one_skill_equal_every_order_of_courses() -> None:
    for case in range(share(400)):
        rng = random.Random(case)
        offers = _offers(rng, rng.randrange(0, 5))
        held, wanted = rng.randrange(0, 5), rng.randrange(0, 5)
        found = Routes(offers).route({7: (held, wanted)}, 1_000)
        best = _cheapest(offers, held, wanted)
        assert (found is None) == (best is None)
        if found is not None and best is not None:
            assert (found.cost, found.hours) == best


def test_a_course_for_two_skills_is_taken_once() -> None:
    both = Offer("BOTH", 500, 900, 1, {1: (0, 2), 2: (0, 2)})
    found = Routes([both]).route({1: (0, 2), 2: (1, 2)}, 400)
    assert found is not None
    assert (found.courses, found.cost, found.quarters) == (("BOTH",), 500, 3)


def test_nothing_to_learn_takes_no_time() -> None:
    found = Routes([]).route({1: (2, 2)}, 400)
    assert found is not None
    assert (found.courses, found.quarters) == ((), 0)
    assert Routes([]).route({1: (1, 2)}, 400) is None
