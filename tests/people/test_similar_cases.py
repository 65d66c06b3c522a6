"""Solved cases like this one: found by words, topic and kind, shown to people only, measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from front_door import SAMPLE, sample_workbench

from workbench.errors import NotAllowed, NotFound
from workbench.people.similar_cases import Concern, most_alike, of_case, similar_cases
from workbench.records.cases import Case, CaseStatus
from workbench.records.decisions import HandOffReason
from workbench.records.evidence import Packet
from workbench.records.principals import Principal, Role, customer_principal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def case(name: str, title: str, topic: str = "complaint", **more: object) -> Case:
    return Case(
        id=f"CASE-{name}",
        customer_id="C-1",
        topic=topic,
        subject=f"order:{name}",
        title=title,
        status=CaseStatus.SOLVED,
        opened_at=NOON,
        updated_at=NOON,
        solved_at=NOON + timedelta(hours=3),
    ).model_copy(update=more)


LATE = case("1", "The courier came late again")
RUDE = case("2", "The courier was rude to our porter")
TONER = case("3", "Toner cartridge leaks", topic="quality")


@pytest.mark.parametrize(
    ("concern", "expected"),
    [
        (Concern(text="The courier came late"), ["CASE-1", "CASE-2"]),
        (Concern(text="Leaking toner cartridge", topic="quality"), ["CASE-3"]),
        (Concern(text="The courier came late", case_id="CASE-1"), ["CASE-2"]),
        (Concern(text="Wo ist meine Bestellung?"), []),
        (Concern(text=""), []),
    ],
)
def test_what_shares_most_comes_first_and_what_shares_nothing_is_not_shown(
    concern: Concern, expected: list[str]
) -> None:
    found = most_alike(concern, [TONER, RUDE, LATE])
    assert [one.case.id for one in found] == expected
    assert found == most_alike(concern, [LATE, TONER, RUDE]), "whatever order they come in"


def test_a_case_says_what_it_shares_and_how_long_it_took() -> None:
    (first, *_) = most_alike(of_case(case("9", "Courier late again")), [LATE, TONER])
    assert (first.case, first.shared) == (LATE, ("words", "topic", "kind"))
    assert first.took == timedelta(hours=3)
    assert 0 < first.likeness <= 1


def test_a_merged_case_is_no_answer() -> None:
    merged = LATE.model_copy(update={"merged_into": "CASE-2"})
    assert most_alike(Concern(text=LATE.title), [merged]) == ()


def test_numbers_of_invoices_make_no_two_cases_alike() -> None:
    others = [case("4", "Paper towels on INV-20044"), case("5", "Paper towels on INV-30099")]
    first, second = most_alike(Concern(text="Paper towels on INV-20044"), others)
    assert first.likeness == pytest.approx(second.likeness)


def test_an_open_case_is_shown_how_others_were_solved(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        disputes = (c for c in workbench.cases.open_cases() if c.topic == "invoice_dispute")
        asked = next(c for c in disputes if c.queue == "billing")
        found = workbench.cases.similar(asked)
        assert len(found) == 3
        assert all(not one.case.is_open and one.case.id != asked.id for one in found)
        assert all(one.last_word and one.took > timedelta(0) for one in found)
        assert any("credited" in one.outcome for one in found)
        concern = of_case(asked)
        for who in (customer_principal("C-1001", proven=True), person(Role.ANALYST)):
            with pytest.raises((NotAllowed, NotFound)):
                similar_cases(workbench.store, who, concern)
        assert similar_cases(workbench.store, person(Role.HUMAN_AGENT), concern) == found


def test_a_packet_is_compared_by_its_case_or_by_its_own_words(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        case = next(c for c in workbench.cases.open_cases() if c.topic == "invoice_dispute")
        packet = Packet(
            id="PKT-1",
            conversation_id="conv-1",
            customer_id=case.customer_id,
            reason=HandOffReason.CUSTOMER_REQUEST,
            queue="billing",
            requests=("The driver came outside the agreed hours",),
            created_at=NOON,
        )
        with_case = packet.model_copy(update={"case_id": case.id})
        assert workbench.cases.similar(with_case) == workbench.cases.similar(case)
        (first, *_) = workbench.cases.similar(packet)
        assert "Driver" in first.case.title
        assert first.shared == ("words",)


def person(role: Role) -> Principal:
    return Principal(id=f"{role.value}:ana", role=role)


def test_cases_found_are_more_often_of_the_true_reason_than_chance() -> None:
    """The reason of a dispute is known from the books; the finder does not see it."""
    reasons = {row["case_id"]: row["reason"] for row in rows("disputes")}
    cases = [Case.model_validate(row) for row in rows("cases") if row["id"] in reasons]
    right, by_chance = share(cases, reasons)
    goods, goods_by_chance = share(cases, {one.id: one.title.split(" on ")[0] for one in cases})
    print(
        f"\nsimilar cases: top 3 of {len(cases)} disputes share the true reason {right:.1%} "
        f"(chance {by_chance:.1%}), the product {goods:.1%} (chance {goods_by_chance:.1%})"
    )
    assert right > 0.8 > by_chance
    assert goods > 0.8 > goods_by_chance


def share(cases: Sequence[Case], truth: dict[str, str]) -> tuple[float, float]:
    """Of the solved cases that are found, and of all, how many have the truth of the case asked."""
    found, chance = [], []
    for one in cases:
        others = [other for other in cases if not other.is_open and other.id != one.id]
        top = most_alike(of_case(one), others)
        found += [truth[other.case.id] == truth[one.id] for other in top]
        chance += [sum(truth[other.id] == truth[one.id] for other in others) / len(others)]
    return sum(found) / len(found), sum(chance) / len(chance)


def rows(name: str) -> list[dict[str, str]]:
    lines = (SAMPLE / "records" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]
