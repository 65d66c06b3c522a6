"""Articles on disk, cut into the sections that may be cited."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from workbench.records.base import Record
from workbench.systems.retrieval_text import supported

_LONGEST_SECTION = 220
"""Words; a longer section is split at sentence ends."""
_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


class Section(Record):
    """One citable passage of an article."""

    article: str
    """Name of the file without language and ending."""
    language: str
    title: str
    heading: str
    anchor: str
    """The heading as it stands in a reference: `ways-to-pay`."""
    text: str


def digest_of_articles(folder: Path) -> str:
    """A hash over names and contents of all articles."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_sections(folder: Path) -> tuple[Section, ...]:
    """All sections of all articles, in order of file name."""
    return tuple(section for path in _files(folder) for section in _sections(path))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.md"))


def _sections(path: Path) -> Iterator[Section]:
    from llama_index.core.node_parser import MarkdownNodeParser
    from llama_index.core.schema import Document

    name, _, language = path.stem.partition(".")
    document = Document(text=path.read_text(encoding="utf-8"))
    title = name
    for node in MarkdownNodeParser().get_nodes_from_documents([document]):
        first, _, body = node.get_content().partition("\n")
        marks, _, heading = first.partition(" ")
        if set(marks) != {"#"}:
            heading, body = "", node.get_content()
        if marks == "#":
            title = heading.strip()
        for text in _pieces(body):
            yield Section(
                article=name,
                language=language if language in supported() else "en",
                title=title,
                heading=heading.strip() if marks != "#" else "",
                anchor=anchor_of(heading),
                text=text,
            )


def _pieces(body: str) -> list[str]:
    """The text of a section; a very long one in several pieces that end with a sentence."""
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter(
        chunk_size=_LONGEST_SECTION,
        chunk_overlap=0,
        tokenizer=str.split,
        chunking_tokenizer_fn=_sentences,
    )
    text = " ".join(body.split())
    return splitter.split_text(text) if text else []


def _sentences(text: str) -> list[str]:
    return re.findall(r".+?(?:[.!?]\s+|$)", text)


def anchor_of(heading: str) -> str:
    """`Fälligkeit & Fristen` -> `faelligkeit-fristen`."""
    spelled = "".join(_LETTERS.get(letter, letter) for letter in heading.lower())
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
