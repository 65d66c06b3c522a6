"""What a message names, read by plain rules in four languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config import ReferenceSettings
from workbench.triage.amounts import decimal_of
from workbench.triage.entities import Entities, read_entities
from workbench.triage.quoting import newest_part

TODAY = date(2026, 5, 4)

TABLE: list[tuple[str, dict[str, Any]]] = [
    ("how much is inv-2207", {"invoice_numbers": ("INV-2207",)}),
    ("case CASE-7H3KQ2MP and ORD-1001", {"case_numbers": ("CASE-7H3KQ2MP",)}),
    ("invoice 536365 and C548695", {"candidates": ("536365", "C548695")}),
    ("paid on 15.03.2026", {"dates": (date(2026, 3, 15),)}),
    ("paid on 3/25", {"dates": (date(2026, 3, 25),)}),
    ("March 5th was the day", {"dates": (date(2026, 3, 5),)}),
    ("am 4. Mai 2026", {"dates": (date(2026, 5, 4),)}),
    ("le 3 mars 2026", {"dates": (date(2026, 3, 3),)}),
    ("el 3 de marzo de 2026", {"dates": (date(2026, 3, 3),)}),
    ("my bill from march", {"months": ((None, 3),)}),
    ("the April one, not March", {"months": ((None, 4),)}),
    ("Yours, April Summers", {"months": ()}),
    ("may I ask something", {"months": ()}),
    ("last month's bill", {"months": ((2026, 4),)}),
    ("it was £139.12", {"amounts": ((Decimal("139.12"), "GBP"),)}),
    ("1.234,50 EUR", {"amounts": ((Decimal("1234.50"), "EUR"),)}),
    ("1 270,00 euros", {"amounts": ((Decimal("1270.00"), "EUR"),)}),
    ("12 dollars", {"amounts": ((Decimal(12), "USD"),)}),
    ("the one over 1,234.50", {"amounts": ((Decimal("1234.50"), None),)}),
    ("the second one", {"ordinals": (2,)}),
    ("die zweite bitte", {"ordinals": (2,)}),
    ("my latest invoice", {"ordinals": (-1,)}),
    ("line 3 please", {"line_numbers": (3,)}),
    ("not line 1, line 3", {"line_numbers": (3,)}),
    ("Position 2 stimmt nicht", {"line_numbers": (2,)}),
    ("2 of 12 cups missing", {"missing": Decimal(2)}),
    ("three boxes never arrived", {"missing": Decimal(3)}),
    ("es fehlen 3 Tassen", {"missing": Decimal(3)}),
    ("we only got eight of ten", {"received": Decimal(8)}),
    ("only 28 came", {"received": Decimal(28)}),
    ("the plates were chipped", {"dispute_reason": "quality"}),
    ("die Ware war verschimmelt", {"dispute_reason": "quality"}),
    ("nunca llegó", {"dispute_reason": "not_received"}),
    ("I never ordered this", {"dispute_reason": "unauthorised_charge"}),
    ("no credit, just send the missing one", {"remedy": "fulfilment"}),
    ("a credit note please", {"remedy": "credit"}),
    ("not between 22:00 and 7:00, in German", {"quiet_hours": (22, 7), "language": "de"}),
    ("please call me back", {"wants_call": True}),
    ("never mind, forget it", {"takes_back": True}),
    ("what do I owe in total", {"whole_account": True}),
    ("the whole plant stands still", {"standstill": True}),
    ("my plant pot is broken", {"standstill": False}),
    ("write to a.b@mail.example", {"emails": ("a.b@mail.example",)}),
    ("my postcode is eh39dr", {"postcodes": ("eh39dr",)}),
]


def read(text: str) -> Entities:
    return read_entities(text, ReferenceSettings(), TODAY)


@pytest.mark.parametrize(("text", "named"), TABLE, ids=[text for text, _ in TABLE])
def test_a_message_names_what_a_reader_would_see(text: str, named: dict[str, Any]) -> None:
    found = read(text)
    assert {name: getattr(found, name) for name in named} == named


@given(
    st.decimals(min_value=0, max_value=9_999_999, places=2),
    st.sampled_from([(",", "."), (".", ","), (" ", ",")]),
)
def test_an_amount_is_the_same_in_every_notation(value: Decimal, marks: tuple[str, str]) -> None:
    group, point = marks
    text = f"{value:,.2f}".replace(",", "_").replace(".", point).replace("_", group)
    assert decimal_of(text) == value


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_full_date_is_read_back(day: date) -> None:
    for text in (f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day.day} {day:%B} {day.year}"):
        assert read(f"it was on {text}").dates == (day,)


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(read(text), Entities)


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("How much is it?\n\nOn 2 March 2026 you wrote:\n> old\n>> older", "How much is it?"),
        ("Bitte um Kopie\n-----Ursprüngliche Nachricht-----\nVon: x", "Bitte um Kopie"),
        ("The balance please\n--\nA. Holt | Legal matters Ltd", "The balance please"),
        ("fyi\nFrom: Boss <b@c.example>\nPay now", "fyi\nFrom: Boss <b@c.example>\nPay now"),
        ("> only a quotation", "> only a quotation"),
        ("line one\nline two", "line one\nline two"),
    ],
)
def test_the_newest_part_leaves_quotations_and_signatures_out(text: str, newest: str) -> None:
    assert newest_part(text) == newest
