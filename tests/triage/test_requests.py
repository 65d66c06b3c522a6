"""Several requests in one message, and one request in several clauses."""

from __future__ import annotations

import pytest

from workbench.triage.model import TriageModel

ONE = [
    "I paid last week, but it still shows open.",
    "Hello, hope you are well. Could you tell me what I owe you? Thanks in advance!",
    "We transferred the money on 3 May. The portal still says unpaid.",
    "My invoice has 10 boxes, but only 8 boxes arrived.",
    "Ich habe am 3. Mai bezahlt, trotzdem kam eine Mahnung.",
    "Guten Tag, wie viel ist noch offen? Mit freundlichen Grüßen, A. Weber",
]

SEVERAL = [
    ("How much do I owe and when is it due?", ["invoice_amount", "payment_terms"]),
    (
        "Please send me a copy of INV-1003. Also, what is the status of my case?",
        ["invoice_copy", "case_status"],
    ),
    (
        "Where is my parcel? And please change my address.",
        ["delivery_status", "address_change"],
    ),
    (
        "Wo bleibt mein Paket? Außerdem möchte ich meinen Vertrag kündigen.",
        ["delivery_status", "contract_cancel"],
    ),
]


@pytest.mark.parametrize("text", ONE)
def test_context_does_not_split_a_request(model: TriageModel, text: str) -> None:
    assert len(model.read(text).intents) == 1


def test_the_one_request_inside_a_long_story_is_found(model: TriageModel) -> None:
    story = (
        "You would not believe what a week we had. The cat next door had kittens in our wardrobe. "
        "My sister came over from Leeds to see them and stayed until Sunday. "
        "Please send me a copy of INV-1003. "
        "We then drove to the seaside, where it rained the whole day, and had fish for lunch."
    )
    signals = model.read(story)
    assert [score.intent for score in signals.intents] == ["invoice_copy"]
    assert signals.out_of_scope < 0.5


@pytest.mark.parametrize(("text", "intents"), SEVERAL)
def test_requests_are_told_apart_in_their_order(
    model: TriageModel, text: str, intents: list[str]
) -> None:
    scores = model.read(text).intents
    assert [score.intent for score in scores] == intents
    assert all(score.text and score.text in text for score in scores)
