"""Cutting a message where one request may end and the next begin.

Cutting is generous; `requests` decides afterwards which pieces belong together.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

LONGEST_TEXT = 4_000
MOST_PIECES = 24
"""Pieces of one message; the rest stays in one last piece."""


def pieces(text: str) -> list[str]:
    """Sentences of a text, cut further before words that announce another request."""
    found: list[str] = []
    for sentence in _sentences(text[:LONGEST_TEXT]):
        found += _cut(sentence)
    if len(found) > MOST_PIECES:
        found = [*found[: MOST_PIECES - 1], " ".join(found[MOST_PIECES - 1 :])]
    return found


_STOP = re.compile(r"[.!?…]+[\"')\]]*(?=\s)|[\r\n]+|;(?=\s)|\s(?=\(?\d\)\s)")
_LAST_WORD = re.compile(r"([^\s.]+(?:\.[^\s.]+)*)\.$")


def _sentences(text: str) -> list[str]:
    sentences, start = [], 0
    for stop in _STOP.finditer(text):
        if _abbreviated(text, start, stop):
            continue
        sentences.append(text[start : stop.end()].strip())
        start = stop.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if any(c.isalnum() for c in sentence)]


def _abbreviated(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether a full stop belongs to an abbreviation or to a number such as `4. Mai`."""
    if stop[0] != ".":
        return False
    word = _LAST_WORD.search(text, max(start, stop.end() - 20), stop.end())
    if not word:
        return False
    return word[1].lower() in _rules()[0] or (word[1].isdigit() and len(word[1]) <= 2)


def _cut(sentence: str) -> list[str]:
    cuts = [found.end() for found in _rules()[1].finditer(sentence)]
    bounds = [0, *cuts, len(sentence)]
    parts = [sentence[a:b].strip(" ,") for a, b in pairwise(bounds)]
    return [part for part in parts if any(c.isalnum() for c in part)]


@lru_cache(maxsize=1)
def _rules() -> tuple[frozenset[str], re.Pattern[str]]:
    """Abbreviations, and the pattern of the last character before a further request."""
    source = files("workbench.triage") / "lexicon" / "reading" / "clauses.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    joints, openers = _any_of(table["joints"]), _any_of(table["openers"])
    ands = _any_of(table["and_words"].split())
    before = rf"[,\s](?=(?:{ands}\s)?{joints}\b|{ands}\s{openers}\b)"
    return frozenset(table["abbreviations"].split()), re.compile(before, re.IGNORECASE)


def _any_of(phrases: list[str]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(phrase) for phrase in longest_first) + ")"
