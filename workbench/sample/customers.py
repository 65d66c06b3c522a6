"""Customer records of a drawn population: names, addresses, contact points, delegates."""

from __future__ import annotations

from datetime import date, timedelta

from workbench.records.customers import ContactPoint, Customer, Delegate, PointKind
from workbench.sample.arrays import Rng
from workbench.sample.calendar import at
from workbench.sample.population import Population
from workbench.sample.world import Country, Names, world

_SECOND_ADDRESS = 0.15
_DELEGATES = 0.12
_FIRST_YEARS = date(2014, 1, 1)
_YEARS = 11 * 365


def customer_records(rng: Rng, population: Population) -> list[Customer]:
    """One record per position, in order."""
    return [_customer(rng, population, position) for position in range(len(population))]


def _customer(rng: Rng, population: Population, position: int) -> Customer:
    country = world().countries[population.country[position]]
    segment = world().segments[population.segment[position]].name
    number = f"C-{population.first_number + position}"
    names = world().names[country.language]
    first, last = _pick(rng, names.first), _pick(rng, names.last)
    return Customer(
        id=number,
        name=f"{first} {last}",
        company=_company(rng, names, last),
        segment=segment,
        language=country.language,
        country=country.code,
        time_zone=country.time_zone,
        postcode=_postcode(rng, country),
        vulnerable=bool(population.vulnerable[position]),
        since=at(_FIRST_YEARS + timedelta(days=int(rng.integers(_YEARS)))),
        contact_points=_contact_points(rng, country, number, f"{first} {last}"),
        delegates=_delegates(rng, names, segment),
    )


def _pick(rng: Rng, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _company(rng: Rng, names: Names, last: str) -> str:
    return names.company.format(trade=_pick(rng, names.trade), last=last)


def _postcode(rng: Rng, country: Country) -> str:
    digits = country.postcode.partition(":0")[2].partition("d")[0]
    return country.postcode.format(int(rng.integers(1, 10 ** int(digits or 1))))


def _contact_points(
    rng: Rng, country: Country, number: str, holder: str
) -> tuple[ContactPoint, ...]:
    """E-mail, telephone and post; some have a second e-mail address that is not yet confirmed."""
    mailbox = f"{number.lower().replace('-', '')}.example"
    street = f"{_pick(rng, country.streets)} {int(rng.integers(1, 90))}"
    address = f"{street}, {_pick(rng, country.cities)}, {country.country}"
    points = [
        ContactPoint(kind=PointKind.EMAIL, value=f"office@{mailbox}", holder=holder),
        ContactPoint(kind=PointKind.PHONE, value=_phone(rng, country), holder=holder),
        ContactPoint(kind=PointKind.POSTAL, value=address),
    ]
    if rng.random() < _SECOND_ADDRESS:
        new = ContactPoint(kind=PointKind.EMAIL, value=f"new@{mailbox}", verified=False)
        points.append(new)
    return tuple(points)


def _phone(rng: Rng, country: Country) -> str:
    digits = int(country.phone.partition(":0")[2].partition("d")[0])
    return country.phone.format(int(rng.integers(1, 10**digits)))


def _delegates(rng: Rng, names: Names, segment: str) -> tuple[Delegate, ...]:
    """Some companies have a bookkeeper who may speak for them."""
    if segment == "standard" or rng.random() > _DELEGATES:
        return ()
    return (Delegate(name=f"{_pick(rng, names.first)} {_pick(rng, names.last)}"),)
