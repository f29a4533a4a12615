"""The lexicon made ready for one framework and one organisation: words as numbers, phrases in a trie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from app.analysis.role_match.evidence import PhraseBook
from app.analysis.role_match.levels import LevelChooser
from app.analysis.role_match.lexicon import Lexicon
from app.analysis.role_match.phrases import Found, PhraseTrie, joined, without_contained
from app.analysis.role_match.reading import BREAK, UNSPOKEN, Reading, Vocabulary
from app.analysis.role_match.records import FloatArray, IntArray, RoleTarget, Rule
from app.terms import MatchKind, name_key

Entry = tuple[str, tuple[int, ...], int]
Phrases = dict[tuple[int, ...], tuple[tuple[int, ...], int]]

_DISCIPLINES: tuple[tuple[str, str], ...] = (
    ("engineer", "engineering"), ("architect", "architecture"), ("designer", "design"), ("tester", "testing"),
    ("analyst", "analysis"), ("developer", "development"), ("researcher", "research"),
    ("manager", "management"),
    ("administrator", "administration"), ("scientist", "science"), ("strategist", "strategy"),
)  # fmt: skip
"""A title may name the discipline instead of the person: "Interaction design" for interaction designer."""

SERVING = 4
"""The strength in phrases.csv of posts that serve the holder of the title after them."""

_COMMON_IN_ROLES = 6
"""A word in more role names than this ("manager") does not make two names alike."""


class CompiledLexicon:
    """Vocabulary, phrases and levels for a list of targets; answers are numbered as in ``Ranking``."""

    def __init__(self, lexicon: Lexicon, targets: Sequence[RoleTarget], rules: Mapping[str, Rule]) -> None:
        self._roles = {name_key(target.role): number for number, target in reversed([*enumerate(targets)])}
        self.unmapped, self.none = len(targets), len(targets) + 1
        names = [name for target in targets for name in (target.role, *target.levels)]
        self.vocabulary = Vocabulary(lexicon, (*names, *rules))
        own = self._by_words(self._own_names(targets))
        known = own | self._by_words(self._of_lexicon(lexicon))
        for phrase, (answers, _) in own.items():
            # a role's own name means that role first; how far to trust it the lexicon may know better
            known[phrase] = (_before(answers, known[phrase][0]), known[phrase][1])
        known = self._disciplines(known) | known
        for phrase, (answers, strength) in self._by_words(self._of_rules(rules)).items():
            if len(phrase) > 1:
                known[phrase] = (_before(answers, known.get(phrase, ((), 0))[0]), strength)
        self.trie = PhraseTrie(known, self.vocabulary.size)
        table = np.full((len(known) + 1, 3), -1, dtype=np.int64)
        for number, (answers, _) in enumerate(known.values()):
            table[number, : len(answers)] = answers
        strengths = np.array([*(strength for _, strength in known.values()), 1], dtype=np.int64)
        self.book = PhraseBook(table, np.minimum(strengths, 3), strengths == SERVING)
        self._digital = np.zeros(self.vocabulary.size, dtype=np.bool_)
        self._digital[
            [word for phrase, (answers, _) in known.items() if answers[0] != self.none for word in phrase]
        ] = True
        self._digital[BREAK] = True
        self.word_weight = self.vocabulary.values(dict(lexicon.evidence))
        self.levels = LevelChooser(targets, self.vocabulary, lexicon.seniority, lexicon.grades)
        self._prepare_likeness(targets)
        named = {name_key(answer) for entry in lexicon.phrases for answer in entry.answers}
        self.own_role = np.array([name_key(target.role) not in named for target in targets], dtype=np.bool_)

    def _own_names(self, targets: Sequence[RoleTarget]) -> Iterator[Entry]:
        for number, target in enumerate(targets):
            for level in target.levels:
                yield level, (number,), 3
        for number, target in enumerate(targets):
            yield target.role, (number,), 3

    def _of_lexicon(self, lexicon: Lexicon) -> Iterator[Entry]:
        for entry in lexicon.phrases:
            known = (self._answer(answer) for answer in entry.answers)
            # a role this framework does not have is still digital work
            yield entry.phrase, tuple(a for a in known if a >= 0) or (self.unmapped,), entry.strength

    def _of_rules(self, rules: Mapping[str, Rule]) -> Iterator[Entry]:
        """Confirmed titles (those of one word are left out later) also count inside a longer title."""
        for title, rule in rules.items():
            answer = self._answer(rule.role if rule.kind is MatchKind.ROLE else str(rule.kind))
            if answer >= 0:
                yield title, (answer,), 2

    def _answer(self, name: str) -> int:
        if name == MatchKind.NONE:
            return self.none
        return self.unmapped if name == MatchKind.DIGITAL_UNMAPPED else self._roles.get(name_key(name), -1)

    def _numbers(self, phrases: Sequence[str]) -> list[tuple[int, ...]]:
        if not phrases:
            return []
        reading = self.vocabulary.read(phrases)
        ends = np.searchsorted(reading.title, np.arange(len(phrases) + 1))
        words = reading.word.tolist()
        return [tuple(words[start : end - 1]) for start, end in pairwise(ends.tolist())]

    def _by_words(self, entries: Iterable[Entry]) -> Phrases:
        """Entries by their words; of two with the same words the later counts."""
        entries = list(entries)
        numbers = self._numbers([text for text, _, _ in entries])
        return {
            phrase: (answers, strength)
            for phrase, (_, answers, strength) in zip(numbers, entries, strict=True)
            if phrase
        }

    def _disciplines(self, known: Phrases) -> Phrases:
        other = {
            self.vocabulary.number(person): self.vocabulary.number(work) for person, work in _DISCIPLINES
        }
        return {
            (*phrase[:-1], other[phrase[-1]]): (answers, max(strength - 1, 1))
            for phrase, (answers, strength) in known.items()
            if len(phrase) > 1 and other.get(phrase[-1], 0) > UNSPOKEN and answers[0] != self.none
        }

    def _prepare_likeness(self, targets: Sequence[RoleTarget]) -> None:
        """Inverse document frequencies of the words of role names, and which roles have which word."""
        named = [sorted(set(words)) for words in self._numbers([target.role for target in targets])]
        count = np.bincount([w for words in named for w in words] or [0], minlength=self.vocabulary.size)
        self._idf = np.log((len(targets) + 1) / (count + 0.5)) + 0.1
        self._length = np.array([np.sqrt((self._idf[words] ** 2).sum()) for words in named])
        pairs = sorted(
            (w, role) for role, words in enumerate(named) for w in words if count[w] <= _COMMON_IN_ROLES
        )
        self._pair_role = np.array([role for _, role in pairs], dtype=np.int64)
        self._pair_from = np.searchsorted([w for w, _ in pairs], np.arange(self.vocabulary.size + 1))

    def find(self, reading: Reading, titles: int) -> Found:
        """The phrases of a reading, with what an unrelated word in or beside a title must not change put right.

        An unmistakable phrase is found across a word of other work inside it ("data fisheries engineer"), and a
        single such word says nothing beside one. Nothing counts after a post that serves somebody.
        """
        found = self._across_other_work(reading, self.trie.find_longest(reading.word))
        title, strength = reading.title[found.start], self.book.strength[found.phrase]
        of_role = self.book.answers[found.phrase, 0] < self.unmapped
        sure = np.zeros(titles, dtype=np.bool_)
        sure[title[of_role & (strength == 3)]] = True
        none = self.book.answers[found.phrase, 0] == self.none
        beside = none & (found.length == 1) & (strength < 3) & sure[title]
        serving = np.flatnonzero(self.book.serving[found.phrase])
        first = np.full(titles, len(reading.word))
        np.minimum.at(first, title[serving], found.start[serving])
        return found.only(~beside & (found.start <= first[title]))

    def _across_other_work(self, reading: Reading, found: Found) -> Found:
        own = self._digital[reading.word]
        mixed = np.zeros(int(reading.title.max(initial=0)) + 1, dtype=np.bool_)
        mixed[reading.title[~own]] = True
        at = np.flatnonzero(own & mixed[reading.title])
        more = self.trie.find_longest(reading.word[at])
        start, end = at[more.start], at[more.start + more.length - 1] + 1
        answers = self.book.answers[more.phrase, 0]
        sure = (more.length > 1) & (self.book.strength[more.phrase] == 3) & (answers < self.unmapped)
        more = Found(start, end - start, more.phrase)
        # phrases of other work of several words stay whole: "product safety manager" is no product manager
        none = (self.book.answers[found.phrase, 0] == self.none) & (found.length > 1)
        edges = np.zeros(len(reading.word) + 1, dtype=np.int64)
        np.add.at(edges, found.start[none], 1)
        np.add.at(edges, found.start[none] + found.length[none], -1)
        inside = np.concatenate(([0], np.cumsum(np.cumsum(edges[:-1]) > 0)))
        more = more.only(
            sure & (end - start > self.trie.lengths[more.phrase]) & (inside[end] == inside[start])
        )
        return without_contained(joined(found, more)) if len(more.start) else found

    def likeness(self, reading: Reading, titles: int) -> tuple[IntArray, IntArray, FloatArray]:
        """(title, role, cosine of their words) for the pairs that share a word few roles have."""
        count = np.diff(self._pair_from)[reading.word]
        at = np.repeat(np.arange(len(reading.word)), count)
        offset = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        role = self._pair_role[self._pair_from[reading.word[at]] + offset]
        title = reading.title[at]
        idf = self._idf[reading.word]
        length = np.sqrt(np.bincount(reading.title, idf**2 * (reading.word > UNSPOKEN), titles))
        key = title * max(len(self._length), 1) + role
        order = np.argsort(key, kind="stable")
        key, first = np.unique(key[order], return_index=True)
        dot = np.add.reduceat(self._idf[reading.word[at[order]]] ** 2, first) if len(first) else np.zeros(0)
        title, role = np.divmod(key, max(len(self._length), 1))
        return title, role, dot / (length[title] * self._length[role])


def _before(answers: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Up to three answers: these, then the others."""
    return (*answers, *(other for other in others if other not in answers))[:3]
