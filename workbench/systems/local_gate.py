"""The gate in front of every local system: a wall-clock deadline and a switch for faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from workbench.errors import Unavailable

T = TypeVar("T")

FAULTS = ("unavailable", "hang")
"""What a system can be made to do in a scenario."""


@dataclass(frozen=True)
class Gate:
    """Calls of one system."""

    system: str
    deadline_seconds: float
    faults: Mapping[str, str]
    """System -> fault, looked up at every call."""

    def call(self, work: Callable[[], T]) -> T:
        """The result of `work`, or `Unavailable` once the deadline has passed.

        A call that hangs is left behind in its own thread; its late result is thrown away.
        """
        fault = self.faults.get(self.system)
        if fault == "unavailable":
            raise self._unavailable()
        future: Future[T] = Future()
        threading.Thread(
            target=_fulfil,
            args=(future, self._late(work) if fault == "hang" else work),
            daemon=True,
        ).start()
        try:
            return future.result(self.deadline_seconds)
        except TimeoutError as error:
            raise self._unavailable() from error

    def _late(self, work: Callable[[], T]) -> Callable[[], T]:
        def late() -> T:
            time.sleep(self.deadline_seconds * 2)
            return work()

        return late

    def _unavailable(self) -> Unavailable:
        return Unavailable(
            f"{self.system} did not answer", next_step="Nothing was done. Try again later."
        )


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    """Carry the result or the error of `work` to whoever waits in another thread."""
    try:
        future.set_result(work())
    except BaseException as error:  # not swallowed: raised again where it is awaited
        future.set_exception(error)
