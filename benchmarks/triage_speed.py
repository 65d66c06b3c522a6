"""Scoring messages: straight from vocabulary and coefficients against scikit-learn's predict.

Prints one message and a batch with their ratios, the time of a whole `read`, and how long the
sample's model takes to fit and to load; fails when an answer differs or a bound is missed.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from workbench.triage.classifier import fit
from workbench.triage.labelled import read_folder, read_labelled
from workbench.triage.model import TriageModel

SAMPLE = Path(__file__).parents[1] / "sample_data"
LEAST_RATIO = 5.0
MOST_MILLISECONDS = 0.3
"""Of one message, from text to label."""
LEAST_PER_SECOND = 12_000
"""Messages of a batch, from texts to chances."""
MOST_MILLISECONDS_READ = 1.0
"""Of one message with all its signals."""


def main() -> int:
    rows = read_folder(SAMPLE / "intents")
    started = perf_counter()
    fitted = fit([row.text for row in rows], [row.label for row in rows])
    print(f"fit on {len(rows)} messages: {perf_counter() - started:.1f} s")
    texts = [row.text for row in rows][::17]
    different = [
        text
        for text in texts
        if fitted.classifier.predict(text)[0] != fitted.pipeline.predict([text])[0]
    ]
    ours = _median_ms(fitted.classifier.predict, texts)
    peer = _median_ms(lambda text: fitted.pipeline.predict([text]), texts)
    model = _model()
    read = _median_ms(model.read, texts)
    print(f"{'scikit-learn predict':28}{peer:8.3f} ms")
    print(f"{'vocabulary and coefficients':28}{ours:8.3f} ms   {peer / ours:.1f} times faster")
    batch = [row.text for row in rows]
    ours_batch = _per_second(fitted.classifier.read_all, batch)
    peer_batch = _per_second(fitted.pipeline.predict, batch)
    print(f"{'scikit-learn batch':28}{peer_batch:8,.0f} per s")
    print(f"{'own batch':28}{ours_batch:8,.0f} per s   {ours_batch / peer_batch:.1f} times faster")
    print(f"{'whole read of a message':28}{read:8.3f} ms")
    print(f"answers that differ: {len(different)} of {len(texts)}")
    fast = ours <= MOST_MILLISECONDS and ours_batch >= LEAST_PER_SECOND
    whole = peer / ours >= LEAST_RATIO and read <= MOST_MILLISECONDS_READ
    return 0 if not different and fast and whole else 1


def _median_ms(call: Callable[[str], object], texts: list[str]) -> float:
    call(texts[0])
    times = []
    for text in texts:
        started = perf_counter()
        call(text)
        times.append(1000 * (perf_counter() - started))
    return median(times)


def _per_second(call: Callable[[list[str]], object], texts: list[str]) -> float:
    call(texts)
    started = perf_counter()
    call(texts)
    return len(texts) / (perf_counter() - started)


def _model() -> TriageModel:
    """The sample's model, fitted, saved and loaded."""
    declared = tomllib.loads((SAMPLE / "intents.toml").read_text("utf-8"))["intents"]
    rows, tones = read_folder(SAMPLE / "intents"), read_labelled(SAMPLE / "sentiment.csv")
    started = perf_counter()
    model = TriageModel.fit(rows, tones, declared)
    fitted = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        saved = perf_counter()
        loaded = TriageModel.load(Path(folder))
        print(
            f"first start: fit {fitted - started:.1f} s; later: load {perf_counter() - saved:.2f} s"
        )
    return loaded


if __name__ == "__main__":
    sys.exit(main())
