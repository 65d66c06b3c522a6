"""What is planted in the history on purpose, so that every analysis can be checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from workbench.sample.calendar import END, FIRST_DAY, PILOT_STARTS, monday_of


@dataclass(frozen=True)
class Truth:
    """One planted truth. `size` is the number that the generator works with."""

    name: str
    claim: str
    """What is true, with its figure."""
    first_day: date
    last_day: date
    size: float
    intents: tuple[str, ...] = ()
    """The intents that it touches; empty for all."""
    find: str = ""
    """How an analyst can see it."""


_LAST_DAY = END - timedelta(days=1)

MONDAYS = Truth(
    name="season: Mondays",
    claim="A Monday brings 1.5 times the contacts of a Wednesday.",
    first_day=FIRST_DAY,
    last_day=_LAST_DAY,
    size=1.5,
    find="Contacts per weekday, holidays left out.",
)
MONTH_START = Truth(
    name="season: start of the month",
    claim="The first five days of a month bring 1.4 times the contacts of other days.",
    first_day=FIRST_DAY,
    last_day=_LAST_DAY,
    size=1.4,
    find="Contacts per day of the month, weekday held equal.",
)
PRICE_CHANGE = Truth(
    name="price change",
    claim="In week 9 the new prices double the contacts of the week; the extra ones ask about "
    "prices, why an invoice is so high, and how to cancel.",
    first_day=monday_of(9),
    last_day=monday_of(10) - timedelta(days=1),
    size=1.0,
    intents=("price_change", "invoice_explain", "invoice_amount", "contract_cancel"),
    find="Contacts per week and intent. It lies in the baseline: one that includes it looks busier "
    "and unhappier than service usually was.",
)
CONFIDENT_BUT_WRONG = Truth(
    name="confident but wrong",
    claim="The intent payment_not_shown is recognised with a mean confidence of 0.96, but 26 % of "
    "the automated answers are wrong: cash that waits unapplied is taken for not paid.",
    first_day=FIRST_DAY,
    last_day=_LAST_DAY,
    size=0.26,
    intents=("payment_not_shown",),
    find="Wrong answers among judged ones by intent and confidence; raising the threshold does not "
    "help, only taking automation away from this intent does.",
)
NEW_WORDING = Truth(
    name="drift",
    claim="From week 20 on, 60 % of the messages on four intents speak of `Nordlicht Pay`, words "
    "that triage never learned; their mean confidence falls by 0.25. Volume does not change.",
    first_day=monday_of(20),
    last_day=_LAST_DAY,
    size=0.25,
    intents=("payment_not_shown", "invoice_amount", "invoice_copy", "payment_terms"),
    find="Confidence per week by intent, and hand-offs for low confidence: the model drifted, the "
    "process did not.",
)
NEW_WORDING_SHARE = 0.6
"""Share of the messages on the touched intents that use the new words."""
COPY_TOOL_FAULT = Truth(
    name="process fault",
    claim="From 17 to 20 February 2026 the tool that sends copies fails in 80 % of its calls.",
    first_day=date(2026, 2, 17),
    last_day=date(2026, 2, 20),
    size=0.8,
    intents=("invoice_copy",),
    find="Hand-offs for tool failure by day and intent: confidence stays, so the process broke and "
    "not the model.",
)
MORE_CAREFUL = Truth(
    name="experiment",
    claim="In weeks 17 to 19 the chats of every second customer needed a confidence of 0.98 to be "
    "answered by the assistant alone. It answers about 40 points fewer of them alone and people "
    "work longer, while its answers are hardly less often wrong: the wrong ones are confident.",
    first_day=monday_of(17),
    last_day=monday_of(20) - timedelta(days=1),
    size=0.98,
    find="Contacts by arm (`more-careful/control` and `more-careful/careful`): "
    "`workbench experiment report more-careful`.",
)
DESK_HABITS = Truth(
    name="habits at the desk",
    claim="Of the suggestions that stand side by side, people send a macro four times as readily "
    "as the assistant's draft, and to unhappy customers (sentiment at most -0.35) the draft three "
    "times less readily still: they open in their own name first. The fixed order shows the draft "
    "first all the same.",
    first_day=FIRST_DAY,
    last_day=_LAST_DAY,
    size=4.0,
    find="What was sent among what was shown, by kind and sentiment: `desk_uses.csv`.",
)
TRUTHS = (
    *(MONDAYS, MONTH_START, PRICE_CHANGE, CONFIDENT_BUT_WRONG, NEW_WORDING, COPY_TOOL_FAULT),
    *(MORE_CAREFUL, DESK_HABITS),
)


def truths_page() -> str:
    """The table above as a Markdown page for `TRUTHS.md`."""
    sections = [
        f"## {truth.name.capitalize()}\n\n{truth.claim}\n\n"
        f"- From {truth.first_day} to {truth.last_day}\n"
        f"- Intents: {', '.join(truth.intents) or 'all'}\n"
        f"- Strength in the generator: {truth.size}\n"
        f"- How to find it: {truth.find}\n"
        for truth in TRUTHS
    ]
    head = (
        "# What is planted in this history\n\n"
        f"Week 1 starts on {FIRST_DAY}, a Monday; the pilot starts with week 13 on {PILOT_STARTS}; "
        f"the last day is {_LAST_DAY}. Until the pilot, people handled everything.\n\n"
    )
    return head + "\n".join(sections)
