"""How long a keyless turn takes, message in to reply committed, on SQLite.

    python benchmarks/turn_speed.py [turns] [--write FILE]

The peer is the same turn with its requests read by scikit-learn's own pipeline (word and letter
n-grams, logistic regression, one `predict_proba` a message) in front: what triage would cost if it
were written in the usual way. Parts of our own turn are shown beside it.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from results import (
    Section,
    arguments,
    milliseconds,
    publish,
    slowest_of_twenty,
    table,
    timed,
)

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


def times(works: Sequence[Callable[[], object]]) -> list[float]:
    return [timed(work)[0] for work in works]


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
    parser = arguments(__doc__)
    parser.add_argument("turns", nargs="?", type=int, default=200)
    asked = parser.parse_args()
    count = asked.turns
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
            times(turns(workbench, 8))
            ours = times(turns(workbench, count))
            texts = [SAID[number % len(SAID)] for number in range(count)]
            triage = times([lambda text=text: read(text) for text in texts])
            peer = times([lambda text=text: usual.predict_proba([text]) for text in texts])
    naive = [turn - fast + slow for turn, fast, slow in zip(ours, triage, peer, strict=True)]
    parts = {
        "our turn": ours,
        "of which triage": triage,
        "the usual classifier alone": peer,
        "our turn with the usual classifier": naive,
    }
    rows = [
        [name, milliseconds(median(taken)), milliseconds(slowest_of_twenty(taken))]
        for name, taken in parts.items()
    ]
    verdict = "met" if median(ours) < TARGET_MS else "MISSED"
    lines = [
        f"{count} turns.",
        "",
        *table(["", "median", "95th percentile"], rows),
        f"The usual way takes {median(naive) / median(ours):.2f} x our turn; "
        f"target < {TARGET_MS:.0f} ms: {verdict}",
    ]
    publish(Section("A turn", "python benchmarks/turn_speed.py", lines), asked.write)
    return 0 if median(ours) < TARGET_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
