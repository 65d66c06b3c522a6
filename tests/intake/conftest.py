"""An empty POC with a SQLite store, ready to import into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.intake import ImportTarget
from workbench.poc import PocFolder
from workbench.records.base import Ids, SteppingClock
from workbench.records.principals import Principal, Role
from workbench.store import Store


@pytest.fixture
def poc(tmp_path: Path) -> PocFolder:
    folder = tmp_path / "poc"
    folder.mkdir()
    (folder / "poc.toml").write_text('name = "own"\n')
    (folder / "intents.toml").write_text(
        '[intents.invoice_amount]\nflow = "invoice_inquiry"\n'
        '[intents.case_status]\nflow = "case_management"\n'
    )
    return PocFolder.at(folder)


@pytest.fixture
def target(poc: PocFolder, clock: SteppingClock, ids: Ids) -> Iterator[ImportTarget]:
    url = f"sqlite:///{poc.state / 'store.db'}"
    with Store.open(url, clock=clock, ids=ids) as store:
        yield ImportTarget(poc, store, Principal(id="service:test", role=Role.SERVICE))
