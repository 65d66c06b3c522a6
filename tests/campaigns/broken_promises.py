"""Cases whose first response was promised for noon and is late: what workers find to do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from front_door import MORNING, SAMPLE, parts, url

from workbench import Workbench, open_workbench
from workbench.records.base import Ids, SteppingClock
from workbench.records.cases import Case, CaseStatus, Degree
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.systems.clocks import promises_of

CUSTOMER = "C-1001"
SERVICE = Principal(id="service:test", role=Role.SERVICE)
LATE = MORNING + timedelta(hours=6)
"""When a first response promised in the morning is broken."""


def bring_customers(database: str) -> None:
    """A store with nothing in it but the sample's customers."""
    with Store.open(database) as store, Store.open(url(parts().folder / "sample")) as sample:
        store.import_records(SERVICE, "customers", sample.customers(SERVICE), "x")


def opened(database: str, folder: Path) -> Workbench:
    """As a process of its own opens it, when promises of the morning are broken."""
    folder.mkdir(exist_ok=True)
    return open_workbench(
        SAMPLE,
        state=folder,
        store_url=database,
        clock=SteppingClock(LATE, timedelta(milliseconds=1)),
        ids=Ids(),
        settings=parts().settings,
        triage=parts().triage,
        knowledge=parts().knowledge,
        records=False,
    )


def bring(database: str, count: int, first: int = 0) -> None:
    """`count` cases with numbers from `first` on."""
    promises = promises_of(parts().settings)
    cases = []
    for number in range(first, first + count):
        case = Case(
            id=f"CASE-{number:08d}",
            customer_id=CUSTOMER,
            topic="complaint",
            subject=f"complaint:{number}",
            title="The courier was rude",
            status=CaseStatus.OPEN,
            impact=Degree.MEDIUM,
            urgency=Degree.MEDIUM,
            queue="billing",
            opened_at=MORNING,
            updated_at=MORNING,
        )
        clocks = promises.on_opening(case, MORNING)
        cases.append(case.model_copy(update={"clocks": clocks}))
    with Store.open(database) as store:
        store.import_records(SERVICE, "cases", cases, f"cases-{first}")


def assert_done_once(database: str, count: int) -> None:
    """Every case is with the supervisors; lead and customer were told of each exactly once."""
    with Store.open(database) as store:
        cases = store.cases(SERVICE, CUSTOMER)
        told = Counter((m.record, m.kind) for m in store.outbox(SERVICE))
        assert len(cases) == count
        assert {case.queue for case in cases} == {"supervisors"}
        expected = {(f"case {c.id}", k): 1 for c in cases for k in ("promise_broken", "case_late")}
        assert told == expected
        assert all(len(store.entries(SERVICE, case.id)) == 2 for case in cases)
        assert store.verify(SERVICE).ok


def count_left(database: str) -> int:
    """Cases that nobody has taken to the supervisors yet."""
    with Store.open(database) as store:
        return sum(case.queue == "billing" for case in store.cases(SERVICE, CUSTOMER))
