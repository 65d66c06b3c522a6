"""The invented world that the sample is drawn from: countries, segments, names, products."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from workbench.records.base import Record


class Country(Record):
    """A country where customers live, with its tax rates and price level."""

    code: str
    share: float
    language: str
    currency: str
    tax: Decimal
    """Per cent on most goods."""
    reduced_tax: Decimal
    """Per cent on food."""
    per_euro: Decimal
    """Price level: what a price of one euro becomes in `currency`."""
    time_zone: str
    phone: str
    postcode: str
    cities: tuple[str, ...]
    streets: tuple[str, ...]
    country: str


class Segment(Record):
    """A customer segment: how much it buys, how often it writes, how long it may take to pay."""

    name: str
    share: float
    activity: float
    size: float
    days: int


class Names(Record):
    """Building blocks of the names of people and companies in one language."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    trade: tuple[str, ...]
    company: str


class Product(Record):
    """Something that is sold, or rented by the month."""

    code: str
    description: str
    price: Decimal
    """Euros since 1 January 2026, net."""
    recurring: bool = False
    reduced: bool = False


class World(Record):
    countries: tuple[Country, ...]
    segments: tuple[Segment, ...]
    names: dict[str, Names]
    products: tuple[Product, ...]
    rates: dict[str, Decimal]
    """What one euro bought at the end of the sample."""

    @property
    def goods(self) -> tuple[Product, ...]:
        return tuple(product for product in self.products if not product.recurring)

    @property
    def services(self) -> tuple[Product, ...]:
        return tuple(product for product in self.products if product.recurring)


@cache
def world() -> World:
    """The world as `world.toml` describes it."""
    text = files("workbench.sample").joinpath("world.toml").read_text(encoding="utf-8")
    content: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    return World.model_validate(content)
