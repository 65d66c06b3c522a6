"""Ranking learns from what was sent: measured on later uses, checked against planted habits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from front_door import SAMPLE

from workbench.people.desk import read_uses
from workbench.people.suggestions_ranking import (
    FEWEST_USES,
    FIXED_ORDER,
    Candidate,
    learn,
    mean_reciprocal_rank,
    measure,
)
from workbench.records.desk import SuggestionKind, SuggestionOutcome, Use
from workbench.sample import generate_contacts
from workbench.sample.desk_uses import uses_of_contact, write_desk_uses
from workbench.sample.planted import DESK_HABITS

MAY = datetime(2026, 5, 4, 8, tzinfo=UTC)


def use(number: int, kind: str, outcome: str, place: int = 1, sentiment: float = 0.0) -> Use:
    return Use(
        at=MAY + timedelta(minutes=number),
        conversation_id=f"conv-{number}",
        turn=1,
        intent="invoice_amount",
        sentiment=sentiment,
        kind=SuggestionKind(kind),
        key=kind,
        place=place,
        outcome=SuggestionOutcome(outcome),
    )


def candidate(kind: str, sentiment: float = 0.0) -> Candidate:
    return Candidate(
        kind=SuggestionKind(kind), key=kind, intent="invoice_amount", sentiment=sentiment
    )


def test_with_too_few_uses_the_order_stays_the_fixed_one() -> None:
    uses = [use(n, "opening", "accepted") for n in range(FEWEST_USES - 1)]
    kinds = [candidate(kind.value) for kind in reversed(FIXED_ORDER)]
    assert learn(uses).order(kinds) == [3, 2, 1, 0]


def test_what_is_sent_more_often_comes_first() -> None:
    uses = [use(n, "draft", "accepted" if n % 5 == 0 else "ignored") for n in range(100)]
    uses += [use(n, "article", "edited" if n % 5 else "rejected") for n in range(100)]
    ranking = learn(uses)
    assert ranking.order([candidate("draft"), candidate("article")]) == [1, 0]
    assert ranking.chance(candidate("article")) == pytest.approx(0.8, abs=0.06)
    assert ranking.chance(candidate("draft")) == pytest.approx(0.2, abs=0.06)


def test_a_text_that_only_unhappy_customers_are_spared_falls_back_for_them_alone() -> None:
    luck = Random(5)
    uses = []
    for n in range(400):
        sentiment = luck.uniform(-1, 0.5)
        wanted = "opening" if sentiment < -0.4 else "draft"
        for place, kind in enumerate(("draft", "opening"), 1):
            outcome = "accepted" if kind == wanted else "ignored"
            uses.append(use(n, kind, outcome, place, sentiment))
    ranking = learn(uses)
    for sentiment, first in ((0.4, 0), (-0.9, 1)):
        shown = [candidate("draft", sentiment), candidate("opening", sentiment)]
        assert ranking.order(shown)[0] == first


def test_a_text_nobody_has_seen_starts_in_the_middle() -> None:
    uses = [use(n, "draft", "accepted" if n % 2 else "ignored") for n in range(100)]
    assert 0.2 < learn(uses).chance(candidate("macro")) < 0.8


def test_the_order_of_the_uses_does_not_change_what_is_learned() -> None:
    uses = list(read_uses(SAMPLE / "desk_uses.csv"))
    mixed = Random(1).sample(uses, len(uses))
    assert learn(mixed).weights == pytest.approx(learn(uses).weights, abs=1e-9)


def test_mean_reciprocal_rank_is_that_of_the_definition() -> None:
    first = [use(1, "draft", "accepted", 1), use(1, "opening", "ignored", 2)]
    second = [use(2, "draft", "ignored", 1), use(2, "opening", "edited", 2)]
    assert mean_reciprocal_rank(learn(()), [first, second]) == (1 + 1 / 2) / 2


def test_nothing_after_the_split_is_learned_from() -> None:
    past = [use(n, "draft", "accepted" if n % 2 else "ignored") for n in range(100)]
    future = [use(100 + n, "draft", "accepted") for n in range(40)]
    turned = [one.model_copy(update={"outcome": SuggestionOutcome.IGNORED}) for one in future]
    told, other = measure(past + future), measure(past + turned)
    assert told.learned_from == other.learned_from
    assert told.split_at == other.split_at
    assert told.split_at is not None and told.split_at < future[0].at


def test_no_uses_give_a_report_of_nothing() -> None:
    assert measure(()).tested_on == 0


def test_the_rank_of_what_was_sent_rises_on_later_uses_of_the_sample(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = measure(read_uses(SAMPLE / "desk_uses.csv"))
    with capsys.disabled():
        print(
            f"\nsuggestions, sample: mean reciprocal rank {report.before:.3f} before, "
            f"{report.after:.3f} after learning from {report.learned_from} uses, "
            f"on {report.tested_on} later sets"
        )
    assert report.tested_on >= 50
    assert report.after > report.before + 0.03


def test_it_rises_on_a_history_twenty_times_as_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(generate_contacts(120_000, 5, tmp_path).path)
    write_desk_uses(table, tmp_path / "uses.csv")
    report = measure(read_uses(tmp_path / "uses.csv"))
    with capsys.disabled():
        print(
            f"\nsuggestions, long history: mean reciprocal rank {report.before:.3f} before, "
            f"{report.after:.3f} after, on {report.tested_on} later sets"
        )
    assert report.tested_on > 1000
    assert report.after > report.before + 0.05


# The generator


def test_the_sample_uses_add_up_to_the_contacts() -> None:
    table = pq.read_table(SAMPLE / "history" / "contacts.parquet")
    uses = read_uses(SAMPLE / "desk_uses.csv")
    for outcome in ("accepted", "edited", "ignored"):
        counted = sum(table[f"suggestions_{outcome}"].to_pylist())
        assert sum(one.outcome == outcome for one in uses) == counted, outcome


def test_the_habits_at_the_desk_can_be_found_again() -> None:
    """Macro beside draft, and the draft's share with happy and unhappy customers."""
    sent = {"macro": 0, "draft": 0}
    for number in range(4000):
        kinds = {one.kind.value: one for one in uses_of_contact(_contact(number, 0.2))}
        if kinds.keys() >= sent.keys():
            for kind in sent:
                sent[kind] += kinds[kind].outcome.sent
    print(f"\nmacro / draft = {sent['macro'] / sent['draft']:.2f}")
    assert sent["macro"] / sent["draft"] == pytest.approx(DESK_HABITS.size, rel=0.2)
    assert _draft_share(-0.8) < _draft_share(0.2) / 2


def _contact(number: int, sentiment: float) -> dict[str, object]:
    return {
        "contact_id": f"N-{number}",
        "started_at": MAY,
        "intent": "contract_cancel",
        "sentiment": sentiment,
        "suggestions_shown": 3,
        "suggestions_accepted": 1,
        "suggestions_edited": 0,
    }


def _draft_share(sentiment: float) -> float:
    found = [list(uses_of_contact(_contact(number, sentiment))) for number in range(2000)]
    drafts = [one for shown in found for one in shown if one.kind is SuggestionKind.DRAFT]
    return sum(one.outcome.sent for one in drafts) / len(drafts)
