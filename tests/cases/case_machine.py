"""Random lives of cases: the same steps on a model in memory and on every database at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from case_bench import CUSTOMERS, MONDAY, Bench, customer_of
from case_rules import DONE, REFUSED, UNKNOWN, Kept, Rules, Who
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.records.cases import Case, CaseStatus, Degree, Grade, Subscription
from workbench.records.operations import (
    AppendToCase,
    CasePart,
    ChangeCase,
    MergeCases,
    OpenCase,
    Parameters,
    SetSubscription,
    SplitCase,
    UnmergeCases,
    plan,
)
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store, Transaction

ROLES = (Role.HUMAN_AGENT, Role.SUPERVISOR, Role.ANALYST, Role.SERVICE)
PEOPLE = ("anna", "claimed anna", "boris", "dora", "emil", *ROLES)
STATUSES = [status.value for status in CaseStatus]
REQUESTS = ("refund", "copy", "call")
FIELDS = st.sampled_from(
    [
        {"answered": REQUESTS},
        {"answered": ()},
        {"queue": "legal"},
        {"owner": "ana"},
        {"owner": ""},
        {"legal_hold": True},
        {"legal_hold": False},
    ]
)
NTH = st.integers(0, 40)
# Of the case's own tenant or, now and then, of the other one.
_SIDE = st.sampled_from((True, True, True, True, False))
ANYBODY = st.tuples(_SIDE, st.sampled_from(PEOPLE))
STAFF = st.tuples(st.just(True), st.sampled_from(ROLES[:2]))
SOMEBODY = st.one_of(STAFF, ANYBODY)
Somebody = tuple[bool, Any]


def outcome_of(error: Exception | None) -> str:
    if isinstance(error, NotFound):
        return UNKNOWN
    return REFUSED if error else DONE


class CaseLife(RuleBasedStateMachine):
    """One run: cases of two tenants under the hands of everybody. `bench` is set by the test."""

    bench: Bench

    @initialize()
    def begin(self) -> None:
        self.tenants = self.bench.tenants()
        self.bench.clock.at = MONDAY
        self.rules = Rules()
        self.opened = 0
        self.number = 0
        self.last: Transaction | None = None
        self.touched = self.tenants[0]

    # Who

    def who(self, somebody: Somebody, tenant: str) -> tuple[Who, Principal]:
        """Somebody on the side of a tenant, or on the other one."""
        inside, person = somebody
        tenant = tenant if inside else next(name for name in self.tenants if name != tenant)
        if isinstance(person, Role):
            principal = Principal(id=f"{person.value}:x", role=person, tenant=tenant)
            return Who(person.value, person.value, tenant), principal
        name, proven = person.removeprefix("claimed "), not person.startswith("claimed")
        own = customer_of(tenant, name)
        accounts = {own, customer_of(tenant, "anna")} if name == "dora" else {own}
        who = Who(
            person,
            "customer",
            tenant,
            frozenset(accounts) if proven else frozenset(),
            own if proven else "",
        )
        return who, customer_principal(own, tenant=tenant, proven=proven)

    def pick(self, nth: int) -> Kept:
        cases = list(self.rules.cases.values())
        return cases[nth % len(cases)]

    def sibling(self, case: Kept, nth: int) -> Kept:
        """Another case of the same customer, or the case itself when there is none."""
        cases = [c for c in self.rules.cases.values() if c.customer == case.customer]
        others = [c for c in cases if c.id != case.id] or cases
        return others[nth % len(others)]

    def stored(self, case: Kept) -> Case:
        store = next(iter(self.bench.stores.values()))
        return store.case(self.service(case.tenant), case.id)

    def service(self, tenant: str) -> Principal:
        return Principal(id="service:test", role=Role.SERVICE, tenant=tenant)

    # What they try

    @rule(
        somebody=SOMEBODY,
        to=st.tuples(st.sampled_from((0, 0, 1)), st.sampled_from(("anna", "anna", "boris"))),
        subject=st.sampled_from(("invoice:1", "invoice:2", "order:1")),
        requests=st.sets(st.sampled_from(REQUESTS), min_size=1),
        grave=st.booleans(),
    )
    def open_case(
        self,
        somebody: Somebody,
        to: tuple[int, str],
        subject: str,
        requests: set[str],
        grave: bool,
    ) -> None:
        tenant, customer = self.tenants[to[0]], customer_of(self.tenants[to[0]], to[1])
        who, principal = self.who(somebody, tenant)
        self.opened += 1
        now, degree = self.bench.clock.at, Degree.HIGH if grave else Degree.LOW
        case = Case(
            id=f"CASE-{self.opened}-{tenant}",
            customer_id=customer,
            topic="complaint",
            subject=subject,
            title="A concern",
            queue="cases",
            impact=degree,
            urgency=degree,
            requests=tuple(sorted(requests)),
            opened_at=now,
            updated_at=now,
        )
        case = case.model_copy(update={"clocks": self.bench.promises.on_opening(case, now)})
        starts = frozenset((clock.kind, clock.started_at) for clock in case.clocks)
        new = Kept(case.id, tenant, customer, subject, frozenset(requests), starts)
        new.priority = case.priority.value
        home = principal.customer_id if principal.role is Role.CUSTOMER else customer
        self.attempt(
            "open",
            self.rules.open(who, new),
            principal,
            f"conv-{home}",
            OpenCase(case=case, text="It began like this"),
        )

    @precondition(lambda self: self.rules.cases)
    @rule(somebody=SOMEBODY, nth=NTH, internal=st.booleans())
    def append(self, somebody: Somebody, nth: int, internal: bool) -> None:
        case = self.pick(nth)
        who, principal = self.who(somebody, case.tenant)
        wish = AppendToCase(case_id=case.id, text="more", internal=internal)
        self.on_case("append", self.rules.append(who, case.id, internal), principal, case, wish)

    @precondition(lambda self: self.rules.cases)
    @rule(
        somebody=SOMEBODY,
        nth=NTH,
        status=st.sampled_from(STATUSES),
        stale=st.sampled_from((False, False, False, True)),
    )
    def move(self, somebody: Somebody, nth: int, status: str, stale: bool) -> None:
        case, now = self.pick(nth), self.bench.clock.at
        who, principal = self.who(somebody, case.tenant)
        seen = self.stored(case)
        wished = seen.model_copy(update={"status": CaseStatus(status)})
        planned = self.bench.promises.on_change(seen, wished, now)
        wish = ChangeCase(before_revision=seen.revision - stale, after=planned)
        if stale:
            expected = self.rules.barred(who, case) or REFUSED
        else:
            expected = self.rules.move(who, case.id, status, now)
        self.on_case("stale change" if stale else "move", expected, principal, case, wish)

    @precondition(lambda self: self.rules.cases)
    @rule(somebody=SOMEBODY, nth=NTH, fields=FIELDS)
    def change(self, somebody: Somebody, nth: int, fields: dict[str, Any]) -> None:
        case = self.pick(nth)
        who, principal = self.who(somebody, case.tenant)
        seen = self.stored(case)
        if "answered" in fields:
            given = set(fields["answered"]) & case.requests
            fields = {"answered": tuple(sorted(given))}
            known: dict[str, Any] = {"answered": frozenset(given)}
        else:
            known = {"hold" if k == "legal_hold" else k: v for k, v in fields.items()}
        wish = ChangeCase(before_revision=seen.revision, after=seen.model_copy(update=fields))
        self.on_case("change", self.rules.change(who, case.id, known), principal, case, wish)

    @precondition(lambda self: self.rules.cases)
    @rule(somebody=st.one_of(SOMEBODY, st.just((True, Role.SERVICE))), nth=NTH)
    def grade(self, somebody: Somebody, nth: int) -> None:
        case = self.pick(nth)
        who, principal = self.who(somebody, case.tenant)
        seen = self.stored(case)
        after = seen.model_copy(update={"grade": Grade.DURABLE})
        wish = ChangeCase(before_revision=seen.revision, after=after)
        expected = self.rules.grade_durable(who, case.id, self.bench.clock.at)
        self.on_case("grade", expected, principal, case, wish)

    @precondition(lambda self: self.rules.cases)
    @rule(somebody=SOMEBODY, nth=NTH, active=st.booleans())
    def subscribe(self, somebody: Somebody, nth: int, active: bool) -> None:
        case = self.pick(nth)
        who, principal = self.who(somebody, case.tenant)
        wish = Subscription(
            case_id=case.id, customer_id=case.customer, channel="email", active=active
        )
        expected = self.rules.subscribe(who, case.id, active)
        self.on_case("subscribe", expected, principal, case, SetSubscription(subscription=wish))

    @precondition(lambda self: len(self.rules.cases) > 1)
    @rule(somebody=SOMEBODY, nth=NTH, other=NTH, any_other=_SIDE.map(lambda side: not side))
    def merge(self, somebody: Somebody, nth: int, other: int, any_other: bool) -> None:
        kept = self.pick(nth)
        merged = self.pick(other) if any_other else self.sibling(kept, other)
        who, principal = self.who(somebody, kept.tenant)
        wish = MergeCases(
            kept_id=kept.id,
            kept_revision=self.stored(kept).revision,
            merged_id=merged.id,
            merged_revision=self.stored(merged).revision,
        )
        self.on_case("merge", self.rules.merge(who, kept.id, merged.id), principal, kept, wish)

    @precondition(lambda self: self.rules.merges)
    @rule(somebody=SOMEBODY, nth=st.integers(0, 3))
    def part(self, somebody: Somebody, nth: int) -> None:
        case = self.rules.cases[self.rules.merges[-1 - nth % len(self.rules.merges)][1].id]
        who, principal = self.who(somebody, case.tenant)
        wish = UnmergeCases(merged_id=case.id)
        self.on_case("part", self.rules.part(who, case.id), principal, case, wish)

    @precondition(lambda self: self.rules.cases)
    @rule(somebody=SOMEBODY, nth=NTH, request=st.sampled_from(REQUESTS))
    def split(self, somebody: Somebody, nth: int, request: str) -> None:
        case = self.pick(nth)
        who, principal = self.who(somebody, case.tenant)
        self.opened += 1
        new_id = f"CASE-{self.opened}-{case.tenant}"
        part = CasePart(
            id=new_id, subject=f"part:{new_id}", title="Part", queue="parts", requests=(request,)
        )
        wish = SplitCase(case_id=case.id, before_revision=self.stored(case).revision, parts=(part,))
        expected = self.rules.split(who, case.id, new_id, request)
        self.on_case("split", expected, principal, case, wish)

    @rule(hours=st.sampled_from((1, 20, 24 * 8)))
    def time_passes(self, hours: int) -> None:
        self.bench.clock.at += timedelta(hours=hours)

    @precondition(lambda self: self.rules.cases)
    @rule(nth=NTH)
    def die_before_the_commit(self, nth: int) -> None:
        """The first act would be fine; the transaction dies at the second, so neither was."""
        case = self.pick(nth)
        fine = AppendToCase(case_id=case.id, text="lost", internal=True)
        fatal = OpenCase(case=self.stored(case))
        _, agent = self.who((True, Role.HUMAN_AGENT), case.tenant)
        self.on_case("crash", REFUSED, agent, case, fine, fatal)

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_same_request_comes_again(self) -> None:
        assert self.last is not None
        self.bench.tried["repeat"] += 1
        assert all(store.commit(self.last).repeated for store in self.bench.stores.values())

    # What comes of it

    def on_case(
        self, what: str, expected: str, principal: Principal, case: Kept, *wishes: Parameters
    ) -> None:
        self.attempt(what, expected, principal, f"case:{case.id}", *wishes)

    def attempt(
        self, what: str, expected: str, principal: Principal, stream: str, *wishes: Parameters
    ) -> None:
        """Commit on every database; each must say what the rules say."""
        self.touched = principal.tenant
        self.number += 1
        key = f"{principal.tenant}-{self.number}"
        actions = tuple(plan(wish, f"{key}-{n}") for n, wish in enumerate(wishes))
        transaction = Transaction(
            principal=principal, stream=stream, request_id=key, actions=actions
        )
        for name, store in self.bench.stores.items():
            error: Exception | None = None
            try:
                store.commit(transaction)
            except (NotFound, NotAllowed, InputError, Conflict) as raised:
                error = raised
            assert outcome_of(error) == expected, (what, name, principal.id, error)
        self.bench.tried[f"{what}: {expected}"] += 1
        if expected == DONE:
            self.last = transaction

    @invariant()
    def every_database_holds_what_the_rules_say(self) -> None:
        for store in self.bench.stores.values():
            self._compare(store, self.touched)

    def _compare(self, store: Store, tenant: str) -> None:
        found = [
            case
            for name in CUSTOMERS[:2]
            for case in store.cases(self.service(tenant), customer_of(tenant, name))
        ]
        expected = [case for case in self.rules.cases.values() if case.tenant == tenant]
        assert {c.id: _told(c) for c in found} == {c.id: _kept(c) for c in expected}, store.url
        for case in found:
            self._check_clocks(case)

    def _check_clocks(self, case: Case) -> None:
        """No clock begins anew, and an open case always has a promise to be resolved."""
        starts = {(clock.kind, clock.started_at) for clock in case.clocks}
        assert starts <= self.rules.cases[case.id].starts
        assert not case.is_open or any(clock.kind == "resolution" for clock in case.clocks)

    def teardown(self) -> None:
        for store in self.bench.stores.values():
            for tenant in self.tenants:
                self._check_at_the_end(store, tenant)

    def _check_at_the_end(self, store: Store, tenant: str) -> None:
        self._compare(store, tenant)
        service = self.service(tenant)
        assert store.verify(service).ok
        told = Counter(m.record for m in store.outbox(service) if m.kind == "case_update")
        for case in self.rules.cases.values():
            if case.tenant == tenant:
                assert told[f"case {case.id}"] == case.told
                assert len(store.entries(service, case.id)) == case.entries


def _told(case: Case) -> tuple[Any, ...]:
    return (
        case.customer_id,
        case.subject,
        case.status.value,
        case.queue,
        case.owner,
        frozenset(case.requests),
        frozenset(case.answered),
        case.legal_hold,
        case.grade.value if case.grade else None,
        case.merged_into,
        case.parent_id,
        case.reopened,
        case.solved_at,
        case.priority.value,
    )


def _kept(case: Kept) -> tuple[Any, ...]:
    return (
        case.customer,
        case.subject,
        case.status,
        case.queue,
        case.owner,
        case.requests,
        case.answered,
        case.hold,
        case.grade,
        case.merged_into,
        case.parent,
        case.reopened,
        case.solved_at,
        case.priority,
    )
