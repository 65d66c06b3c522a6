"""Example POCs on real data; their state lies in a folder of the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from example_pocs import ROOT, Imported, Importing

from workbench.intake import ImportTarget, import_sources
from workbench.poc import PocFolder
from workbench.records.principals import Principal, Role
from workbench.store import Store


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA") or ROOT / "../shared/data").resolve()
    if not (folder / "online_retail").is_dir():
        pytest.skip("no real data (WORKBENCH_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def imported(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importing]:
    """Imports an example once a session, from its own settings and mappings."""
    done: dict[str, Imported] = {}
    with ExitStack() as opened:

        def bring_in(name: str) -> Imported:
            if name not in done:
                poc = PocFolder.at(ROOT / "examples" / name, tmp_path_factory.mktemp(name))
                store = opened.enter_context(Store.open(poc.store_url(poc.settings())))
                principal = Principal(id="service:test", role=Role.SERVICE)
                target = ImportTarget(poc, store, principal)
                environ = {"WORKBENCH_REAL_DATA": str(real_data)}
                done[name] = target, import_sources(target, poc.settings(), environ)
            return done[name]

        yield bring_in
