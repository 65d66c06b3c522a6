"""Running the same work in several forked processes at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

_FORK = multiprocessing.get_context("fork")


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Result of `work(number)` from each process; they start together. Errors come as text."""
    barrier, results = _FORK.Barrier(count), _FORK.SimpleQueue()

    def run(number: int) -> None:
        barrier.wait()
        try:
            results.put((number, work(number)))
        except Exception as error:  # carried to the parent, which fails on it
            results.put((number, f"{type(error).__name__}: {error}"))

    workers = [_FORK.Process(target=run, args=(number,)) for number in range(count)]
    for worker in workers:
        worker.start()
    collected = dict(results.get() for _ in workers)
    for worker in workers:
        worker.join()
    return [collected[number] for number in range(count)]
