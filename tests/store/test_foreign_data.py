"""At the Python surface nobody sees what is not theirs, nor whether it is there."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from canary_world import (
    READS,
    WRITES,
    Target,
    attempt_read,
    attempt_write,
    entitled,
    key,
    populate,
    seen_in,
)
from store_world import person

from workbench.records.base import Ids, SteppingClock
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store

ATTEMPTS, PAIRS = 10_000, 2_000
CUSTOMERS = [f"C{number}" for number in range(100, 900, 100)]
ME: Target = ("main", "C200")
TARGETS: list[Target] = [
    ME,
    *(t for t in itertools.product(("main", "other"), CUSTOMERS) if t != ME),
]
PRINCIPALS = [
    customer_principal(customer_id, tenant=tenant, proven=proven)
    for tenant, customer_id in TARGETS
    for proven in (True, False)
] + [person(role, tenant=t) for t in ("main", "other") for role in Role if role != Role.CUSTOMER]


WRITES_BY_KEY = {"append", "change", "dispute", "credit", "approval", "copy", "take", "hand back"}
"""Writes aimed at a key that names its tenant, so foreign to the people of another tenant."""


def is_foreign(principal: Principal, name: str, target: Target) -> bool:
    """Whether nothing that this write aims at is the principal's to touch."""
    tenant, customer_id = target
    if principal.role is not Role.CUSTOMER:
        return principal.tenant != tenant and name in WRITES_BY_KEY
    # The same customer number in one's own tenant is one's own; C300 may speak for C100.
    own = {principal.customer_id} | ({"C100"} if principal.customer_id == "C300" else set())
    return customer_id not in own


def own_stream(principal: Principal) -> str:
    return key("conv", (principal.tenant, principal.customer_id or CUSTOMERS[0]))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two tenants with every customer."""
    yield from _opened(tmp_path_factory.mktemp("full"), TARGETS)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One tenant with one customer: what is somebody else's in `full` is not there."""
    yield from _opened(tmp_path_factory.mktemp("alone"), [ME])


def _opened(folder: Path, targets: list[Target]) -> Iterator[Store]:
    clock = SteppingClock(datetime(2026, 5, 4, tzinfo=UTC))
    with Store.open(f"sqlite:///{folder / 'store.db'}", clock=clock, ids=Ids(seed=1)) as store:
        for target in targets:
            populate(store, target)
        yield store


def test_no_read_shows_a_foreign_canary(full: Store, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(1)
    own = 0
    for _ in range(ATTEMPTS):
        principal, target = draw.choice(PRINCIPALS), draw.choice(TARGETS)
        name = draw.choice(list(READS))
        seen = seen_in(attempt_read(full, principal, name, target))
        foreign = {found for found in seen if not entitled(principal, *found)}
        assert not foreign, f"{principal} saw {foreign} through {name}"
        own += bool(seen)
    assert own > ATTEMPTS / 20, "the canaries are there to be seen by those who may"
    with capsys.disabled():
        print(f"\nforeign data (python, reads): 0 of {ATTEMPTS} attempts, {own} saw their own")


def test_no_write_touches_or_shows_what_is_foreign(
    full: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    events = {t: full.verify(person(Role.ADMIN, tenant=t)).events for t in ("main", "other")}
    attempts = [
        attempt
        for attempt in itertools.product(PRINCIPALS, WRITES, TARGETS)
        if is_foreign(*attempt)
    ]
    for principal, name, target in random.Random(2).sample(attempts, 2_000):
        told = attempt_write(full, principal, name, target, own_stream(principal))
        assert told.startswith(("NotFound", "NotAllowed")), (principal, name, target, told)
        assert not {s for s in seen_in(told) if not entitled(principal, *s)}
    for tenant, count in events.items():
        assert full.verify(person(Role.ADMIN, tenant=tenant)).events == count
    with capsys.disabled():
        print("\nforeign data (python, writes): 0 of 2000 attempts done or telling")


def test_not_yours_and_not_there_are_told_in_the_same_bytes(
    full: Store, alone: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    me = [customer_principal(ME[1], proven=proven) for proven in (True, False)]
    foreign = [target for target in TARGETS if target[1] != ME[1]]
    reads = [(p, attempt_read, (name, t)) for p in me for name in READS for t in foreign]
    writes = [
        (p, attempt_write, (name, target, key("conv", ME)))
        for p, name, target in itertools.product(me, WRITES, foreign)
    ]
    pairs = itertools.islice(itertools.cycle(reads + writes), PAIRS)
    for principal, attempt, arguments in pairs:
        theirs = attempt(full, principal, *arguments)
        missing = attempt(alone, principal, *arguments)
        assert theirs.encode() == missing.encode(), (principal, arguments)
    with capsys.disabled():
        print(f"\nnot yours = not there: {PAIRS} pairs byte-identical")
