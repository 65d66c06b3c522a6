"""Finding the invoice, line or case a customer means; asking when more than one fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import NoReturn, TypeVar

from workbench.errors import NotFound
from workbench.flows import facts
from workbench.flows.turn import Settled, Turn
from workbench.records.cases import Case
from workbench.records.evidence import Source
from workbench.records.invoices import InvoiceAccount, InvoiceLine
from workbench.records.operations import ReportSecurity, plan
from workbench.triage.entities import Entities

Thing = TypeVar("Thing")

SHORTLIST = 5
"""Rows that a customer can take in at once."""

_WHOLE = re.compile(
    r"\b(whole|entire|all of it|in full|everything|complete(ly)?|ganze\w*|komplett\w*|gesamte\w*|"
    r"enti[eè]re?\w*|tout\w*|toda|todo|enter[ao]|completa?)\b",
    re.IGNORECASE,
)


# Invoices


def the_invoices(turn: Turn) -> list[InvoiceAccount]:
    """All invoices that are named by number, when several are; else the one that is meant."""
    numbers = turn.entities.invoice_numbers
    if len(numbers) < 2:
        return [the_invoice(turn)]
    found = [numbered(turn, number) for number in numbers]
    _settled(turn, found[-1])
    return found


def the_invoice(turn: Turn) -> InvoiceAccount:
    """The one invoice that is meant; otherwise a question, or the words for not found."""
    named = _named(turn)
    if named is not None:
        return named
    known = turn.known("invoice")
    if known:
        return account(turn, known)
    every = accounts(turn)
    if not every:
        turn.say("invoice.none")
        raise Settled
    fitting = _fitting(turn, every)
    if len(fitting) == 1:
        return _settled(turn, fitting[0])
    _ask_which(turn, fitting or every)


def accounts(turn: Turn) -> tuple[InvoiceAccount, ...]:
    """All invoices of the customer, oldest first."""
    return turn.read(
        "invoice.list", lambda: turn.systems.billing.accounts(turn.principal, turn.customer.id)
    )


def account(turn: Turn, number: str) -> InvoiceAccount:
    """One invoice by number; `NotFound` also when it is somebody else's."""
    return turn.read(
        "invoice.read", lambda: turn.systems.billing.account(turn.principal, number), number
    )


def _named(turn: Turn) -> InvoiceAccount | None:
    """The invoice that the message names by number, if it names one."""
    for number in turn.entities.invoice_numbers:
        return _settled(turn, numbered(turn, number))
    own = _own(turn) if turn.entities.candidates else {}
    known = [own[_key(token)] for token in turn.entities.candidates if _key(token) in own]
    return _settled(turn, known[0]) if known else None


def numbered(turn: Turn, number: str) -> InvoiceAccount:
    """The invoice under a number as people write it: `inv 1126` is INV-1126."""
    own = _own(turn)
    if _key(number) in own:
        return account(turn, own[_key(number)].invoice.number)
    try:
        return account(turn, number)
    except NotFound:
        unknown_invoice(turn, number)


def _own(turn: Turn) -> dict[str, InvoiceAccount]:
    return {_key(a.invoice.number): a for a in accounts(turn)}


def _key(number: str) -> str:
    return re.sub(r"[^a-z0-9]", "", number.casefold())


def unknown_invoice(turn: Turn, number: str) -> NoReturn:
    """Not there and not yours get the same words, and both count as a try."""
    report_unknown(turn, f"invoice {number}")
    said = Source(system="customer", record="message", field="invoice number")
    turn.ask("invoice", "not_found.invoice", number=facts.reference("invoice number", number, said))


def report_unknown(turn: Turn, record: str) -> None:
    """Let the store find out whether it was somebody else's; the flow never learns it."""
    tried = ReportSecurity(
        what="foreign_record",
        record=record,
        customer_id=turn.customer.id,
        conversation_id=turn.conversation.id,
    )
    turn.act(plan(tried, key=turn.key("unknown", record, str(turn.conversation.revision))))


def _settled(turn: Turn, found: InvoiceAccount) -> InvoiceAccount:
    if turn.known("invoice") not in (None, found.invoice.number):
        turn.remember("line", None)  # A change of mind about the invoice changes the line too.
    turn.remember("invoice", found.invoice.number)
    turn.remember("choices", None)
    return found


def _fitting(turn: Turn, every: Sequence[InvoiceAccount]) -> list[InvoiceAccount]:
    """Invoices that fit what was said; with nothing said, the one spoken of last."""
    offered = turn.known("choices") or []
    pool = [a for a in every if a.invoice.number in offered] if offered else list(every)
    pool.sort(key=lambda a: offered.index(a.invoice.number) if offered else 0)
    newest = sorted(every, key=lambda a: (a.invoice.issued_on, a.invoice.number))
    latest = newest if -1 in turn.entities.ordinals and not turn.entities.months else ()
    picked = _by_position(turn.entities.ordinals, pool if offered else latest)
    if picked is not None:
        return [picked]
    told, narrowed = narrow(pool, turn.entities, _words(turn), turn.today())
    if told and not narrowed and offered:
        told, narrowed = narrow(
            every, turn.entities, _words(turn), turn.today()
        )  # None of those offered.
    if told:
        return narrowed
    focus = _focus(turn)
    if focus and not offered:
        return [a for a in every if a.invoice.number == focus]
    return [pool[0]] if len(pool) == 1 else []


def narrow(
    pool: Sequence[InvoiceAccount], entities: Entities, text: str, today: date
) -> tuple[bool, list[InvoiceAccount]]:
    """Whether the words say anything that picks invoices, and the invoices that they pick."""
    tests: list[Callable[[InvoiceAccount], bool]] = []
    if entities.dates:
        tests.append(lambda a: a.invoice.issued_on in entities.dates)
    elif entities.months:
        tests.append(lambda a: any(_in_month(a, year, month) for year, month in entities.months))
    if entities.status:
        tests.append(lambda a: a.status(today) == entities.status)
    if entities.order_numbers:
        tests.append(lambda a: bool(set(entities.order_numbers) & _orders(a)))
    if entities.amounts:
        sums = {amount for amount, _ in entities.amounts}
        tests.append(lambda a: bool(sums & {a.invoice.stated_total, a.open.amount}))
    narrowed, told = list(pool), False
    for test in tests:
        kept = [a for a in narrowed if test(a)]
        if kept or not told:
            narrowed, told = kept, True
    if not told and entities.ordinals:
        on_day = [a for a in pool if a.invoice.issued_on.day in entities.ordinals]
        if on_day and len(on_day) < len(pool):
            return True, on_day
    if not told:
        by_product = [a for a in pool if any(mentions(text, line) for line in a.invoice.lines)]
        if by_product and len(by_product) < len(pool):
            return True, by_product
    return told, narrowed


def _orders(a: InvoiceAccount) -> set[str]:
    return {a.invoice.order_id, *(line.order_id for line in a.invoice.lines)}


def _in_month(a: InvoiceAccount, year: int | None, month: int) -> bool:
    issued = a.invoice.issued_on
    return issued.month == month and year in (None, issued.year)


def _by_position(ordinals: Sequence[int], pool: Sequence[Thing]) -> Thing | None:
    for position in ordinals:
        index = position - 1 if position > 0 else len(pool) + position
        if 0 <= index < len(pool):
            return pool[index]
    return None


def _focus(turn: Turn) -> str:
    """The invoice spoken of last in this conversation."""
    spoken = [str(r.slots["invoice"]) for r in turn.conversation.requests if r.slots.get("invoice")]
    return spoken[-1] if spoken else ""


def _ask_which(turn: Turn, fitting: Sequence[InvoiceAccount]) -> NoReturn:
    """A short list of the newest that fit, oldest first: number, date, amount, status."""
    shown = sorted(fitting, key=lambda a: (a.invoice.issued_on, a.invoice.number))[-SHORTLIST:]
    turn.remember("choices", [a.invoice.number for a in shown])
    rows = tuple(facts.about(a, turn.today()) for a in shown)
    turn.ask("invoice", "invoice.choose", rows)


# Lines


def the_line(turn: Turn, found: InvoiceAccount) -> InvoiceLine | None:
    """The line that is meant; None for the whole invoice; otherwise a question."""
    lines = found.invoice.lines
    known = turn.known("line")
    whole = _WHOLE.search(_words(turn)) and not turn.entities.line_numbers
    if whole or (known == "whole" and not turn.entities.line_numbers):
        turn.remember("line", "whole")
        return None
    picked = line_named(turn, found)
    if picked is not None:
        turn.remember("line", picked.line)
        return picked
    if known is not None:
        return next((line for line in lines if line.line == known), None)
    if len(lines) <= 1:
        return lines[0] if lines else None
    turn.ask("line", "dispute.ask_line", **facts.about(found, turn.today()))


def line_named(turn: Turn, found: InvoiceAccount) -> InvoiceLine | None:
    """The line that the message names by number, product or amount, if exactly one fits."""
    lines = found.invoice.lines
    said = turn.entities
    numbers = list(said.line_numbers)
    if turn.answering == "line":
        numbers += [n for n in said.ordinals if n not in numbers]
        numbers += [int(c) for c in said.candidates if c.isdigit() and int(c) <= len(lines)]
    for number in numbers:
        wanted = number if number > 0 else len(lines) + number + 1
        hit = next((line for line in lines if line.line == wanted), None)
        if hit:
            return hit
    return _by_product(lines, _words(turn)) or _by_amount(turn, found)


def _by_product(lines: Sequence[InvoiceLine], text: str) -> InvoiceLine | None:
    """The line named in full, else the only one of which a word is said that no other line has."""
    full = _only(lines, lambda line: mentions(text, line))
    if full:
        return full
    said = {word.rstrip("s") for word in content_words(text)}
    own = {line.line: _stems(line) for line in lines}
    shared = {
        w for n, words in own.items() for m, more in own.items() if n < m for w in words & more
    }
    return _only(lines, lambda line: bool(said & (own[line.line] - shared)))


def _stems(line: InvoiceLine) -> set[str]:
    return {word.rstrip("s") for word in content_words(line.description)}


def _by_amount(turn: Turn, found: InvoiceAccount) -> InvoiceLine | None:
    sums = {amount for amount, _ in turn.entities.amounts}
    currency = found.invoice.currency

    def costs(line: InvoiceLine) -> bool:
        stated = {line.unit_price, line.net(currency).amount, line.gross(currency).amount}
        return bool(sums & stated)

    return _only(found.invoice.lines, costs) if sums else None


def _only(lines: Sequence[InvoiceLine], test: Callable[[InvoiceLine], bool]) -> InvoiceLine | None:
    hits = [line for line in lines if test(line)]
    return hits[0] if len(hits) == 1 else None


_EMPTY_WORDS = frozenset(
    (
        "about again because been case complain complaint customer file from have just like made "
        "make need open please some that their there these they thing this very want were what "
        "when where which will with would your still never much such than then them into over "
        "bitte dass eine einen haben ihre mein mich nicht noch sich wird wurde beschwerde "
        "avec cette dans mais mon nous pour vous votre plainte como esta este para pero queja "
        "sobre unos usted"
    ).split()
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")


def mentions(text: str, line: InvoiceLine) -> bool:
    """Whether a text names a line's product: by its code, or by most words of its description."""
    lowered = text.casefold()
    if line.product and re.search(rf"(?<!\w){re.escape(line.product.casefold())}(?!\w)", lowered):
        return True
    words = set(_LETTERS.findall(line.description.casefold()))
    if not words:
        return False
    said = set(_LETTERS.findall(lowered))
    hits = sum(any(_alike(word, other) for other in said) for word in words)
    return hits >= 2 * len(words) / 3


def content_words(text: str) -> set[str]:
    """The longer words of a text, which say what it is about."""
    return {word for word in _LETTERS.findall(text.casefold()) if len(word) >= 4} - _EMPTY_WORDS


def _alike(one: str, other: str) -> bool:
    """Equal but for a plural ending."""
    return one == other or one.rstrip("s") == other.rstrip("s")


def _words(turn: Turn) -> str:
    return turn.message_text if turn.answering else turn.request.text


# Cases


def the_case(turn: Turn) -> Case:
    """The one case that is meant, or the one that took it over.

    Otherwise a question, or the words for not found.
    """
    every = turn.cases()
    for number in turn.entities.case_numbers:
        hit = next((c for c in every if c.id.casefold() == number.casefold()), None)
        if hit is None:
            report_unknown(turn, f"case {number}")
            said = Source(system="customer", record="message", field="case number")
            turn.ask("case", "not_found.case", case=facts.reference("case", number, said))
        return _settled_case(turn, hit)
    known = turn.known("case") or turn.request.case_id
    if known:
        return turn.standing(next(c for c in every if c.id == known))
    if not every:
        turn.say("case.none")
        raise Settled
    offered = turn.known("choices") or []
    pool = [c for c in every if c.id in offered] if offered else _likely(turn, every)
    picked = _by_position(turn.entities.ordinals, pool) if offered else None
    if picked is not None or len(pool) == 1:
        return _settled_case(turn, picked or pool[0])
    pool = pool[:SHORTLIST]
    turn.remember("choices", [c.id for c in pool])
    rows = tuple(facts.about_case(c, turn.customer.time_zone) for c in pool)
    turn.ask("case", "case.choose", rows)


def the_cases(turn: Turn) -> list[Case]:
    """Every open case when none is singled out, else the one that is meant."""
    said = turn.entities
    single = said.case_numbers or said.invoice_numbers or turn.known("case")
    open_ones = [case for case in turn.cases() if case.is_open]
    if not single and not turn.conversation.case_id and 1 < len(open_ones) <= SHORTLIST:
        return open_ones
    return [the_case(turn)]


def _likely(turn: Turn, every: Sequence[Case]) -> list[Case]:
    """Cases about an invoice that was named, else the open ones, else all."""
    named = {f"invoice:{n}" for n in (*turn.entities.invoice_numbers, _focus(turn)) if n}
    about = [c for c in every if any(c.subject.startswith(n) for n in named)]
    return about or [c for c in every if c.is_open] or list(every)


def _settled_case(turn: Turn, case: Case) -> Case:
    case = turn.standing(case)
    turn.remember("case", case.id)
    turn.remember("choices", None)
    turn.request = turn.request.model_copy(update={"case_id": case.id})
    turn.case = case
    return case
