"""What the other processes of the history tests do: write conversations, publish, read."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from tests.measure.ledger_story import MONDAY, SetClock, Story, decided, open_store, request
from workbench.config import Settings
from workbench.measure.facts import open_history
from workbench.store.history import History


def history_of(folder: Path, url: str, clock: SetClock | None = None) -> History:
    return open_history(folder / "history", Settings(), store_url=url, clock=clock)


def write(url: str, first: int, count: int) -> None:
    """Conversations that end at once, one after the other."""
    clock = SetClock(MONDAY + timedelta(minutes=first))
    with open_store(url, clock, seed=None) as store:
        for number in range(first, first + count):
            story = Story(store, f"conv-{number:05}", f"C-{number % 9 + 1}")
            story.begin()
            story.answer(request("r1"), decided("r1", intent="invoice_amount"))
            story.end("assumed")
            clock.pass_time(seconds=30)


def read(folder: Path, url: str, until: int, publish: bool) -> list[int]:
    """Counts of contacts as seen again and again until all are there."""
    counts = [0]
    with history_of(folder, url, SetClock(MONDAY + timedelta(days=1))) as history:
        history.connection()
        print("ready", flush=True)
        while counts[-1] < until:
            if publish:
                history.publish()
            query = "SELECT count(*), count(DISTINCT conversation_id) FROM contact"
            seen = set(history.connection().execute(query).fetchall()[0])
            assert len(seen) == 1, f"doubled contacts: {seen}"
            counts.append(seen.pop())
    return counts


if __name__ == "__main__":
    task, folder, url, *rest = sys.argv[1:]
    if task == "write":
        write(url, *map(int, rest))
    else:
        print(json.dumps(read(Path(folder), url, int(rest[0]), task == "publish")))
