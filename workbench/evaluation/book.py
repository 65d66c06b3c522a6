"""The ledger's record of runs: who made which, on what, with what result."""

from __future__ import annotations

from workbench.evaluation.run import Summary
from workbench.records.events import EventKind, NewEvent
from workbench.records.principals import Principal
from workbench.store import Committed, Store, Transaction


def recorded(store: Store, reader: Principal, run_id: str) -> tuple[str, ...]:
    """Hashes under which the ledger knows a run; several when it was deleted and made again."""
    events = store.events(reader, stream=_stream(run_id), kinds=(EventKind.EVALUATED,))
    return tuple(str(event.data["digest"]) for event in events)


def all_recorded(store: Store, reader: Principal) -> dict[str, tuple[str, ...]]:
    """Run id -> its hashes, in the order in which runs were first made."""
    found = dict[str, tuple[str, ...]]()
    for event in store.events(reader, kinds=(EventKind.EVALUATED,)):
        run_id = str(event.data["run"])
        found[run_id] = (*found.get(run_id, ()), str(event.data["digest"]))
    return found


def record(store: Store, principal: Principal, summary: Summary, digest: str) -> Committed:
    """Write a run into the ledger; the same one again changes nothing."""
    event = NewEvent(
        kind=EventKind.EVALUATED,
        policy_version=summary.versions.policy,
        data={
            "run": summary.id,
            "name": summary.name,
            "digest": digest,
            "versions": summary.versions.model_dump(mode="json"),
            "cases": summary.cases,
            "totals": {total.scorer: total.value for total in summary.totals},
        },
    )
    return store.commit(
        Transaction(
            principal=principal,
            stream=_stream(summary.id),
            request_id=digest,
            events=(event,),
        )
    )


def _stream(run_id: str) -> str:
    return f"evaluation:{run_id}"
