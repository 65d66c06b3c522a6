"""The app in this process, on a copy of the played sample."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_poc import APP, ROOT, played_poc
from streamlit.testing.v1 import AppTest

from workbench import Workbench, open_workbench

Open = Callable[..., AppTest]


def page(poc: Path, name: str, **address: str) -> AppTest:
    """The app on one page, with what the address says."""
    os.environ["WORKBENCH_POC"] = str(poc)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.switch_page(f"screens/{name}.py")
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    before = os.environ.get("WORKBENCH_POC")
    yield
    os.environ.pop("WORKBENCH_POC", None)
    if before is not None:
        os.environ["WORKBENCH_POC"] = before


@pytest.fixture(scope="session")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played_poc(tmp_path_factory, "app")


@pytest.fixture(scope="session")
def open_page(poc: Path) -> Open:
    """Opens a page of the app on the played sample."""
    return lambda name, **address: page(poc, name, **address)


@pytest.fixture(scope="session")
def open_on() -> Open:
    """Opens a page of the app on the POC in a folder."""
    return page


@pytest.fixture(scope="session")
def workbench(poc: Path) -> Iterator[Workbench]:
    """The same POC as the app's, opened beside it."""
    with open_workbench(poc) as opened:
        yield opened


@pytest.fixture(scope="session")
def open_empty(poc: Path, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Opens a page on a POC without customers, history or conversations."""
    folder = tmp_path_factory.mktemp("empty") / "poc"
    shutil.copytree(
        ROOT / "sample_data",
        folder,
        ignore=shutil.ignore_patterns(".workbench", "records", "history", "*.parquet"),
    )
    built = poc / ".workbench"
    shutil.copytree(built, folder / ".workbench", ignore=shutil.ignore_patterns("store*", "hist*"))
    return lambda name, **address: page(folder, name, **address)
