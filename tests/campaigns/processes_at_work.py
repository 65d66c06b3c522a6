"""Forked processes at a workbench: started together, or killed in the middle of their work."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

_FORK = multiprocessing.get_context("fork")


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each work gives, each in a process of its own; they start at once. Errors are text."""
    return begun(*works)()


def begun(*works: Callable[[], Any]) -> Callable[[], list[Any]]:
    """Begin each work in a process of its own; what is given back waits for what they give."""
    barrier, results = _FORK.Barrier(len(works)), _FORK.SimpleQueue()

    def run(number: int) -> None:
        barrier.wait()
        try:
            results.put((number, works[number]()))
        except Exception as error:  # carried to the parent, which fails on it
            results.put((number, f"{type(error).__name__}: {error}"))

    workers = [_FORK.Process(target=run, args=(number,)) for number in range(len(works))]
    for worker in workers:
        worker.start()

    def collect() -> list[Any]:
        collected = dict(results.get() for _ in workers)
        for worker in workers:
            worker.join()
        return [collected[number] for number in range(len(works))]

    return collect


def killed(work: Callable[[Callable[[int], None]], None], after_seconds: float) -> list[int]:
    """Run `work(acknowledge)` in a process; kill it some time after its first acknowledgement.

    Gives the numbers that it has acknowledged.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            work(lambda number: void(os.write(write_end, f"{number}\n".encode())))
        finally:
            os._exit(0)
    os.close(write_end)
    select.select([read_end], [], [], 30)
    time.sleep(after_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as acknowledged:
        return [int(line) for line in acknowledged.read().splitlines()]


def void(_: object) -> None:
    """Nothing, for a callback whose result is of no use."""
