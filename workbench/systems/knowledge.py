"""Search over the POC's articles: passages that answer a question, or nothing.

Articles are data. Whatever stands in one is cited as text and followed by nobody.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from workbench.records.evidence import Source
from workbench.systems.ports import Passage
from workbench.systems.retrieval_articles import Section, digest_of_articles, read_sections
from workbench.systems.retrieval_shelf import Shelf
from workbench.systems.retrieval_text import word_list

_FORMAT = "1"
"""Raised when the index changes its form, so that an older one is built again."""
_SECTIONS = "sections.json"


class ArticleSearch:
    """Implements `ports.Knowledge` over a folder of Markdown articles. Safe for many threads."""

    def __init__(self, folder: Path) -> None:
        """Open an index that `build` has written; its parts are read when first needed."""
        self._folder = folder
        self._shelves: dict[str, Shelf] | None = None
        self._lock = threading.Lock()

    @classmethod
    def build(cls, articles: Path, state: Path | None = None) -> ArticleSearch:
        """The search over the articles of a folder, indexed anew when one has changed.

        Args:
            articles: `<name>.md` in English, `<name>.de.md` in German, and so on.
            state: Where the index is kept; it appears there complete or not at all. By default a
                temporary folder.
        """
        state = state or Path(tempfile.mkdtemp(prefix="workbench-knowledge-"))
        folder = state / _name_of(articles)
        if not folder.exists():
            _write_index(read_sections(articles), folder)
        return cls(folder)

    def search(self, question: str, *, language: str = "en", limit: int = 3) -> tuple[Passage, ...]:
        """Passages that answer the question, best first; empty when nothing does.

        Articles in the question's language are searched; English ones for a language without.
        """
        with self._lock:
            found = self._shelf(language).search(question)
        return tuple(_passage(section, score) for section, score in found[:limit])

    def _shelf(self, language: str) -> Shelf:
        if self._shelves is None:
            self._shelves = _open_shelves(self._folder)
        return self._shelves.get(language) or self._shelves["en"]


def _name_of(articles: Path) -> str:
    """A name that changes with everything the index is made from."""
    made_from = _FORMAT + digest_of_articles(articles) + word_list()
    return hashlib.sha256(made_from.encode()).hexdigest()[:16]


def _open_shelves(folder: Path) -> dict[str, Shelf]:
    rows = json.loads((folder / _SECTIONS).read_text(encoding="utf-8"))
    return _shelves([Section.model_validate(row) for row in rows], folder)


def _shelves(sections: Sequence[Section], folder: Path) -> dict[str, Shelf]:
    """One shelf per language that has articles; English always has one, if an empty one."""
    languages = dict.fromkeys(["en", *(section.language for section in sections)])
    return {
        language: Shelf(
            language, [s for s in sections if s.language == language], folder / language
        )
        for language in languages
    }


def _write_index(sections: Sequence[Section], folder: Path) -> None:
    """Write beside the place and move; whoever comes second keeps what the first one wrote."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as temporary:
        partial = Path(temporary) / folder.name
        partial.mkdir()
        rows = [section.model_dump() for section in sections]
        (partial / _SECTIONS).write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        for shelf in _shelves(sections, partial).values():
            shelf.write_index()
        try:
            partial.rename(folder)
        except OSError:
            if not folder.exists():
                raise


def _passage(section: Section, score: float) -> Passage:
    return Passage(
        text=section.text,
        title=f"{section.title}: {section.heading}" if section.heading else section.title,
        source=Source(system="knowledge", record=f"article {section.article}#{section.anchor}"),
        score=round(score, 4),
        language=section.language,
    )
