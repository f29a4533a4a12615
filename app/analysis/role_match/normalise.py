"""Job titles in one spelling: for grouping people, and as words the matcher can count.

Case, accents, punctuation and surplus spaces never matter. Post numbers, references, grades and pay bands say
nothing about the work and go; a grade is remembered as weak evidence for the level.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from app.terms import GRADES

GRADE_WORDS: dict[str, int] = {
    "aa": 0, "ao": 1, "eo": 2, "heo": 3, "seo": 4, "g7": 5, "g6": 6,
    "scs": 7, "scs1": 7, "scs2": 8, "scs3": 9, "scs4": 10, "heos": 3, "seos": 4, "eos": 2, "aos": 1,
}  # fmt: skip
"""Grade codes as they stand in titles, with their place in ``terms.GRADES``."""

_LONG_GRADES: tuple[tuple[str, int], ...] = (
    ("senior executive officer", 4), ("higher executive officer", 3), ("executive officer", 2),
    ("administrative officer", 1), ("administrative assistant", 0), ("grade 7", 5), ("grade 6", 6),
    ("senior officer", 4), ("higher officer", 3), ("assistant officer", 1),
    ("scs pay band 1", 7), ("scs pay band 2", 8), ("scs pay band 3", 9), ("deputy director", 7),
)  # fmt: skip

BAND_WORDS = frozenset(
    (
        "band",
        "grade",
        "tier",
        "range",
        "ref",
        "reference",
        "post",
        "posts",
        "vacancy",
        "payband",
        "afc",
        "gr",
        "lvl",
        "level",
    )
)
"""Words that announce a pay band, a reference or a post number when a short code follows."""

_COMBINING = re.compile("[\u0300-\u036f]+")
_CODE = re.compile(r"(?=.*\d)[0-9a-z]+")
_ORDINAL = frozenset(("1st", "2nd", "3rd"))
_LETTERS = bytes(
    code + 32 if 65 <= code <= 90 else code if 48 <= code <= 57 or 97 <= code <= 122 or code == 10 else 32
    for code in range(256)
)


def plain(text: str) -> str:
    """Lower case, no accents, everything that is not a letter or digit a blank (line ends kept).

    Works on bytes because very many titles pass through it at once, joined by line ends.
    """
    if not text.isascii():
        text = _without_accents(text)
    return text.encode("ascii", "replace").translate(_LETTERS, b"'`").decode("ascii")


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    return _COMBINING.sub("", text).casefold()


def plain_lines(titles: Sequence[str]) -> str:
    """:func:`plain` of many titles at once, one per line; a line end inside a title is a blank."""
    # accents cost far more than the rest, so only titles that have any are looked at
    text = "\n".join([title if title.isascii() else _without_accents(title) for title in titles])
    if text.count("\n") != len(titles) - 1:
        text = "\n".join([title.replace("\n", " ") for title in titles])
    return plain(text)


def plain_titles(titles: Sequence[str]) -> list[str]:
    """:func:`plain_lines` as a list."""
    return plain_lines(titles).split("\n") if titles else []


def is_code(word: str) -> bool:
    """Whether a word is a number or a mixture of digits and letters such as a post number."""
    return word not in _ORDINAL and _CODE.fullmatch(word) is not None


def normal_title(title: str) -> str:
    """The key under which a title is grouped: the same title written differently gives the same key.

    Case, punctuation, accents and surplus spaces go, and so do post numbers, references, grades and bands.
    A title that holds nothing else keeps its plain form, so that "Grade 7" is still a group of its own.
    """
    words = plain(title.replace("\n", " ")).split()
    kept: list[str] = []
    skip = False
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if skip:
            skip = False
        elif word in BAND_WORDS and (is_code(following) or len(following) == 1):
            skip = True
        elif not (is_code(word) or word in GRADE_WORDS or (word == "ref" and not following)):
            kept.append(word)
    return " ".join(kept) or " ".join(words)


@lru_cache(maxsize=4096)
def grade_rank(grade: str) -> int:
    """The place in ``terms.GRADES`` of a grade written in one of the usual ways, or -1 where it is not known.

    Department bands ("Band B", "PB4") are not read: they mean something else in every department.
    """
    text = " ".join(plain(grade.replace("\n", " ")).split())
    upper = text.replace(" ", "").upper()
    if upper in GRADES:
        return GRADES.index(upper)
    for words, rank in _LONG_GRADES:
        if words in text:
            return rank
    ranks = [GRADE_WORDS[word] for word in text.split() if word in GRADE_WORDS]
    return ranks[0] if ranks else -1
