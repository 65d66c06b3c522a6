"""What the fitted model reads out of messages nobody wrote into its training files."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from workbench.errors import ConfigError, Corrupt
from workbench.triage.evaluate import calibration_error
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.model import TriageModel

HELD_OUT = Path(__file__).with_name("heldout.csv")

WORDINGS = [
    ("Could you tell me the balance of INV-7788?", "invoice_amount"),
    ("I would like an explanation of the second line of my invoice.", "invoice_explain"),
    ("We only received six of the nine chairs you billed.", "invoice_dispute"),
    ("You have charged me two times for the same thing", "duplicate_charge"),
    ("please send me my invoice from March again", "invoice_copy"),
    ("I have paid the bill but it is still shown as open", "payment_not_shown"),
    ("by what date must the invoice be paid?", "payment_terms"),
    ("could we have your tax certificate please", "tax_certificate"),
    ("our purchase order number is not on the invoice", "purchase_order"),
    ("what is the total in US dollars?", "currency_conversion"),
    ("where does my refund stand?", "credit_status"),
    ("we have a new bank account, please change it", "bank_details_change"),
    ("I want to make a complaint about the fitter", "case_open"),
    ("is there any news about my complaint?", "case_status"),
    ("please add this photo to my case", "case_update"),
    ("you closed my case but the problem is back", "case_reopen"),
    ("please keep me informed about my case by e-mail", "case_subscribe"),
    ("stop sending me updates about the case", "case_unsubscribe"),
    ("the problem is solved, you can close the case", "case_close"),
    ("I want to talk to a person", "ask_person"),
    ("good morning", "greeting"),
    ("thank you very much", "thanks"),
    ("are you a robot or a human?", "are_you_human"),
    ("when will my parcel be delivered?", "delivery_status"),
    ("I moved house, my address has changed", "address_change"),
    ("I would like to cancel my contract", "contract_cancel"),
    ("why have you raised the price of my plan?", "price_change"),
    ("which payment methods do you offer?", "general_question"),
    ("Wie hoch ist der offene Betrag?", "invoice_amount"),
    ("Ich habe bezahlt, aber es steht noch offen", "payment_not_shown"),
    ("Je souhaite mettre fin à mon abonnement chez vous", "contract_cancel"),
    ("¿Cuándo me van a traer el paquete que pedí?", "delivery_status"),
]


@pytest.mark.parametrize(("text", "intent"), WORDINGS)
def test_a_plain_request_is_understood(model: TriageModel, text: str, intent: str) -> None:
    assert [score.intent for score in model.read(text).intents] == [intent]


def test_held_out_messages_are_mostly_understood_and_confidence_is_honest(
    model: TriageModel,
) -> None:
    """The held-out wordings are more idiomatic than the training ones on purpose."""
    rows = read_labelled(HELD_OUT)
    chances = np.array([model.intents.probabilities(row.text) for row in rows])
    told = [model.intents.labels[i] for i in chances.argmax(axis=1)]
    right = np.array([a == row.label for a, row in zip(told, rows, strict=True)])
    confidence = chances.max(axis=1)
    sure = confidence >= 0.8
    for language in ("en", "de", "fr", "es"):
        here = np.array([row.language == language for row in rows])
        print(f"held out {language}: accuracy {right[here].mean():.3f} of {here.sum()}")
    print(
        f"held out: accuracy {right.mean():.3f}, ECE {calibration_error(confidence, right):.3f}, "
        f"confidence >= 0.8: {sure.mean():.2f} of messages, accuracy {right[sure].mean():.3f}"
    )
    assert right.mean() >= 0.70
    assert right[sure].mean() >= 0.90
    assert calibration_error(confidence, right) <= 0.08


@pytest.mark.parametrize(
    "text",
    ["What's the weather like in Lisbon?", "asdf qwer yxcv", "tell me a joke about cats"],
)
def test_what_no_intent_covers_is_out_of_scope(model: TriageModel, text: str) -> None:
    assert model.read(text).out_of_scope >= 0.7


TONES = [
    ("Your service is a disgrace, I am furious.", -1),
    ("Das ist eine Unverschämtheit!", -1),
    ("Thank you so much, you were wonderful!", 1),
    ("Merci beaucoup, c'était parfait.", 1),
    ("Please send me the invoice of May.", 0),
]


@pytest.mark.parametrize(("text", "tone"), TONES)
def test_sentiment_tells_anger_and_joy_from_business(
    model: TriageModel, text: str, tone: int
) -> None:
    sentiment = model.read(text).sentiment
    assert {-1: sentiment < -0.3, 0: abs(sentiment) < 0.4, 1: sentiment > 0.3}[tone]


ANSWERS = [
    ("536365", "invoice"),
    ("INV-1003", "invoice"),
    ("anna@example.com", "identifier"),
    ("it's 20095", "identifier"),
    ("yes", "confirm"),
    ("no, thanks", "confirm"),
    ("the second one", "invoice"),
    ("they were broken when they came", "reason"),
]


@pytest.mark.parametrize(("text", "slot"), ANSWERS)
def test_an_answer_to_a_question_is_no_new_request(
    model: TriageModel, text: str, slot: str
) -> None:
    assert model.read(text, pending=slot).intents == ()


def test_a_question_in_between_is_a_new_request(model: TriageModel) -> None:
    read = model.read("Before that, what are your payment terms?", pending="identifier")
    assert [score.intent for score in read.intents] == ["payment_terms"]


@pytest.mark.parametrize("text", ["yes", "no", "ja", "oui", "sí", "yes please"])
def test_a_bare_yes_or_no_is_never_out_of_scope(model: TriageModel, text: str) -> None:
    assert model.read(text).out_of_scope == 0


def test_runners_up_are_other_intents_best_first(model: TriageModel) -> None:
    (score,) = model.read("something about my invoice").intents
    assert len(score.runners_up) == 2
    assert score.intent not in score.runners_up


def test_a_saved_model_reads_the_same(model: TriageModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    started = perf_counter()
    again = TriageModel.load(tmp_path)
    print(f"the sample's triage was loaded in {perf_counter() - started:.2f} s")
    for text, _ in WORDINGS:
        assert again.read(text) == model.read(text)


@pytest.mark.parametrize("name", ["classifier.json", "classifier.npz"])
def test_half_a_saved_model_is_corrupt(model: TriageModel, tmp_path: Path, name: str) -> None:
    model.save(tmp_path)
    file = tmp_path / "intents" / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(Corrupt, match="classifier"):
        TriageModel.load(tmp_path)


def test_a_label_that_is_not_declared_is_named() -> None:
    rows = [Labelled(text="a", label="known"), Labelled(text="b", label="strange")]
    with pytest.raises(ConfigError, match="strange"):
        TriageModel.fit(rows, rows, {"known"})
