"""How long a keyless turn takes, message in to reply committed, on SQLite.

    python benchmarks/turn_speed.py [turns]

The peer is the same turn with its requests read by scikit-learn's own pipeline (word and letter
n-grams, logistic regression, one `predict_proba` a message) in front: what triage would cost if it
were written in the usual way. Parts of our own turn are shown beside it.
"""

from __future__ import annotations

import csv
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from workbench import Workbench, open_workbench
from workbench.records.base import Ids, SteppingClock

SAMPLE = Path(__file__).parents[1] / "sample_data"
TARGET_MS = 50.0
SAID = (
    "How much is open on INV-1001?",
    "Please explain line 2 of INV-1001",
    "Send me a copy of INV-1002, please",
    "I want to complain: the courier left the parcel in the rain",
    "What are the payment terms on INV-1003?",
    "How long does a delivery take?",
    "Ist die Rechnung INV-1002 schon bezahlt?",
    "I want to talk to a person",
)


def milliseconds(works: Sequence[Callable[[], object]]) -> list[float]:
    taken = []
    for work in works:
        started = perf_counter()
        work()
        taken.append((perf_counter() - started) * 1000)
    return taken


def usual_classifier() -> Any:
    """The usual pipeline on the sample's labelled messages."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    rows: list[dict[str, str]] = []
    for path in sorted((SAMPLE / "intents").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows += csv.DictReader(file)
    words = TfidfVectorizer(ngram_range=(1, 2))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))
    model = make_pipeline(make_union(words, letters), LogisticRegression(max_iter=200))
    return model.fit([row["text"] for row in rows], [row["label"] for row in rows])


def turns(workbench: Workbench, count: int) -> list[Callable[[], object]]:
    """Turns of signed-in customers, four to a conversation."""

    def turn(number: int) -> Callable[[], object]:
        return lambda: workbench.converse(
            "C-1001",
            SAID[number % len(SAID)],
            conversation_id=f"conv-speed-{number // 4}",
            channel="portal",
        )

    return [turn(number) for number in range(count)]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        workbench = open_workbench(
            SAMPLE,
            store_url=f"sqlite:///{folder}/store.db",
            state=Path(folder),
            clock=SteppingClock(datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(milliseconds=1)),
            ids=Ids(seed=1),
        )
        with workbench:
            read, usual = workbench.assistant.triage.read, usual_classifier()
            milliseconds(turns(workbench, 8))
            ours = milliseconds(turns(workbench, count))
            texts = [SAID[number % len(SAID)] for number in range(count)]
            triage = milliseconds([lambda text=text: read(text) for text in texts])
            peer = milliseconds([lambda text=text: usual.predict_proba([text]) for text in texts])
    naive = [turn - fast + slow for turn, fast, slow in zip(ours, triage, peer, strict=True)]
    rows = {
        "our turn": ours,
        "  of which triage": triage,
        "the usual classifier alone": peer,
        "our turn with the usual classifier": naive,
    }
    print(f"{'':36} {'median ms':>10} {'p95 ms':>8}   ({count} turns)")
    for name, taken in rows.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"{name:36} {statistics.median(taken):10.2f} {p95:8.2f}")
    median = statistics.median(ours)
    verdict = "met" if median < TARGET_MS else "MISSED"
    ratio = statistics.median(naive) / median
    print(f"the usual way takes {ratio:.2f} x our turn; target < {TARGET_MS:.0f} ms: {verdict}")
    return 0 if median < TARGET_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
