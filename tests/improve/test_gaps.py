"""Articles that are missing are found again from the questions that nobody answers any more."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from front_door import ROOT, SAMPLE

from workbench import Workbench
from workbench.errors import InputError
from workbench.improve.gaps import Gap, Question, counted, missing_articles
from workbench.improve.messages import read_messages
from workbench.systems.knowledge import ArticleSearch

ARTICLES = sorted({path.name.split(".")[0] for path in (SAMPLE / "knowledge").glob("*.md")})
LOOKED_AT = 5
"""Gaps at the top of the list that a person would read."""


def questions() -> dict[str, list[Question]]:
    """Article -> questions in customers' own words that it answers, in four languages."""
    found: dict[str, list[Question]] = {article: [] for article in ARTICLES}
    for name in ("knowledge_questions.toml", "knowledge_tuning.toml"):
        table = tomllib.loads((ROOT / "tests" / "systems" / name).read_text(encoding="utf-8"))
        for language, by_article in table["in_scope"].items():
            for article, texts in by_article.items():
                found[article] += [Question(text=t, language=language, times=3) for t in texts]
    return found


def search_without(article: str, folder: Path) -> ArticleSearch:
    left = folder / f"without-{article}"
    left.mkdir()
    for path in (SAMPLE / "knowledge").glob("*.md"):
        if path.name.split(".")[0] != article:
            shutil.copy(path, left)
    return ArticleSearch.build(left, folder / "state")


def stands_for(gap: Gap, article: str) -> bool:
    """Whether most of a gap's questions are those that the article answers."""
    own = {question.text for question in questions()[article]}
    return sum(text in own for text in gap.questions) > len(gap.questions) / 2


def found_again(article: str, folder: Path) -> bool:
    asked = [question for texts in questions().values() for question in texts]
    gaps = missing_articles(asked, search_without(article, folder)).gaps[:LOOKED_AT]
    return any(stands_for(gap, article) for gap in gaps)


def found_rate(articles: list[str], folder: Path) -> float:
    missed = [article for article in articles if not found_again(article, folder)]
    rate = 1 - len(missed) / len(articles)
    print(f"\nremoved articles found again: {rate:.0%} of {len(articles)}; missed {missed}")
    return rate


def test_a_removed_article_is_found_again(tmp_path: Path) -> None:
    assert found_rate(["bank-details-policy", "refunds"], tmp_path) == 1


@pytest.mark.full
def test_four_of_five_removed_articles_are_found_again(tmp_path: Path) -> None:
    assert found_rate(ARTICLES, tmp_path) >= 0.8


def test_gaps_count_messages_and_come_with_examples(tmp_path: Path) -> None:
    search = search_without("delivery-and-returns", tmp_path)
    asked = [Question(text="How do I return goods?", times=7), Question(text="Do you rent tents?")]
    found = missing_articles(asked, search)
    assert found.questions == 8
    assert found.answered == 8 - sum(gap.contacts for gap in found.gaps)
    assert sum(gap.contacts for gap in found.gaps) >= 7
    assert found.gaps[0].examples[0] == "How do I return goods?"
    assert found.gaps[0].name in str(found)


def test_what_needs_a_record_or_says_nothing_is_no_gap(tmp_path: Path) -> None:
    search = search_without("delivery-and-returns", tmp_path)
    asked = [Question(text="Where is my parcel ORD-1005?"), Question(text="Hm?")]
    assert missing_articles(asked, search).gaps == ()


def test_the_same_words_are_counted_once_with_their_number() -> None:
    asked = counted([("Why?", "en"), ("How? ", "en"), ("How?", "en"), ("How?", "de")])
    assert [(q.text, q.language, q.times) for q in asked] == [
        ("How?", "en", 2), ("How?", "de", 1), ("Why?", "en", 1),
    ]  # fmt: skip


def test_gaps_of_history_leave_out_what_records_settled(workbench: Workbench) -> None:
    found = workbench.friction.gaps(where={"language": "en"})
    without = workbench.history.connection().execute(
        "SELECT DISTINCT summary FROM contact WHERE tool_failed IS NULL AND amount IS NULL"
        " AND intent NOT IN ('greeting', 'thanks', 'ask_person', 'are_you_human')"
    )
    unsettled = {text for (text,) in without.fetchall()}
    shown = {text for gap in found.gaps for text in gap.questions}
    assert shown and shown <= unsettled
    volumes = [gap.contacts for gap in found.gaps]
    assert volumes == sorted(volumes, reverse=True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        (b"subject,date\na,b\n", "no column of messages"),
        (b"text\n\n", "holds no message"),
        (b"text\n\xff\xfe\n", "cannot be read"),
        (b"", "no column of messages"),
    ],
)
def test_a_file_without_messages_is_refused_by_name(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "messages.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=says) as refused:
        read_messages(path)
    assert "messages.csv" in str(refused.value)
