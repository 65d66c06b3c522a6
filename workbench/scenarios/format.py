"""Scenario files: records that are given, a conversation, and the end state that must hold.

A scenario fixes what is true afterwards (records, decision, reason, queue, clock), never the
wording of a reply. Each `say` lists several wordings; variant *i* of a scenario plays wording
`i % len(say)` of every turn. Numbers with a point are read as decimals, so amounts stay exact.
`{case}` in a message or an expected value stands for the customer's newest case number.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from workbench.errors import ConfigError
from workbench.records.base import Instant, Record
from workbench.records.cases import Case, CaseEntry, CaseStatus, Degree, Subscription
from workbench.records.customers import Customer
from workbench.records.invoices import (
    CreditNote,
    Dispute,
    ExchangeRate,
    Invoice,
    InvoiceAccount,
    Order,
    Payment,
)
from workbench.scenarios.expectations import Expectation

_WAIT = re.compile(r"(\d+) (minute|hour|day)s?")
_BEHAVIOUR = re.compile(r"own|(every|invoice|case|escalation) [1-9]\d?")


def _wait(value: object) -> object:
    """`3 days` as a duration."""
    if not isinstance(value, str):
        return value
    found = _WAIT.fullmatch(value)
    if not found:
        raise ValueError(f"{value!r} is not a wait such as '3 days', '2 hours' or '10 minutes'")
    return timedelta(**{found[2] + "s": int(found[1])})


def _behaviour(value: str) -> str:
    if not _BEHAVIOUR.fullmatch(value):
        raise ValueError(f"{value!r} is not 'own' nor a list and number such as 'invoice 7'")
    return value


Wait = Annotated[timedelta, BeforeValidator(_wait)]
SystemName = Literal["billing", "crm", "ticketing", "orders", "knowledge"]
Faults = dict[SystemName, Literal["unavailable"]]


class RecordSet(Record):
    """Records of the systems, by kind, as they lie in a POC's `records/` folder."""

    customers: tuple[Customer, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    payments: tuple[Payment, ...] = ()
    orders: tuple[Order, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    cases: tuple[Case, ...] = ()
    case_entries: tuple[CaseEntry, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()

    @property
    def kinds(self) -> dict[str, tuple[Record, ...]]:
        """Kind -> its records; kinds without records are left out."""
        kinds = {name: getattr(self, name) for name in RecordSet.model_fields}
        return {name: records for name, records in kinds.items() if records}

    def together_with(self, others: Iterable[RecordSet]) -> RecordSet:
        """All records of this set and the others."""
        sets = (self, *others)
        return RecordSet(
            **{
                name: tuple(record for one in sets for record in getattr(one, name))
                for name in RecordSet.model_fields
            }
        )


class Given(RecordSet):
    """What lies in the store and what is broken before the first message."""

    faults: Faults = {}
    """Systems that do not answer."""
    staffed: dict[str, int] = {}
    """People on duty by queue; a queue left out counts as staffed in business hours."""

    def account(self, number: str) -> InvoiceAccount:
        """A given invoice with the given credits, payments and disputes on it."""
        return InvoiceAccount(
            invoice=next(i for i in self.invoices if i.number == number),
            credit_notes=tuple(c for c in self.credit_notes if c.invoice_number == number),
            payments=tuple(p for p in self.payments if p.invoice_number == number),
            disputes=tuple(d for d in self.disputes if d.invoice_number == number),
        )


class Opening(Record):
    """Who writes, and where."""

    customer: str
    """The account that the channel claims."""
    channel: Literal["chat", "portal", "email", "phone"] = "chat"


class CaseEdit(Record):
    """What a person changes on a case."""

    case: str
    status: CaseStatus | None = None
    queue: str | None = None
    owner: str | None = None
    impact: Degree | None = None
    urgency: Degree | None = None
    revision: int | None = None
    """The revision that the person had read; None: the one that stands now."""

    @property
    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude={"case", "revision"}, exclude_none=True)


class PersonAct(Record):
    """One thing that a human agent or a supervisor does."""

    by: str
    role: Literal["human_agent", "supervisor"] = "human_agent"
    say: str | None = None
    hand_back: str | None = None
    """The note with which the conversation goes back to the assistant."""
    approve: bool | None = None
    """The answer to the oldest waiting approval."""
    verdict: str | None = None
    """The choice for the private question that falls due first."""
    reason: str = ""
    edit: CaseEdit | None = None

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        acts = (self.say, self.hand_back, self.approve, self.verdict, self.edit)
        if sum(act is not None for act in acts) != 1:
            raise ValueError("a person does one of: say, hand_back, approve, verdict, edit")
        return self


class Turn(Record):
    """One step: time passes, things break or restart, then a customer or a person acts."""

    wait: Wait = timedelta()
    restart: bool = False
    """The workbench is closed and opened again from its files."""
    faults: Faults | None = None
    """Systems that do not answer from now on; `{}`: all answer again."""
    arrives: RecordSet = RecordSet()
    """Records that come in meanwhile: payments, credit notes, invoices, cases."""
    conversation: Literal["same", "new"] = "same"
    channel: Literal["chat", "portal", "email", "phone"] | None = None
    """Channel of a new conversation, where it differs."""
    customer: str | None = None
    """Who writes from now on in a new conversation, where it differs."""
    say: tuple[str, ...] = ()
    human: PersonAct | None = None
    expect: Expectation = Expectation()

    def wording(self, variant: int) -> str:
        """The message of one variant; empty when the customer says nothing."""
        return self.say[variant % len(self.say)] if self.say else ""

    @model_validator(mode="after")
    def _one_actor(self) -> Self:
        if self.say and self.human:
            raise ValueError("a turn has either `say` or `human`, not both")
        happens = (self.say, self.human, self.wait, self.restart, self.arrives.kinds)
        if not any(happens) and self.faults is None:
            raise ValueError("a turn needs say, human, wait, restart, arrives or faults")
        return self


class Scenario(Record):
    """One conversation on given records, with what must be true during and after it."""

    id: str
    behaviour: Annotated[str, AfterValidator(_behaviour)]
    """Which item of the behaviour list it shows, e.g. `invoice 7`, or `own`."""
    title: str
    """A true sentence."""
    today: Instant
    given: Given = Given()
    conversation: Opening
    turn: tuple[Turn, ...] = Field(min_length=1)
    expect: Expectation = Expectation()
    flow: str = ""
    """Folder that the file lies in."""

    @property
    def variants(self) -> int:
        """Number of wordings that are played."""
        return max((len(turn.say) for turn in self.turn), default=1) or 1

    @property
    def date(self) -> date:
        return self.today.date()

    @model_validator(mode="after")
    def _all_names_known(self) -> Self:
        records = self.given.together_with(turn.arrives for turn in self.turn)
        known = {
            "customer_id": {customer.id for customer in records.customers},
            "invoice_number": {invoice.number for invoice in records.invoices},
            "case_id": {case.id for case in records.cases},
        }
        writers = {self.conversation.customer, *(t.customer for t in self.turn if t.customer)}
        for writer in writers - known["customer_id"]:
            raise ValueError(f"customer {writer!r} writes but is not given")
        for kind, rows in records.kinds.items():
            for row, (key, names) in product(rows, known.items()):
                value = getattr(row, key, None)
                if value and value not in names:
                    raise ValueError(f"a row of {kind} names {key} {value!r}, which is not given")
        return self


def load_scenario(path: Path) -> Scenario:
    """Read one scenario; an error names file, line and key."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text, parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as a scenario: {error}") from error
    try:
        scenario = Scenario.model_validate({**values, "flow": path.parent.name})
    except ValidationError as error:
        raise _scenario_error(path, text, error) from error
    if scenario.id != path.stem:
        raise ConfigError(
            f"{path}, line {_line(text, ('id',))}: key `id` is {scenario.id!r}",
            expected=f"the file's own name {path.stem!r}",
        )
    return scenario


def load_scenarios(folder: Path, only: Iterable[str] = ()) -> tuple[Scenario, ...]:
    """All scenarios of a folder and its sub-folders by id; `only` keeps ids that start so."""
    scenarios = [load_scenario(path) for path in sorted(folder.rglob("*.toml"))]
    twice = [name for name, n in Counter(s.id for s in scenarios).items() if n > 1]
    if twice:
        raise ConfigError(f"{folder} holds two scenarios with the id {twice[0]!r}")
    wanted = tuple(only)
    chosen = tuple(s for s in scenarios if not wanted or s.id.startswith(wanted))
    if not chosen:
        raise ConfigError(
            f"{folder} holds no scenario{f' named {wanted[0]!r}' if wanted else ''}",
            expected="files such as scenarios/invoice_inquiry/partly-paid.toml",
        )
    return chosen


def _scenario_error(path: Path, text: str, error: ValidationError) -> ConfigError:
    problem = error.errors()[0]
    place = tuple(problem["loc"])
    key = ".".join(str(part) for part in place) or "(whole file)"
    message = problem["msg"].removeprefix("Value error, ")
    return ConfigError(f"{path}, line {_line(text, place)}: key `{key}`: {message}")


def _line(text: str, place: tuple[str | int, ...]) -> int:
    """The line that sets the deepest part of `place` which the file writes out."""
    best, found = 0, 1
    table: tuple[str | int, ...] = ()
    seen: Counter[tuple[str | int, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)([\w.]+)\]", line)
        if header:
            table = _table(header[2], seen, repeated=header[1] == "[[")
        key = re.match(r"\s*(\w+)\s*=", line)
        here = (*table, key[1]) if key else table
        if (header or key) and len(here) > best and place[: len(here)] == here:
            best, found = len(here), number
    return found


def _table(name: str, seen: Counter[tuple[str | int, ...]], *, repeated: bool) -> tuple[Any, ...]:
    """The full path of a table header, with the index of every array of tables in it."""
    path: tuple[str | int, ...] = ()
    parts = name.split(".")
    for depth, part in enumerate(parts):
        path = (*path, part)
        if repeated and depth == len(parts) - 1:
            seen[path] += 1
        if seen[path]:
            path = (*path, seen[path] - 1)
    return path
