"""Alerts: raised once, brought up to date, closed; each change in ledger and outbox, or in none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from store_world import ADMIN, AGENT, ANALYST, SERVICE, SUPERVISOR, act

from workbench.errors import Conflict, InputError, NotAllowed
from workbench.records.alerts import (
    Alert,
    AlertState,
    CloseAlert,
    RaiseAlert,
    fold_alerts,
    stream_of,
)
from workbench.records.events import EventKind, NewEvent
from workbench.records.operations import plan
from workbench.records.principals import Principal
from workbench.store import Store
from workbench.store.delivery import FIRST_PAUSE, LONGEST_PAUSE

HOOK = "https://alerts.example.com/hook"
STREAM = stream_of("service")
FAULT = AlertState(
    cause="tool_failing",
    kind="process",
    since=date(2026, 2, 17),
    intents=("invoice_copy",),
    sentence="The process broke: a tool fails.",
    advice="Look at the tool.",
)
OVER = FAULT.model_copy(update={"until": date(2026, 2, 20)})


def say(store: Store, state: AlertState, webhook: str = HOOK, by: Principal = SERVICE) -> str:
    """What the monitor's word came to."""
    key = f"say-{len(store.events(ADMIN, stream=STREAM))}-{id(state)}"
    done = act(store, by, plan(RaiseAlert(state=state, webhook=webhook), key), stream=STREAM)
    return str(done.receipts[0].result["change"])


def close(store: Store, alert: Alert, by: Principal = SUPERVISOR, reason: str = "known") -> None:
    wish = CloseAlert(alert_id=alert.id, reason=reason)
    act(store, by, plan(wish, f"close-{alert.id}-{by.id}-{reason}"), stream=STREAM)


def alerts(store: Store) -> list[Alert]:
    return list(fold_alerts(store.events(ADMIN, stream=STREAM)).values())


def test_an_alert_is_raised_once_in_ledger_and_outbox(store: Store) -> None:
    assert [say(store, FAULT) for _ in range(3)] == ["raised", "none", "none"]
    (alert,) = alerts(store)
    assert alert.open and alert.state == FAULT
    (message,) = store.outbox(ADMIN)
    assert (message.kind, message.channel, message.address) == ("webhook", "webhook", HOOK)
    assert message.payload["change"] == "raised" and message.payload["cause"] == "tool_failing"
    assert message.payload["alert"] == alert.id


def test_nothing_is_posted_where_no_webhook_is_named(store: Store) -> None:
    assert say(store, FAULT, webhook="") == "raised"
    assert len(alerts(store)) == 1 and store.outbox(ADMIN) == ()


def test_what_goes_on_is_an_update_and_what_is_over_closes_the_alert(store: Store) -> None:
    more = FAULT.model_copy(update={"intents": ("invoice_copy", "invoice_amount")})
    assert [say(store, state) for state in (FAULT, more, OVER, OVER)] == [
        "raised", "updated", "closed", "none",
    ]  # fmt: skip
    (alert,) = alerts(store)
    assert not alert.open and alert.reason == "back to normal" and alert.back_to_normal
    assert [one.payload["change"] for one in store.outbox(ADMIN)] == ["raised", "updated", "closed"]


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"since": date(2026, 2, 10)}, True),
        ({"since": date(2026, 2, 16), "intents": ("invoice_copy", "case_status")}, True),
        ({"intents": ("case_status",)}, False),
        ({"cause": "backlog"}, False),
        ({"since": date(2026, 1, 5), "until": date(2026, 1, 9)}, False),
    ],
)
def test_the_same_cause_at_the_same_time_and_place_is_one_alert(store, changed, same) -> None:
    say(store, FAULT)
    say(store, FAULT.model_copy(update=changed))
    assert (len(alerts(store)) == 1) is same


def test_what_comes_back_after_it_was_over_is_raised_again(store: Store) -> None:
    again = FAULT.model_copy(update={"since": date(2026, 2, 24)})
    assert [say(store, state) for state in (FAULT, OVER, again)] == ["raised", "closed", "raised"]
    assert [alert.open for alert in alerts(store)] == [False, True]


def test_what_was_over_before_anybody_looked_is_raised_and_closed_at_once(store: Store) -> None:
    assert say(store, OVER) == "raised"
    (alert,) = alerts(store)
    assert not alert.open
    assert [one.payload["change"] for one in store.outbox(ADMIN)] == ["raised", "closed"]


def test_what_a_person_closed_stays_closed_with_their_reason(store: Store) -> None:
    say(store, FAULT)
    close(store, alerts(store)[0], reason="The vendor repairs it")
    assert say(store, FAULT) == "none"
    (alert,) = alerts(store)
    assert (alert.closed_by, alert.reason) == (SUPERVISOR.id, "The vendor repairs it")
    with pytest.raises(Conflict, match="was closed by"):
        close(store, alert, by=ADMIN)


def test_nothing_is_closed_without_a_reason_or_that_is_not_there(store: Store) -> None:
    say(store, FAULT)
    with pytest.raises(InputError, match="without a reason"):
        close(store, alerts(store)[0], reason="  ")
    missing = alerts(store)[0].model_copy(update={"id": "alert-X"})
    with pytest.raises(InputError, match="no alert alert-X"):
        close(store, missing)
    assert alerts(store)[0].open


@pytest.mark.parametrize("who", [AGENT, ANALYST])
def test_only_those_in_charge_raise_and_close(store: Store, who: Principal) -> None:
    with pytest.raises(NotAllowed):
        say(store, FAULT, by=who)
    say(store, FAULT)
    with pytest.raises(NotAllowed):
        close(store, alerts(store)[0], by=who)
    with pytest.raises(NotAllowed):
        store.due(who, "webhook")
    with pytest.raises(NotAllowed):
        store.settle(who, store.outbox(ADMIN)[0].key, sent=True)


def test_a_process_may_raise_but_only_people_close(store: Store) -> None:
    say(store, FAULT)
    with pytest.raises(NotAllowed, match="service may not do alert"):
        close(store, alerts(store)[0], by=SERVICE)


@pytest.mark.parametrize("kind", ["alert_raised", "alert_updated", "alert_closed"])
def test_nobody_claims_an_alert_without_the_operation(store: Store, kind: str) -> None:
    with pytest.raises(InputError, match="follow from actions"):
        act(store, SERVICE, stream=STREAM, request_id="r", events=(NewEvent(kind=EventKind(kind)),))


def test_monitors_that_look_at_once_raise_one_alert(store: Store) -> None:
    def one(number: int) -> None:
        wish = RaiseAlert(state=FAULT, webhook=HOOK)
        act(store, SERVICE, plan(wish, f"look-{number}"), stream=STREAM)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert len(alerts(store)) == 1 and len(store.outbox(ADMIN)) == 1


# The outbox seen by the worker that sends


def test_a_message_is_due_until_it_was_sent(store: Store) -> None:
    say(store, FAULT)
    (message,) = store.due(SERVICE, "webhook")
    assert store.due(SERVICE, "email") == ()
    sent = store.settle(SERVICE, message.key, sent=True)
    assert sent.sent_at is not None and store.due(SERVICE, "webhook") == ()
    assert store.settle(SERVICE, message.key, sent=False) == sent, "what was sent stays sent"


def test_pauses_double_with_every_failure_up_to_a_limit(store: Store, clock) -> None:
    say(store, FAULT)
    pauses = []
    for _ in range(14):
        (message,) = store.due(SERVICE, "webhook")
        settled = store.settle(SERVICE, message.key, sent=False)
        pauses.append(settled.not_before - clock.at)
        assert store.due(SERVICE, "webhook") == ()
        clock.at = settled.not_before
    slack = timedelta(seconds=10)
    assert FIRST_PAUSE - slack <= pauses[0] <= FIRST_PAUSE + slack
    doubled = [2 * one - slack <= other <= 2 * one + slack for one, other in pairwise(pauses[1:10])]
    assert all(doubled), pauses
    assert max(pauses) <= LONGEST_PAUSE and pauses[-1] >= LONGEST_PAUSE - slack
