"""The app served to a real browser that may speak to this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from demo_poc import APP, ROOT, played_poc
from visiting import Visit

CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
Served = Callable[[Path], str]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Served]:
    """Serves the app on a POC; gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(poc: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", str(APP)]
        options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
        environment = {**os.environ, "WORKBENCH_POC": str(poc), "PYTHONPATH": str(ROOT)}
        quiet = subprocess.DEVNULL
        running.append(
            subprocess.Popen(
                [*command, *options], cwd=ROOT, env=environment, stdout=quiet, stderr=quiet
            )
        )
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(f"{address}/_stcore/health")
        return address

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def _wait_until_up(url: str) -> None:
    for _ in range(200):
        try:
            urlopen(url, timeout=1).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within 20 s")


@pytest.fixture(scope="session")
def address(serve: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on the played sample."""
    return serve(played_poc(tmp_path_factory, "browser"))


@pytest.fixture
def visit(browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield Visit(context.new_page(), address)
    context.close()
