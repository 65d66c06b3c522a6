"""A threshold goes from stage to stage once, whoever looks, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.errors import Conflict, InputError
from workbench.govern.adapting import adapted, last_changes, stages_of
from workbench.records.adapting import AdaptThreshold, Stage, adapting_stream
from workbench.records.events import EventKind
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.store.work import Transaction

WORKER = Principal(id="service:workbench", role=Role.SERVICE)
STREAM = adapting_stream("sample")
NUMBERS = {Stage.QUIET: 0.6, Stage.USUAL: 0.4, Stage.BUSY: 0.3}


def change(
    before: Stage, after: Stage, policy: str = "sample-1", **other: object
) -> AdaptThreshold:
    told = {
        "policy": policy,
        "setting": "threshold.stakes.low",
        "before": before,
        "after": after,
        "threshold_before": NUMBERS[before],
        "threshold_after": NUMBERS[after],
        "lowest": 0.3,
        "highest": 0.6,
        "measure": "waiting_per_person",
        "load": 7.0,
        "owner": "Ana",
        "decides": f"sample-{after}",
    }
    return AdaptThreshold.model_validate(told | other)


def commit(store: Store, wish: AdaptThreshold, key: str) -> bool:
    """Whether this one made the change."""
    action = plan(wish, key)
    wanted = Transaction(principal=WORKER, stream=STREAM, request_id=key, actions=(action,))
    try:
        return not store.commit(wanted).repeated
    except Conflict:
        return False


def stages(store: Store, policy: str = "sample-1") -> dict[str, Stage]:
    return stages_of(last_changes(adapted(store.events(WORKER, STREAM)), policy))


@pytest.mark.parametrize("keys", [["same"] * 8, [f"own-{n}" for n in range(8)]])
def test_of_many_workers_one_makes_the_change(store: Store, keys: list[str]) -> None:
    """Also of workers that took another key, such as those of another release."""
    wish = change(Stage.USUAL, Stage.BUSY)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda key: commit(store, wish, key), keys))
    assert made.count(True) == 1
    kinds = [event.kind for event in store.events(WORKER, STREAM)]
    assert kinds.count(EventKind.THRESHOLD_ADAPTED) == 1
    assert stages(store) == {"threshold.stakes.low": Stage.BUSY}


def test_stages_follow_one_another_and_versions_keep_apart(store: Store) -> None:
    assert commit(store, change(Stage.USUAL, Stage.BUSY), "1")
    assert not commit(store, change(Stage.USUAL, Stage.QUIET), "2"), "it stands at busy"
    assert commit(store, change(Stage.BUSY, Stage.USUAL), "3")
    assert commit(store, change(Stage.USUAL, Stage.QUIET, "sample-2"), "4")
    assert stages(store) == {}
    assert stages(store, "sample-2") == {"threshold.stakes.low": Stage.QUIET}
    assert [each.after for each in adapted(store.events(WORKER, STREAM))] == [
        Stage.BUSY,
        Stage.USUAL,
        Stage.QUIET,
    ]


@pytest.mark.parametrize("threshold", [0.29, 0.61])
def test_no_number_beyond_the_limits_is_written(store: Store, threshold: float) -> None:
    wish = change(Stage.USUAL, Stage.BUSY, threshold_after=threshold)
    with pytest.raises(InputError, match=r"0\.3 to 0\.6, as Ana has set"):
        commit(store, wish, "beyond")
    assert store.events(WORKER, STREAM) == ()
