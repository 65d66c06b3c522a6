"""Ways in which a true reply goes wrong. Each takes a true text and gives a false one, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from drafts import Draft
from number_words import in_words

from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NumberValue,
    ReferenceValue,
    TimeValue,
)
from workbench.speak.catalogue import catalogue
from workbench.speak.values import speak


@dataclass(frozen=True)
class Said:
    """A fact where the text says it."""

    name: str
    fact: Fact
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def said_in(draft: Draft, *kinds: type) -> list[Said]:
    """Facts of these kinds that stand in the text, each in the first place where it stands."""
    found = []
    for statement in draft.statements:
        for facts in (statement.facts, *statement.rows):
            for name, fact in facts.items():
                text = speak(fact.value, catalogue(draft.language), name)
                start = draft.text.find(text)
                if isinstance(fact.value, kinds) and start >= 0:
                    found.append(Said(name, fact, text, start))
    return found


def replaced(draft: Draft, said: Said, text: str) -> str:
    return draft.text[: said.start] + text + draft.text[said.end :]


Mutation = Callable[[Draft, Random], str | None]
FIGURES = (MoneyValue, DateValue, TimeValue, NumberValue, ReferenceValue)


def digit_swap(draft: Draft, random: Random) -> str | None:
    """One digit of one figure is another digit."""
    said = _one(draft, random, *FIGURES)
    if said is None or not (places := [i for i, c in enumerate(said.text) if c.isdigit()]):
        return None
    place = random.choice(places)
    other = random.choice([d for d in "0123456789" if d != said.text[place]])
    return replaced(draft, said, said.text[:place] + other + said.text[place + 1 :])


def decimal_shift(draft: Draft, random: Random) -> str | None:
    """The decimal mark of an amount stands one place off, or the amount has a zero more."""
    said = _one(draft, random, MoneyValue)
    if said is None:
        return None
    mark = re.escape(catalogue(draft.language).format.decimal)
    shifted = re.sub(rf"(\d)({mark})(\d)", r"\1\3\2", said.text, count=1)
    if shifted == said.text or shifted[-1:] in ".,":
        shifted = re.sub(r"(\d)(?=\D*$)", r"\g<1>0", said.text)
    return replaced(draft, said, shifted)


def sign(draft: Draft, random: Random) -> str | None:
    """A minus before an amount."""
    said = _one(draft, random, MoneyValue)
    minus = random.choice(("-", "\u2212", f"{catalogue(draft.language).numerals.minus[0]} "))
    return replaced(draft, said, minus + said.text) if said else None


def currency(draft: Draft, random: Random) -> str | None:
    """The same digits in another currency."""
    said = _one(draft, random, MoneyValue)
    if said is None:
        return None
    sign = re.search(r"[€£₹]|[A-Z]{3}", said.text)
    others = ("€", "£") if sign and len(sign[0]) == 1 else ("AUD", "CAD", "NOK")
    other = random.choice([o for o in others if sign is None or o != sign[0]])
    return replaced(draft, said, said.text.replace(sign[0], other)) if sign else None


def other_invoice(draft: Draft, random: Random) -> str | None:
    """The number of an invoice that is not spoken of."""
    found = [s for s in said_in(draft, ReferenceValue) if s.name in ("number", "other", "case")]
    if not found:
        return None
    said = random.choice(found)
    return replaced(draft, said, f"{said.text.split('-')[0]}-{random.randrange(100_000, 999_999)}")


def swapped_dates(draft: Draft, random: Random) -> str | None:
    """Two dates change places."""
    return _swapped(draft, said_in(draft, DateValue, TimeValue), random)


def wrong_label(draft: Draft, random: Random) -> str | None:
    """Two amounts change places: right numbers, wrong names."""
    amounts = said_in(draft, MoneyValue)
    if {said.name for said in amounts} >= {"amount", "converted"}:
        return None  # `a is b` says the same as `b is a`
    return _swapped(draft, amounts, random)


def borrowed_number(draft: Draft, random: Random) -> str | None:
    """One fact's amount stands where another fact's belongs."""
    amounts = said_in(draft, MoneyValue)
    pairs = [
        (one, two)
        for one in amounts
        for two in amounts
        if one.text != two.text and one.fact.value.value.currency == two.fact.value.value.currency  # type: ignore[union-attr]
    ]
    if not pairs:
        return None
    one, two = random.choice(pairs)
    return replaced(draft, one, two.text)


def spelled_out(draft: Draft, random: Random) -> str | None:
    """A figure in words, and a wrong one."""
    said = _one(draft, random, MoneyValue, NumberValue)
    if said is None:
        return None
    figure = re.search(r"\d[\d.,\u202f]*", said.text)
    number = random.choice((random.randrange(2, 100), random.randrange(100, 10_000)))
    if figure is None or str(number) in said.text:
        return None
    words = in_words(number, draft.language)
    return replaced(draft, said, said.text.replace(figure[0], words))


DIGIT_MUTATIONS: dict[str, Mutation] = {
    "digit swap": digit_swap,
    "decimal shift": decimal_shift,
    "sign": sign,
    "currency": currency,
    "other invoice": other_invoice,
    "swapped dates": swapped_dates,
    "right numbers, wrong names": wrong_label,
    "another fact's number": borrowed_number,
}


def _one(draft: Draft, random: Random, *kinds: type) -> Said | None:
    found = said_in(draft, *kinds)
    return random.choice(found) if found else None


def _swapped(draft: Draft, found: Sequence[Said], random: Random) -> str | None:
    pairs = [
        (one, two)
        for one in found
        for two in found
        if one.end <= two.start and one.text != two.text
    ]
    if not pairs:
        return None
    one, two = random.choice(pairs)
    head, middle, tail = (
        draft.text[: one.start],
        draft.text[one.end : two.start],
        draft.text[two.end :],
    )
    text = head + two.text + middle + one.text + tail
    # Lists whose lines change places as a whole say the same.
    return None if sorted(text.splitlines()) == sorted(draft.text.splitlines()) else text
