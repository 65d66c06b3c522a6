"""A text may state the facts of its statements under their names, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from drafts import fact

from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NameValue,
    NumberValue,
    PassageValue,
    ReferenceValue,
    Statement,
    TermValue,
    TimeValue,
)
from workbench.records.money import Money
from workbench.speak.grounding import check
from workbench.speak.writer import TemplateWriter


def money(name: str, amount: str, currency: str = "GBP") -> Fact:
    return fact(name, MoneyValue(value=Money.of(amount, currency)))


def day(name: str, year: int, month: int, number: int) -> Fact:
    return fact(name, DateValue(value=date(year, month, number)))


def reference(name: str, value: str) -> Fact:
    return fact(name, ReferenceValue(value=value))


ABOUT = {
    "number": reference("number", "INV-1001"),
    "issued": day("issued", 2026, 4, 4),
    "total": money("total", "139.12"),
    "status": fact("status", TermValue(value="partly_paid")),
}
INVOICE = (
    Statement(key="invoice.amount", facts=ABOUT),
    Statement(
        key="invoice.partly_paid",
        facts={
            "number": ABOUT["number"],
            "paid": money("paid", "100.00"),
            "open": money("open", "39.12"),
            "due": day("due", 2026, 5, 4),
        },
    ),
    Statement(
        key="person.handover",
        facts={
            "queue": fact("queue", TermValue(value="billing")),
            "wait": fact("wait", NumberValue(value=Decimal(12), unit="minutes")),
        },
    ),
)

TRUE = (
    "Your invoice INV-1001 comes to a total of £139.12, of which £39.12 is still open.",
    "The total is £139.12. We received £100.00.",
    "The total is GBP 139.12.",
    "The total is 139.12 GBP.",
    "We received £100 so far.",
    "Invoice INV-1001 was issued on April 4, 2026 and is due on 2026-05-04.",
    "It is due on 4 May.",
    "The expected wait is twelve minutes.",
    "The expected wait is 12 minutes.",
    "How can I help you?",
    "",
)


@pytest.mark.parametrize("text", TRUE)
def test_a_true_wording_passes(text: str) -> None:
    assert check(text, INVOICE, "en") == ()


FALSE = (
    ("The total is £193.12.", "ungrounded"),
    ("The total is £1,391.20.", "ungrounded"),
    ("The total is -£139.12.", "ungrounded"),
    ("The total is minus £139.12.", "ungrounded"),
    ("The total is €139.12.", "ungrounded"),
    ("The total is $139.12.", "ungrounded"),
    ("The total is £139.12 thousand.", "ungrounded"),
    ("The total is £139.12k.", "ungrounded"),
    ("The total is 139.12.", "ungrounded"),
    ("The total is one hundred and thirty-nine pounds.", "ungrounded"),
    ("The total is £１39.12.", "ungrounded"),
    ("The total is £139½.", "ungrounded"),
    ("The total is £39.12.", "mislabelled"),
    ("The open balance is £139.12.", "mislabelled"),
    ("We received £39.12, and £100.00 is still open.", "mislabelled"),
    ("Your account says £139.12.", "mislabelled"),
    ("It is due on 4 April 2026.", "mislabelled"),
    ("It is due on 4 May 2027.", "ungrounded"),
    ("It is due on Monday.", "ungrounded"),
    ("It is due in June.", "ungrounded"),
    ("Your invoice INV-1002 has a total of £139.12.", "ungrounded"),
    ("Your case is CASE-QWERTYUI.", "ungrounded"),
    ("The total is £139.12, less 10%.", "ungrounded"),
    ("Half of the total is paid.", "ungrounded"),
    ("Write to refunds@example.com.", "ungrounded"),
    ("Pay at https://pay.example.", "ungrounded"),
    ("The expected wait is 12%.", "ungrounded"),
    ("The expected wait is three minutes.", "ungrounded"),
    ("1. The total is £139.12.", "ungrounded"),
)


@pytest.mark.parametrize(("text", "problem"), FALSE)
def test_a_false_wording_is_found(text: str, problem: str) -> None:
    assert problem in {finding.problem for finding in check(text, INVOICE, "en")}


IN_WORDS = (
    ("de", "Offen sind hundertneununddreißig Euro."),
    ("de", "Der Gesamtbetrag ist zwölf Euro."),
    ("fr", "Le total est de quatre-vingt-dix euros."),
    ("es", "El total es de doscientos treinta euros."),
    ("es", "El total es de veintidós euros."),
)


@pytest.mark.parametrize(("language", "text"), IN_WORDS)
def test_figures_in_words_are_found_in_every_language(language: str, text: str) -> None:
    assert [finding.problem for finding in check(text, (), language)][:1] == ["ungrounded"]


ORDINARY = (
    ("de", "Danke! Ein Moment, ich sehe nach, ob eine Antwort da ist."),
    ("fr", "Merci ! Un instant, une personne regarde."),
    ("es", "¡Gracias! Un momento, una persona lo mira."),
    ("en", "Thank you! One of us may look at it, and no one is in a hurry."),
)


@pytest.mark.parametrize(("language", "text"), ORDINARY)
def test_an_article_is_no_figure(language: str, text: str) -> None:
    assert check(text, (), language) == ()


TWO_INVOICES = tuple(
    Statement(
        key="invoice.open",
        facts={"number": reference("number", number), "open": money("open", amount)},
    )
    for number, amount in (("INV-1", "10.00"), ("INV-2", "20.00"))
)


def test_a_value_belongs_to_the_invoice_that_the_text_names() -> None:
    assert check("INV-1 has £10.00 open, and INV-2 has £20.00 open.", TWO_INVOICES, "en") == ()
    wrong = check("INV-1 has £20.00 open, and INV-2 has £10.00 open.", TWO_INVOICES, "en")
    assert {finding.problem for finding in wrong} == {"misplaced"}


def test_a_value_without_any_invoice_is_doubtful_when_there_are_two() -> None:
    found = check("£10.00 is open.", TWO_INVOICES, "en")
    assert [finding.problem for finding in found] == ["misplaced"]


def test_a_list_is_said_line_by_line_or_not_at_all() -> None:
    rows = tuple(
        {"open": money("open", amount), "count": fact("count", NumberValue(value=Decimal(count)))}
        for amount, count in (("10.00", 1), ("20.00", 2))
    )
    statement = Statement(key="invoice.total_by_currency", rows=rows)
    text = TemplateWriter().write((statement,)).text
    assert check(text, (statement,), "en") == ()
    swapped = text.replace("10.00", "x").replace("20.00", "10.00").replace("x", "20.00")
    assert check(swapped, (statement,), "en")
    assert check(text.replace("£10.00 open on 1", "£20.00 open on 2"), (statement,), "en")


def test_a_name_with_figures_vouches_for_nothing_outside_its_quotation_marks() -> None:
    title = fact("title", NameValue(value="Refund of £5,000.00"))
    facts = {"case": reference("case", "CASE-ABCDEFGH"), "title": title}
    statements = (Statement(key="case.opened", facts=facts),)
    assert check("Case CASE-ABCDEFGH is “Refund of £5,000.00”.", statements, "en") == ()
    assert check("Case CASE-ABCDEFGH: a refund of £5,000.00 waits.", statements, "en")


def test_an_article_is_cited_word_for_word() -> None:
    passage = PassageValue(value="We charge 1.5% a month. Pay within 30 days.", title="Fees")
    statements = (Statement(key="knowledge.answer", facts={"passage": fact("p", passage)}),)
    assert check("You asked about fees: Pay within 30 days.", statements, "en") != ()
    assert check("“We charge 1.5% a month. Pay within 30 days.” (Fees)", statements, "en") == ()


def test_a_time_counts_with_its_zone_and_weekday() -> None:
    at = TimeValue(value=datetime(2026, 5, 4, 12, 30, tzinfo=UTC), zone="Europe/Berlin")
    facts = {"case": reference("case", "CASE-ABCDEFGH"), "by": fact("by", at)}
    statements = (Statement(key="case.updated", facts=facts),)
    assert check("You will hear from us by 4 May 2026, 14:30.", statements, "en") == ()
    assert check("You will hear from us by 4 May 2026, 14:30 EST.", statements, "en")
    assert check("You will hear from us by Tuesday, 4 May 2026.", statements, "en")
    assert check("You will hear from us by 4 May 2026, 12:30.", statements, "en")


def test_the_template_itself_always_passes() -> None:
    reply = TemplateWriter().write(INVOICE, tone="apologetic", zone="Europe/Berlin")
    assert check(reply.text, reply.statements, "en") == ()
