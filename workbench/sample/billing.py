"""Contracts, orders and monthly invoices of a drawn population, and what happened to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from workbench.records.customers import Customer
from workbench.records.invoices import Invoice, InvoiceLine, Order, OrderLine
from workbench.records.money import currency_digits
from workbench.sample.arrays import Rng
from workbench.sample.booking import Bill
from workbench.sample.books import Books
from workbench.sample.calendar import INVOICE_MONTHS
from workbench.sample.customers import customer_records
from workbench.sample.happenings import apply_happening
from workbench.sample.needs import needs
from workbench.sample.population import Population
from workbench.sample.world import Country, Product, Segment, world

NEW_PRICES = date(2026, 1, 1)
_GOODS_RISE = Decimal("1.049")
_SERVICE_RISE = Decimal("1.035")
_FREIGHT_BELOW = Decimal(150)
_FREIGHT = Product(code="FRT", description="Freight", price=Decimal("12.00"))
_DISCOUNTS = (Decimal(0), Decimal(0), Decimal(0), Decimal(0), Decimal("0.05"), Decimal("0.10"))
_LATE_FEE = Decimal("1.0")


@dataclass(frozen=True)
class Contract:
    """What a customer has agreed: prices of which country, what is rented, how large orders are."""

    customer: Customer
    number: str
    country: Country
    segment: Segment
    services: tuple[Product, ...]


def bill_everybody(rng: Rng, population: Population) -> tuple[Books, Population]:
    """Books of the population, and the population with the totals that were really billed."""
    books = Books(customers=customer_records(rng, population))
    amounts = population.amount.copy()
    for position, customer in enumerate(books.customers):
        contract = _contract(rng, population, position, customer)
        for month in range(len(INVOICE_MONTHS)):
            bill = _bill(rng, population, contract, position, month)
            amounts[position, month] = float(bill.invoice.stated_total)
            name = needs().happenings[population.happening[position, month]]
            apply_happening(name, rng, books, bill)
    return books, replace(population, amount=amounts)


def _contract(rng: Rng, population: Population, position: int, customer: Customer) -> Contract:
    services = world().services
    count = int(rng.integers(0, 3))
    chosen = sorted(rng.choice(len(services), size=count, replace=False).tolist())
    return Contract(
        customer=customer,
        number=f"CT-{population.first_number + position}",
        country=world().countries[population.country[position]],
        segment=world().segments[population.segment[position]],
        services=tuple(services[n] for n in chosen),
    )


def _bill(rng: Rng, population: Population, contract: Contract, position: int, month: int) -> Bill:
    """The invoice of one month and the order behind it, both as if all had gone well."""
    number = int(population.invoice_number(np.array(position), np.array(month)))
    day = INVOICE_MONTHS[month].replace(day=int(population.invoice_day[position, month]))
    order_id = f"ORD-{number}"
    goods = _goods_lines(rng, contract, day, order_id)
    lines = (*_service_lines(contract, day), *goods, *_freight_lines(contract, goods, order_id))
    invoice = Invoice(
        number=f"INV-{number}",
        customer_id=contract.customer.id,
        issued_on=day,
        due_on=day + timedelta(days=contract.segment.days),
        currency=contract.country.currency,
        lines=tuple(line.model_copy(update={"line": n}) for n, line in enumerate(lines, 1)),
        stated_total=Decimal(0),
        order_id=order_id,
        purchase_order=f"PO-{rng.integers(1000, 9999)}" if rng.random() < 0.3 else "",
        terms=f"net {contract.segment.days}",
        late_fee_rate=_LATE_FEE,
        tax_certificate=f"TC-2026-{position:04d}" if position % 7 == 0 else "",
    )
    total = invoice.computed_total.amount
    return Bill(invoice.model_copy(update={"stated_total": total}), _order(rng, invoice))


def _service_lines(contract: Contract, day: date) -> list[InvoiceLine]:
    """Monthly charges, billed in advance for the month of the invoice."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return [
        InvoiceLine(
            line=1,
            product=product.code,
            description=product.description,
            unit_price=price_of(product, contract.country, day),
            tax_rate=contract.country.tax,
            contract_id=contract.number,
            period_start=first,
            period_end=last,
            recurring=True,
        )
        for product in contract.services
    ]


def _goods_lines(rng: Rng, contract: Contract, day: date, order_id: str) -> list[InvoiceLine]:
    goods = world().goods
    chosen = rng.choice(len(goods), size=int(rng.integers(1, 5)), replace=False)
    return [_goods_line(rng, contract, goods[n], day, order_id) for n in sorted(chosen.tolist())]


def _goods_line(
    rng: Rng, contract: Contract, product: Product, day: date, order_id: str
) -> InvoiceLine:
    """Dear goods in small numbers, cheap ones in large; some with a discount."""
    country = contract.country
    value = 60 * contract.segment.size * float(np.exp(rng.normal(0, 0.5)))
    quantity = max(round(value / float(product.price)), 1)
    price = price_of(product, country, day)
    discount = _DISCOUNTS[int(rng.integers(len(_DISCOUNTS)))]
    return InvoiceLine(
        line=1,
        product=product.code,
        description=product.description,
        quantity=Decimal(quantity),
        unit_price=price,
        discount=rounded(quantity * price * discount, country.currency),
        tax_rate=country.reduced_tax if product.reduced else country.tax,
        order_id=order_id,
    )


def _freight_lines(
    contract: Contract, goods: list[InvoiceLine], order_id: str
) -> list[InvoiceLine]:
    """Small orders pay freight."""
    country = contract.country
    net = sum((line.net(country.currency).amount for line in goods), Decimal(0))
    if net >= _FREIGHT_BELOW * country.per_euro:
        return []
    price = rounded(_FREIGHT.price * country.per_euro, country.currency)
    return [
        InvoiceLine(
            line=1,
            product=_FREIGHT.code,
            description=_FREIGHT.description,
            unit_price=price,
            tax_rate=country.tax,
            order_id=order_id,
        )
    ]


def price_of(product: Product, country: Country, day: date) -> Decimal:
    """The list price on a day in the country's currency; it rose with the new year."""
    price = product.price * country.per_euro
    if day < NEW_PRICES:
        price /= _SERVICE_RISE if product.recurring else _GOODS_RISE
    return rounded(price, country.currency)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half up to the currency's smallest unit."""
    return amount.quantize(Decimal(1).scaleb(-currency_digits(currency)), ROUND_HALF_UP)


def _order(rng: Rng, invoice: Invoice) -> Order:
    """The order behind an invoice, delivered in full a few days before it."""
    placed = invoice.issued_on - timedelta(days=int(rng.integers(4, 10)))
    return Order(
        id=invoice.order_id,
        customer_id=invoice.customer_id,
        placed_on=placed,
        currency=invoice.currency,
        lines=tuple(
            OrderLine(
                product=line.product,
                description=line.description,
                ordered=line.quantity,
                delivered=line.quantity,
                agreed_price=line.unit_price,
            )
            for line in invoice.lines
            if line.order_id and line.product != _FREIGHT.code
        ),
        delivered_on=invoice.issued_on - timedelta(days=1),
    )
