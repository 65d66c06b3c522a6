"""How long people wait when many of them move a slider of the Tune page at once.

    python benchmarks/app_sessions.py [--sessions 50] [--seconds 40] [--write FILE]

Every session is a browser's side of the app's own protocol, without a browser: it opens Tune, waits
until all have, then moves the default threshold every two seconds and waits until the server has
sent the last element.
The peer is `peers/tune_express.py`: the same charts of the same figures as plotly.express draws
them, in an app with default settings. Both run on this machine, one after the other, and so do the
sessions: the figures hold for the whole machine, not for the server alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from results import Section, arguments, milliseconds, publish, slowest_of_twenty, table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).parents[1]
OURS = ROOT / "app" / "streamlit_app.py"
PEER = ROOT / "benchmarks" / "peers" / "tune_express.py"
PAUSE = 2.0
"""Seconds between two moves of one person."""
PATIENCE = 120.0
SLIDER = "Default"


@dataclass
class Session:
    """One visitor of one app."""

    socket: ClientConnection
    page: str
    widget: str = ""
    fragment: str = ""
    waits: list[float] = field(default_factory=list)
    """Milliseconds from a move to the last element of its answer."""

    async def open(self) -> None:
        """Run the page once and remember where its slider is."""
        await self._ask(BackMsg())
        if not self.widget:
            raise RuntimeError(f"The page has no slider {SLIDER!r}")

    async def move(self, value: float) -> None:
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self.widget
        state.double_array_value.data.append(value)
        message.rerun_script.fragment_id = self.fragment
        started = perf_counter()
        await self._ask(message)
        self.waits.append((perf_counter() - started) * 1e3)

    async def _ask(self, message: BackMsg) -> None:
        message.rerun_script.page_name = self.page
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._finished(ForwardMsg.FromString(await self.socket.recv())):
                pass

    def _finished(self, message: ForwardMsg) -> bool:
        element = message.delta.new_element
        if element.WhichOneof("type") == "slider" and element.slider.label == SLIDER:
            self.widget, self.fragment = element.slider.id, message.delta.fragment_id
        return message.WhichOneof("type") == "script_finished"


async def visit(
    address: str, page: str, seconds: float, luck: random.Random, opened: asyncio.Barrier
) -> list[float]:
    """One visitor: opens the page and, once all have, moves the slider until time is up."""
    options = {"subprotocols": ["streamlit"], "origin": f"http://{address}", "max_size": None}
    async with connect(f"ws://{address}/_stcore/stream", **options) as stream:
        session = Session(stream, page)
        await session.open()
        await opened.wait()
        await asyncio.sleep(luck.uniform(0, PAUSE))
        until = perf_counter() + seconds
        while perf_counter() < until:
            await session.move(luck.randrange(30, 96) / 100)
            await asyncio.sleep(max(0.0, PAUSE - session.waits[-1] / 1e3))
        return session.waits


async def visit_together(address: str, page: str, sessions: int, seconds: float) -> list[float]:
    # The first visitor opens the workbench and fills the caches, as on any morning.
    await visit(address, page, 1, random.Random(0), asyncio.Barrier(1))
    opened = asyncio.Barrier(sessions)
    people = [visit(address, page, seconds, random.Random(n), opened) for n in range(sessions)]
    return [wait for waits in await asyncio.gather(*people) for wait in waits]


@contextlib.contextmanager
def serving(script: Path, folder: Path) -> Iterator[str]:
    """An app under `streamlit run`, started in a folder whose settings apply; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "app")}
    with subprocess.Popen(
        [*command, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_until_up(port)
            yield f"localhost:{port}"
        finally:
            server.send_signal(signal.SIGTERM)


def _wait_until_up(port: int) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health")
            return
        sleep(0.25)
    raise RuntimeError("The app did not start within 30 seconds")


def waits_of(script: Path, page: str, folder: Path, asked: argparse.Namespace) -> list[float]:
    with serving(script, folder) as address:
        return asyncio.run(visit_together(address, page, asked.sessions, asked.seconds))


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=40)
    asked = parser.parse_args()
    waits = {"this app": waits_of(OURS, "tune", ROOT, asked)}
    with tempfile.TemporaryDirectory() as defaults:
        waits["plotly.express, defaults"] = waits_of(PEER, "", Path(defaults), asked)
    slow = {name: slowest_of_twenty(each) for name, each in waits.items()}
    rows = [
        [name, f"{len(each):,}", milliseconds(median(each)), milliseconds(slow[name])]
        for name, each in waits.items()
    ]
    ours, peer = slow.values()
    lines = [
        f"{asked.sessions} sessions move a slider every {PAUSE:g} s for {asked.seconds:g} s.",
        "",
        *table(["", "moves", "median", "95th percentile"], rows),
        f"95th percentile: {peer / ours:.1f} times shorter; asked: 10 times, at most 500 ms.",
    ]
    publish(
        Section("Many sessions at once", "python benchmarks/app_sessions.py", lines), asked.write
    )


if __name__ == "__main__":
    main()
