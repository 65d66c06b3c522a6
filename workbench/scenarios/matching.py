"""Expected against actual: every key of an expectation has one check, every miss a difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any

from workbench.records.base import Record
from workbench.records.events import EventKind
from workbench.records.evidence import TimeValue
from workbench.records.invoices import InvoiceAccount
from workbench.scenarios.expectations import Count, Expectation, PacketPattern, counted, fits
from workbench.scenarios.notation import canonical, stands_in
from workbench.scenarios.records_found import PATTERNS
from workbench.scenarios.seen import Scope
from workbench.systems.calendar import BusinessCalendar


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the scenario says."""

    where: str
    """`turn 2`, `end` or `always`."""
    what: str
    """The key of the expectation."""
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: expected {self.expected}, actual {self.actual}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "where": self.where,
            "what": self.what,
            "expected": str(self.expected),
            "actual": str(self.actual),
        }


Miss = tuple[Any, Any]
"""What was expected and what there was."""


def differences(where: str, expected: Expectation, seen: Scope) -> Iterator[Difference]:
    """Everything in which the scope is not as expected."""
    for name in Expectation.model_fields:
        wish = getattr(expected, name)
        if wish is None or wish in ((), {}):
            continue
        check = _CHECKS.get(name) or _of_records(name)
        for miss in check(wish, seen):
            yield Difference(where, name, *miss)


# Decision and hand-off


def _value(read: Callable[[Scope], Any]) -> Callable[[Any, Scope], Iterator[Miss]]:
    """A check of one value against one wish."""

    def check(wish: Any, seen: Scope) -> Iterator[Miss]:
        actual = read(seen)
        if not fits(wish, actual):
            yield wish, actual

    return check


def _level(seen: Scope) -> Any:
    return seen.latest.result.level if seen.latest and seen.latest.result else None


def _asked(seen: Scope) -> Any:
    return seen.latest.result.asked if seen.latest and seen.latest.result else None


def _silent(seen: Scope) -> Any:
    return seen.latest.result.silent if seen.latest and seen.latest.result else None


def _language(seen: Scope) -> Any:
    return seen.replies[-1].language if seen.replies else None


def _of_hand_off(key: str) -> Callable[[Scope], Any]:
    return lambda seen: seen.world.hand_offs[-1].data[key] if seen.world.hand_offs else None


def _speaker(seen: Scope) -> Any:
    return seen.world.speaker(seen.earlier[-1].conversation_id)


def _error(seen: Scope) -> Any:
    return seen.moments[-1].error.partition(":")[0]


def _intents(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    results = [moment.result for moment in seen.moments if moment.result]
    read = [score.intent for result in results for score in result.intents]
    yield from ((intent, read) for intent in wish if intent not in read)


# What was said


def _says(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    said = [canonical(fact.value) for fact in seen.facts]
    for value in wish:
        if not any(value in forms for forms in said):
            yield value, [forms[0] for forms in said]


def _never_says(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    for forbidden in wish:
        for reply in seen.replies:
            if stands_in(forbidden, reply.text):
                yield f"no {forbidden!r}", reply.text


def _facts(wish: dict[str, str], seen: Scope) -> Iterator[Miss]:
    said = [(fact.name, canonical(fact.value)) for fact in seen.facts]
    for name, value in wish.items():
        if not any(name == fact and value in forms for fact, forms in said):
            yield f"{name} = {value}", [f"{fact} = {forms[0]}" for fact, forms in said]


def _sources(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    named = [f"{f.source.system} {f.source.record} {f.source.field}" for f in seen.facts]
    for part in wish:
        if not any(part in source for source in named):
            yield part, named


def _statements(wish: Sequence[Any], seen: Scope) -> Iterator[Miss]:
    spoken = _keys(seen)
    for choice in wish:
        patterns = choice if isinstance(choice, tuple) else (choice,)
        if not any(fnmatch(key, pattern) for key in spoken for pattern in patterns):
            yield choice, spoken


def _not_statements(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    spoken = _keys(seen)
    yield from ((f"no {key}", spoken) for key in wish if any(fnmatch(k, key) for k in spoken))


def _keys(seen: Scope) -> list[str]:
    return [statement.key for reply in seen.replies for statement in reply.statements]


def _reads_like(wish: int, seen: Scope) -> Iterator[Miss]:
    """The two replies are the same once the references that differ are taken out."""
    other = next((m for m in seen.earlier if m.number == wish), None)
    mine, theirs = (_without_references(m) for m in (seen.latest, other))
    if mine != theirs:
        yield theirs, mine


def _without_references(moment: Any) -> str:
    if moment is None or moment.reply is None:
        return ""
    text: str = moment.reply.text
    for fact in moment.reply.facts:
        if fact.value.kind == "reference":
            text = text.replace(fact.value.value, "#")
    return text


def _promise_in(wish: str, seen: Scope) -> Iterator[Miss]:
    times = [fact.value for fact in seen.facts if isinstance(fact.value, TimeValue)]
    if not any(time.zone == wish and _kept_in_hours(time, seen) for time in times):
        yield f"a time in business hours, spoken in {wish}", [canonical(t)[0] for t in times]


def _kept_in_hours(time: TimeValue, seen: Scope) -> bool:
    """Whether the time is to come and inside business hours, closing time included."""
    calendar = BusinessCalendar(seen.world.settings.hours)
    moments = (time.value, time.value - timedelta(minutes=1))
    return time.value > seen.world.now and any(map(calendar.is_open, moments))


# What was done


def _handed_off(wish: bool, seen: Scope) -> Iterator[Miss]:
    if bool(seen.world.hand_offs) != wish:
        yield wish, [(e.data["reason"], e.data["queue"]) for e in seen.world.hand_offs]


def _actions(wish: Sequence[Any], seen: Scope) -> Iterator[Miss]:
    for choice in wish:
        if not any(fits(choice, operation) for operation in seen.operations):
            yield choice, seen.operations


def _no_actions(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    yield from ((f"no {name}", seen.operations) for name in wish if name in seen.operations)


def _actions_count(wish: dict[str, Count], seen: Scope) -> Iterator[Miss]:
    acted = seen.world.of_kind(EventKind.ACTED)
    return _counts(wish, Counter(str(event.data["operation"]) for event in acted))


def _events(wish: dict[str, Count], seen: Scope) -> Iterator[Miss]:
    return _counts(wish, Counter(event.kind for event in seen.world.events))


def _outbox(wish: dict[str, Count], seen: Scope) -> Iterator[Miss]:
    return _counts(wish, Counter(message.kind for message in seen.world.outbox))


def _counts(wish: dict[Any, Count], actual: Counter[Any]) -> Iterator[Miss]:
    for name, count in wish.items():
        if not counted(count, actual[name]):
            yield f"{name}: {count}", {str(key): n for key, n in actual.items()}


def _security_events(wish: Count, seen: Scope) -> Iterator[Miss]:
    found = [event.data for event in seen.world.of_kind(EventKind.SECURITY)]
    if not counted(wish, len(found)):
        yield wish, found


def _outbox_lacks(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    for text in wish:
        for message in seen.world.outbox:
            if text in message.model_dump_json():
                yield f"no {text!r}", message.kind


def _masked(wish: Sequence[str], seen: Scope) -> Iterator[Miss]:
    for text in wish:
        if seen.world.contains_bytes(text):
            yield f"no {text!r} in any file", "found"


# Records as they stand


def _balances(wish: dict[str, str], seen: Scope) -> Iterator[Miss]:
    return _sums(wish, seen.world.accounts, lambda account: account.balance)


def _undisputed(wish: dict[str, str], seen: Scope) -> Iterator[Miss]:
    return _sums(wish, seen.world.accounts, lambda account: account.undisputed)


def _sums(
    wish: dict[str, str], accounts: Iterable[InvoiceAccount], of: Callable[[InvoiceAccount], Any]
) -> Iterator[Miss]:
    actual = {account.invoice.number: str(of(account)) for account in accounts}
    for number, value in wish.items():
        if actual.get(number) != value:
            yield f"{number}: {value}", actual.get(number)


def _of_records(name: str) -> Callable[[Any, Scope], Iterator[Miss]]:
    """A check that the wished records are there, as often as wished."""
    find, matches = PATTERNS[name]

    def check(wish: Sequence[Any], seen: Scope) -> Iterator[Miss]:
        found: Sequence[Record] = find(seen.world)
        for pattern in wish:
            fitting = [record for record in found if matches(pattern, record, seen.world)]
            if not counted(pattern.count, len(fitting)):
                yield pattern.model_dump(exclude_defaults=True), [_short(r) for r in found]

    return check


def _short(record: Record) -> dict[str, Any]:
    """The telling fields of a record, for reading a difference."""
    shown = {"id", "number", "topic", "subject", "status", "state", "queue", "line", "amount"}
    shown |= {"reason", "reopened", "grade", "parent_id", "invoice_number", "channel", "active"}
    return record.model_dump(mode="json", include=shown)


def _packet(wish: PacketPattern, seen: Scope) -> Iterator[Miss]:
    packet = seen.world.packet
    if packet is None:
        yield "a packet", None
        return
    for name in ("reason", "queue", "escalation", "identity_proven", "language"):
        wished, actual = getattr(wish, name), getattr(packet, name)
        if wished is not None and not fits(wished, actual):
            yield f"{name} {wished}", actual
    if wish.complete is not None and packet.completeness < wish.complete:
        yield f"completeness {wish.complete}", packet.completeness
    if wish.hops is not None and not counted(wish.hops, packet.hops):
        yield f"hops {wish.hops}", packet.hops
    text = packet.model_dump_json()
    yield from ((part, text) for part in wish.contains if part not in text)
    yield from ((f"no {part!r}", text) for part in wish.lacks if part in text)


_CHECKS: dict[str, Callable[[Any, Scope], Iterator[Miss]]] = {
    "level": _value(_level),
    "reason": _value(_of_hand_off("reason")),
    "queue": _value(_of_hand_off("queue")),
    "handed_off": _handed_off,
    "speaker": _value(_speaker),
    "intents": _intents,
    "says": _says,
    "never_says": _never_says,
    "facts": _facts,
    "sources": _sources,
    "statements": _statements,
    "not_statements": _not_statements,
    "actions": _actions,
    "no_actions": _no_actions,
    "actions_count": _actions_count,
    "balances": _balances,
    "undisputed": _undisputed,
    "asked": _value(_asked),
    "silent": _value(_silent),
    "packet": _packet,
    "masked": _masked,
    "outbox": _outbox,
    "outbox_lacks": _outbox_lacks,
    "events": _events,
    "security_events": _security_events,
    "language": _value(_language),
    "reads_like": _reads_like,
    "promise_in": _promise_in,
    "error": _value(_error),
}
