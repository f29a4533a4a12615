"""Learns from published organograms which words speak against digital work, into resources/titles.

    python -m benchmarks.title_words FOLDER

``FOLDER`` holds organogram files (CSV, senior and junior posts, any depth). Every word of six or more distinct
titles gets its log-odds between posts of the Information Technology profession and all others, at most 0: words for
digital work are a list by hand (``digital_words.csv``), because a few large systems of 2011 to 2017 would fill a
learned one. Words of places, grades and bodies (``word_evidence_left_out.txt``) are left out.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from app.analysis.role_match import bundled_lexicon
from app.analysis.role_match.fit import word_evidence
from app.analysis.role_match.normalise import GRADE_WORDS
from app.analysis.role_match.reading import singular
from app.resources import resource

TITLE = ("job title", "generic job title", "jobtitle")
PROFESSION = ("professional/occupational group", "professionaloccupationalgroup")


def posts(folder: Path) -> Iterator[tuple[str, bool]]:
    """(title, whether its profession is Information Technology) of every post that names a profession."""
    for path in sorted(folder.rglob("*.csv")):
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
        rows = list(csv.reader(io.StringIO(text)))
        heads = [head.strip().lower() for head in rows[0]]
        title = next((heads.index(name) for name in TITLE if name in heads), None)
        profession = next((heads.index(name) for name in PROFESSION if name in heads), None)
        if title is None or profession is None:
            continue
        for row in rows[1:]:
            if len(row) > max(title, profession) and row[profession].strip().lower() not in {"", "n/a"}:
                yield (
                    " ".join(row[title].split()),
                    row[profession].strip().lower() == "information technology",
                )


def main(arguments: list[str]) -> int:
    """Write ``word_evidence.csv`` anew."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Name the folder of organogram files: python -m benchmarks.title_words FOLDER")
        return 2
    lexicon = bundled_lexicon()
    left_out = set(resource("titles", "word_evidence_left_out.txt").read_text(encoding="utf-8").split())
    left_out = {singular(word) for word in left_out}
    left_out |= {*GRADE_WORDS, *lexicon.seniority, *lexicon.noise, *lexicon.meanings}
    learned = word_evidence(list(posts(Path(arguments[0]))))
    with resource("titles", "word_evidence.csv").open("w", encoding="utf-8", newline="") as file:
        file.write("# Learned by python -m benchmarks.title_words from published organograms (OGL v3.0)\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "weight"))
        writer.writerows((word, min(weight, 0.0)) for word, weight in learned.items() if word not in left_out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
