"""Random statements for any key of the phrase catalogue, and the stories that flows tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NameValue,
    NumberValue,
    PassageValue,
    ReferenceValue,
    Source,
    Statement,
    TermValue,
    TimeValue,
    Value,
)
from workbench.records.money import Money, currency_digits
from workbench.speak.catalogue import catalogue
from workbench.speak.values import speak
from workbench.speak.writer import TemplateWriter, Tone

SOURCE = Source(system="billing", record="invoice INV-1001")
CURRENCIES = ("EUR", "GBP", "USD", "JPY", "KWD", "CHF")
PREFIXES = {
    "number": "INV-",
    "other": "INV-",
    "order": "ORD-",
    "contract": "K-",
    "credit_note": "CN-",
    "purchase_order": "PO-",
    "certificate": "TC-",
}
NAMES = {
    "assistant": ("Ada", "Robin"),
    "company": ("Acme Ltd", "Nordlicht GmbH", "3M"),
    "name": ("Anna Schmidt", "José Álvarez"),
    "description": ("SET OF 6 SPICE TINS", "Web hosting", "Kabel 5 m, 2-adrig", "T-LIGHT HOLDER"),
    "title": ("Line disputed", "Two parcels missing"),
    "to": ("a…@example.com", "…417"),
    "terms": ("net 30", "14 days 2 %, 30 days net"),
    "deduction_reason": ("2 pieces broken",),
    "credit_reason": ("return",),
    "rate_source": ("ECB", "European Central Bank"),
    "question": ("Which 3 items arrived broken?",),
    "entry": ("We asked the carrier on 3 May.",),
    "request": ("credit for line 2",),
    "words": ("Where is my parcel?",),
}
UNITS = {
    "tax_rate": "%",
    "late_fee": "%",
    "count": "invoices",
    "wait": "minutes",
    "limit": "characters",
}
TIMES = ("by", "opens", "updated", "solved", "at")
PASSAGE = "We charge a late fee of 1.5% a month after 30 days. You can pay by transfer or card."


@dataclass(frozen=True)
class Draft:
    """A true reply and what it is made from."""

    text: str
    statements: tuple[Statement, ...]
    language: str


def fact(name: str, value: Value) -> Fact:
    return Fact(name=name, value=value, source=SOURCE)


def random_fact(placeholder: str, random: Random, language: str, currency: str) -> Fact:
    """A plausible fact for a placeholder; no two figures of a kind are likely to be equal."""
    return fact(placeholder, _value(placeholder, random, language, currency))


def _value(placeholder: str, random: Random, language: str, currency: str) -> Value:
    words = catalogue(language)
    if placeholder in words.labels["money"]:
        return MoneyValue(value=random_money(random, currency))
    if placeholder in TIMES:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(400_000))
        return TimeValue(value=at, zone=random.choice(("Europe/Berlin", "America/Sao_Paulo")))
    if placeholder in words.labels["day"]:
        return DateValue(value=date(2025, 6, 1) + timedelta(days=random.randrange(500)))
    if placeholder in words.labels["number"] | words.labels["share"]:
        return _number(placeholder, random)
    if placeholder in ("case", "parent"):
        letters = "".join(random.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=8))
        return ReferenceValue(value=f"CASE-{letters}")
    if placeholder in ("currency", "target"):
        return ReferenceValue(value=currency)
    if placeholder in words.labels["reference"]:
        return ReferenceValue(value=f"{PREFIXES[placeholder]}{random.randrange(1000, 99999)}")
    if placeholder == "passage":
        return PassageValue(value=PASSAGE, title="Late fees")
    if placeholder in NAMES:
        return NameValue(value=random.choice(NAMES[placeholder]))
    return TermValue(value=random.choice(list(words.terms[placeholder])))


def random_money(random: Random, currency: str) -> Money:
    digits = currency_digits(currency)
    minor = random.choice((random.randrange(100, 99_999), random.randrange(1, 9) * 10_000))
    return Money(amount=Decimal(minor).scaleb(-digits), currency=currency)


def _number(placeholder: str, random: Random) -> NumberValue:
    if placeholder == "rate":
        return NumberValue(value=Decimal(random.randrange(5_000, 20_000)) / 10_000)
    if placeholder == "late_fee":
        return NumberValue(value=Decimal(random.choice(("0.75", "1.5", "2"))), unit="%")
    return NumberValue(value=Decimal(random.randrange(2, 60)), unit=UNITS.get(placeholder, ""))


def pool(names: Iterable[str], random: Random, language: str) -> dict[str, Fact]:
    """One fact per placeholder, as if all were read from one record."""
    currency = random.choice(CURRENCIES)
    facts = {name: random_fact(name, random, language, currency) for name in sorted(names)}
    if "converted" in facts:
        other = random.choice([code for code in CURRENCIES if code != currency])
        facts["converted"] = fact("converted", MoneyValue(value=random_money(random, other)))
    return facts


def statement(key: str, random: Random, language: str, facts: dict[str, Fact]) -> Statement:
    """The key's statement from known facts, with rows of their own; at times facts are missing."""
    words = catalogue(language)
    phrase = words.phrase(key)
    optional = sorted(phrase.placeholders - phrase.required)
    left_out = set(random.sample(optional, random.randrange(len(optional) + 1)))
    said = {name: facts[name] for name in sorted(phrase.placeholders - left_out)}
    row = words.phrases.get(f"{key}.row")
    rows = [pool(row.placeholders, random, language) for _ in range(3)] if row else []
    return Statement(key=key, facts=said, rows=tuple(rows))


def story(keys: Iterable[str], random: Random, language: str) -> tuple[Statement, ...]:
    """Statements about one and the same invoice, case and customer."""
    words = catalogue(language)
    keys = list(keys)
    names = {name for key in keys for name in words.phrase(key).placeholders}
    facts = pool(names, random, language)
    return tuple(statement(key, random, language, facts) for key in keys)


STORIES = (
    ("notice.ai", "invoice.amount", "invoice.partly_paid"),
    ("invoice.amount", "invoice.open"),
    ("invoice.amount", "invoice.overdue", "terms.late_fee"),
    ("invoice.amount", "invoice.credited", "invoice.customer_credit"),
    ("invoice.line", "invoice.totals"),
    ("invoice.lines", "invoice.totals"),
    ("invoice.mismatch",),
    ("dispute.opened",),
    ("dispute.delivery_supports", "invoice.amount"),
    ("dispute.price_supports",),
    ("credit.issued",),
    ("duplicate.payment", "duplicate.case_opened"),
    ("duplicate.recurring", "duplicate.none"),
    ("payment.unapplied", "invoice.open"),
    ("conversion",),
    ("case.status", "case.waiting"),
    ("case.opened", "invoice.amount"),
    ("case.follow_up",),
    ("person.handover", "invoice.disputed"),
    ("knowledge.answer", "terms.due"),
    ("invoice.account_summary", "invoice.total_by_currency"),
    ("terms.due", "terms.terms", "po.number"),
)


def rephrased(reply: Mapping[str, Any], random: Random) -> Draft:
    """A model's wording of `rephrasings.toml`, filled with random facts."""
    language, text = reply["language"], reply["text"]
    words = catalogue(language)
    facts = pool(
        {n for key in reply["says"] for n in words.phrase(key).placeholders}, random, language
    )
    for name, known in facts.items():
        text = text.replace(f"{{{name}}}", speak(known.value, words, name))
    statements = tuple(
        Statement(key=key, facts={n: facts[n] for n in sorted(words.phrase(key).placeholders)})
        for key in reply["says"]
    )
    return Draft(text, statements, language)


def told(keys: Iterable[str], random: Random, language: str) -> Draft:
    """What the template writer makes of a story."""
    tone = random.choice(tuple(Tone))
    reply = TemplateWriter().write(story(keys, random, language), language=language, tone=tone)
    return Draft(reply.text, reply.statements, language)


def rephrasings() -> list[dict[str, Any]]:
    """Every wording of `rephrasings.toml`."""
    path = Path(__file__).with_name("rephrasings.toml")
    replies: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["reply"]
    return replies
