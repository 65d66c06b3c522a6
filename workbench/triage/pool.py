"""The messages that nobody has labelled yet: masked, each wording once.

Two messages that differ in nothing but their numbers, dates and amounts are one wording, because a
classifier does not see the difference either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from re import Pattern

from workbench.govern.privacy import find_emails, find_phones, mask
from workbench.records.base import Record, short_code
from workbench.triage.language import language_of
from workbench.triage.words import normalise

LONGEST_MESSAGE = 2_000
"""Characters of a message that a person is shown; the rest seldom says what is wanted."""
MOST_MESSAGES = 10_000
"""Wordings in a pool, the first found: more would make a question slow, not better."""


class Found(Record):
    """A message as it was found, before anything is hidden in it."""

    text: str
    source: str
    """Where it stands, in words: `conversation conv-...`, `contact K-1`, `new.csv, line 3`."""
    language: str = ""


class PoolMessage(Record):
    """A wording that nobody has labelled yet."""

    id: str
    """The same for the same wording, wherever it is found: `m-` and ten letters."""
    text: str
    """Masked, without addresses and phone numbers."""
    language: str = ""
    source: str = ""
    times: int = 1
    """How often the wording was found."""


def message_id(text: str) -> str:
    """The id of a wording; numbers count by kind only, letter case and blanks not at all."""
    return "m-" + short_code(" ".join(normalise(text).split()), 10)


def pool_of(
    found: Iterable[Found],
    *,
    known: Collection[str],
    keep: Sequence[Pattern[str]] = (),
    default_language: str = "en",
) -> tuple[PoolMessage, ...]:
    """Wordings to label, in the order in which they were found.

    Args:
        found: messages from anywhere.
        known: ids of messages that are labelled, or that a person did not want to be asked again.
        keep: patterns of the company's own numbers, which are not masked.
        default_language: decides when two languages are equally likely.
    """
    times: Counter[str] = Counter()
    first: dict[str, Found] = {}
    for one in found:
        shown = one.model_copy(update={"text": hidden(one.text, keep)})
        name = message_id(shown.text)
        times[name] += 1
        if name not in first and name not in known and any(c.isalpha() for c in shown.text):
            first[name] = shown
        if len(first) == MOST_MESSAGES:
            break
    return tuple(
        PoolMessage(
            id=name,
            text=one.text,
            language=one.language or language_of(one.text, default_language).language,
            source=one.source,
            times=times[name],
        )
        for name, one in first.items()
    )


def hidden(text: str, keep: Sequence[Pattern[str]] = ()) -> str:
    """A message as it may be kept in a file of the team: nothing secret, nobody's address."""
    shown = mask(text[:LONGEST_MESSAGE].strip(), keep=keep).text
    for address in find_emails(shown):
        shown = shown.replace(address, "[e-mail address removed]")
    for number in find_phones(shown, keep=keep):
        shown = shown.replace(number, "[phone number removed]")
    return shown
