"""Finds the heading row of a table and matches headings to our names (FORMATS, "Columns that come in")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from app.errors import InputProblems, UsageError
from app.files.cells import Cell, RawColumn, Table, column_letters
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.terms import clean_name, name_key

SEARCHED_ROWS = 40
_MAP_ADVICE = 'Say which it is: --map "Their heading=our_name", or the column letter in place of the heading.'
_LOOSE_WORDS = re.compile(
    r"^(?:employees?|person|people|staff|current|primary|main|substantive|assignment)\b[\s_'’s-]*"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One of our columns, the other headings it goes by, and whether a file must have it.

    An exact one is never matched with brackets or empty words left out: "Testing (data)" is not "Testing".
    """

    name: str
    synonyms: tuple[str, ...] = ()
    is_required: bool = False
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class UnclearHeading:
    """A heading that could be one of ours and has to be asked about."""

    heading: str
    could_be: str
    why: str


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """How the headings of a file were understood.

    ``pairs`` are (their heading, our name) in the order of the columns, ``left_out`` the headings that are
    not read at all, ``header_row`` is numbered as Excel numbers it.
    """

    sheet: str
    header_row: int
    pairs: tuple[tuple[str, str], ...]
    unclear: tuple[UnclearHeading, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchedTable:
    """A table with its headings understood: ``places`` and ``headings`` by our name."""

    table: Table
    start: int
    places: Mapping[str, int]
    headings: Mapping[str, str]
    others: tuple[tuple[int, str], ...]
    match: HeaderMatch

    def column(self, name: str) -> RawColumn | None:
        """The whole raw column (heading rows included), or None where the file has none."""
        place = self.places.get(name)
        return None if place is None else self.table.columns[place]

    def row_number(self, index: int) -> int:
        """The row as Excel numbers it."""
        return self.table.row_numbers[index]

    def unreadable_at(self, place: int) -> dict[int, str]:
        """Excel row -> why the cell of the column at this place cannot be read."""
        letter = place + self.table.first_column
        return {row: why for (row, column), why in self.table.unreadable.items() if column == letter}


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """A heading without case, spaces and punctuation: "Pers. No." is ``persno``."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


@lru_cache(maxsize=4096)
def _loose_key(text: str) -> str:
    """The heading without brackets and empty words: "Current grade (2026)" is ``grade``."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", clean_name(text).casefold()).strip()
    return heading_key(_LOOSE_WORDS.sub("", plain))


class _Vocabulary:
    """Which heading means which of our columns."""

    def __init__(self, fields: Sequence[Field], mapping: Mapping[str, str]) -> None:
        self.fields = {field.name: field for field in fields}
        self.known = {
            heading_key(text): field.name
            for field in reversed(fields)
            for text in (field.name, *field.synonyms)
        }
        self.mapped = {heading_key(theirs): clean_name(ours) for theirs, ours in mapping.items()}
        self.letters = {theirs.strip().upper(): clean_name(ours) for theirs, ours in mapping.items()}
        for theirs, ours in mapping.items():
            if ours and clean_name(ours) not in self.fields:
                raise UsageError(
                    f"There is no column of ours called “{ours}”, which “{theirs}” is mapped to.",
                    f"Ours are: {', '.join(self.fields)}.",
                )

    def exact(self, heading: str) -> str:
        return self.known.get(heading_key(heading), "")

    def loose(self, heading: str) -> str:
        name = self.known.get(_loose_key(heading), "")
        return "" if name and self.fields[name].is_exact else name

    def score(self, headings: Sequence[str]) -> int:
        """How much a row looks like headings; a loose match weighs a third, and needs three to count at all."""
        exact = {self.mapped.get(heading_key(text)) or self.exact(text) for text in headings if text} - {""}
        loose = {self.loose(text) for text in headings if text} - exact - {""}
        score = 3 * len(exact) + len(loose)
        return score if score >= 3 else 0


def match_table(
    file: str, tables: Sequence[Table], fields: Sequence[Field], options: ReadOptions, findings: Findings
) -> MatchedTable:
    """Choose the sheet and the heading row and match the headings; raises InputProblems, UsageError.

    Notes and unclear headings go to ``findings``. A file without a heading row, or without one of the columns
    it needs, is refused with one problem.
    """
    words = _Vocabulary(fields, options.mapping)
    table, header = _best_sheet(file, tables, words, options, findings)
    findings.sheet = table.sheet
    for note in table.notes:
        findings.note(0, "", "", note)
    headings = _unrepeated(_headings(table, header))
    found = _matched(table, header, headings, words, findings)
    _check_needed(found, words, findings)
    for index, heading in found.others:
        if not heading and table.sheet and _has_values(table.columns[index], header + 1):
            letters = column_letters(index + table.first_column)
            findings.note(table.row_numbers[header], letters, "", "The column has no heading and is left out")
    return found


def _best_sheet(
    file: str, tables: Sequence[Table], words: _Vocabulary, options: ReadOptions, findings: Findings
) -> tuple[Table, int]:
    filled = [table for table in tables if len(table)]
    if options.sheet:
        filled = [table for table in filled if name_key(table.sheet) == name_key(options.sheet)]
        if not filled:
            names = ", ".join(table.sheet for table in tables)
            raise UsageError(
                f"{file} has no sheet “{options.sheet}” with anything in it.", f"Its sheets: {names}."
            )
    ranked: list[tuple[int, bool, int, int]] = []
    for place, table in enumerate(filled):
        score, header = _best_header(table, words, options)
        ranked.append((-score, table.is_hidden, place, header))
    ranked.sort(
        key=lambda rank: (rank[1] and any(not other[1] and other[0] == rank[0] for other in ranked), rank)
    )
    if not ranked or not ranked[0][0]:
        where = "sheet" if len(filled) > 1 else "file"
        findings.error(
            0, "", "",
            f"No row of headings was found in the {where}" if filled else "There is nothing in the file",
            f"Put headings in one row above the data; these are needed: {_needed(words)}.",
        )  # fmt: skip
        raise InputProblems(findings.listed())
    best = ranked[0]
    table = filled[best[2]]
    if table.is_hidden:
        findings.note(
            0, "", table.sheet, "The table was found in a hidden sheet", "Check that it is the right one."
        )
    for score, _hidden, place, _header in ranked[1:]:
        if score == best[0]:
            text = "Another sheet has the same headings and was not read"
            findings.note(
                0, "", filled[place].sheet, text, "Put all rows in one sheet, or load each by itself."
            )
    return table, best[3]


def _best_header(table: Table, words: _Vocabulary, options: ReadOptions) -> tuple[int, int]:
    """(score, index) of the likeliest heading row; the earliest wins among equals."""
    if options.header_row:
        for index, number in enumerate(table.row_numbers):
            if number == options.header_row:
                return max(1, words.score(_headings(table, index))), index
        return 0, 0
    best_score, best_index = 0, 0
    for index in range(min(len(table), SEARCHED_ROWS)):
        score = words.score(_headings(table, index))
        if score > best_score:
            best_score, best_index = score, index
    return best_score, best_index


def _headings(table: Table, index: int) -> list[str]:
    """The headings of a row; a cell left blank under a cell that spans down takes the text above it."""
    own = [shown(cell) for cell in table.row(index)]
    if index == 0 or not any(own):
        return own
    above = _spread(table, index - 1)
    is_group_row = sum(map(bool, above)) > 1
    return [text or (above[place] if is_group_row else "") for place, text in enumerate(own)]


def _spread(table: Table, index: int) -> list[str]:
    cells = [shown(cell) for cell in table.row(index)]
    number = table.row_numbers[index] - 1
    for first_row, first_column, last_row, last_column in table.merged:
        if first_row <= number <= last_row:
            first = first_column - table.first_column
            for place in range(max(0, first), min(len(cells), last_column - table.first_column + 1)):
                cells[place] = cells[place] or (cells[first] if 0 <= first < len(cells) else "")
    return cells


def shown(cell: Cell) -> str:
    """A cell as a heading or a name shows it."""
    if isinstance(cell, str):
        return clean_name(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _unrepeated(headings: list[str]) -> list[str]:
    """Headings that occur again get a number: Name, Name (2)."""
    seen: dict[str, int] = {}
    result: list[str] = []
    for text in headings:
        key = heading_key(text)
        seen[key] = seen.get(key, 0) + 1
        result.append(f"{text} ({seen[key]})" if text and seen[key] > 1 else text)
    return result


def _matched(
    table: Table, header: int, headings: list[str], words: _Vocabulary, findings: Findings
) -> MatchedTable:
    places, decided = _mapped_places(table, headings, words)
    unclear: list[UnclearHeading] = []
    row = table.row_numbers[header]
    for guess in (words.exact, words.loose):
        candidates: dict[str, list[int]] = {}
        for index, text in enumerate(headings):
            name = guess(re.sub(r" \(\d+\)$", "", text)) if index not in decided else ""
            if name and name not in places:
                candidates.setdefault(name, []).append(index)
        for name, indexes in candidates.items():
            decided.update(indexes)
            if len(indexes) == 1:
                places[name] = indexes[0]
                continue
            several = " and ".join(f"“{headings[index]}”" for index in indexes)
            unclear += [
                UnclearHeading(headings[index], name, f"{several} could be {name}") for index in indexes
            ]
            findings.heading_error(row, headings[indexes[0]], f"{several} could each be {name}", _MAP_ADVICE)
    by_place = {index: name for name, index in places.items()}
    others = tuple((index, text) for index, text in enumerate(headings) if index not in by_place)
    match = HeaderMatch(
        table.sheet,
        row,
        tuple((headings[index], by_place[index]) for index in sorted(by_place)),
        tuple(unclear),
        tuple(text for _index, text in others if text),
    )
    named = {name: headings[index] for name, index in places.items()}
    return MatchedTable(table, header + 1, places, named, others, match)


def _mapped_places(table: Table, headings: list[str], words: _Vocabulary) -> tuple[dict[str, int], set[int]]:
    """Columns whose meaning the user gave: our name -> place, and the places decided (left out ones too)."""
    places: dict[str, int] = {}
    decided: set[int] = set()
    used: set[str] = set()
    for index, text in enumerate(headings):
        letters = column_letters(index + table.first_column)
        key = heading_key(text)
        if text and key in words.mapped:
            ours = words.mapped[key]
            used.add(key)
        elif letters in words.letters:
            ours = words.letters[letters]
            used.add(heading_key(letters))
        else:
            continue
        decided.add(index)
        if ours:
            if ours in places:
                raise UsageError(f"Two columns are mapped to {ours}.", "Map one column to each name.")
            places[ours] = index
    missing = set(words.mapped) - used
    if missing:
        known = ", ".join(text for text in headings if text)
        raise UsageError(
            f"The mapping names a heading that is not there: {min(missing)}.", f"Headings: {known}."
        )
    return places, decided


def _check_needed(found: MatchedTable, words: _Vocabulary, findings: Findings) -> None:
    unclear = {heading.could_be for heading in found.match.unclear}
    missing = [
        field.name for field in words.fields.values() if field.is_required and field.name not in found.places
    ]
    if not missing:
        return
    if set(missing) <= unclear:
        raise InputProblems(findings.listed(), matches=_matches(found))
    missing = [name for name in missing if name not in unclear]
    heads = [text for _index, text in found.others if text]
    near = {name: get_close_matches(name, [heading_key(text) for text in heads], 1, 0.6) for name in missing}
    hints = [
        f"“{text}” may be {name}" for name in missing for text in heads if heading_key(text) in near[name]
    ]
    shown_heads = ", ".join(f"“{text}”" for text in _all_headings(found))[:300]
    findings.error(
        found.match.header_row, "", "",
        f"There is no column for {', '.join(missing)} among the headings {shown_heads}",
        f"Note that {' and '.join(hints)}. {_MAP_ADVICE}" if hints else _MAP_ADVICE,
    )  # fmt: skip
    errors = [problem for problem in findings.listed() if problem.severity == "error"]
    raise InputProblems(errors, matches=_matches(found))


def _matches(found: MatchedTable) -> tuple[tuple[str, str], ...]:
    """Every heading with our column it was taken for, "" for none, in the order of the file."""
    texts = {place: (text, "") for place, text in found.others if text}
    texts |= {found.places[name]: (text, name) for name, text in found.headings.items()}
    return tuple(texts[place] for place in sorted(texts))


def _all_headings(found: MatchedTable) -> Iterator[str]:
    texts = dict(found.others) | {found.places[name]: text for name, text in found.headings.items()}
    return (texts[index] for index in sorted(texts) if texts[index])


def _needed(words: _Vocabulary) -> str:
    return ", ".join(field.name for field in words.fields.values() if field.is_required)


def _has_values(column: RawColumn, start: int) -> bool:
    blanks = {code for code, value in enumerate(column.values) if value == ""}
    return any(code not in blanks for code in column.codes[start:])


def nearest(name: str, known: Collection[str]) -> str:
    """The known name most like this one, as a hint for a message; blank when none is near."""
    by_key = {name_key(text): text for text in known}
    close = get_close_matches(name_key(name), by_key, 1, 0.6)
    return by_key[close[0]] if close else ""
