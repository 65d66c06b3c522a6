"""Measuring what a language model's word about intents is worth, on labelled messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import numpy as np
from pydantic import ValidationError

from workbench.errors import InputError
from workbench.speak.model import LanguageModel, ModelFault
from workbench.speak.model_classifier import (
    PROMPT,
    ModelClassifier,
    Proposal,
    Trust,
    log_odds,
)
from workbench.triage.classifier import fit_written
from workbench.triage.evaluate import Evaluation, score
from workbench.triage.labelled import Labelled

MESSAGES = 200
"""Labelled messages that a model is asked about."""
FEWEST_ANSWERS = 30
"""With fewer usable answers nothing can be said about the rest."""
AT_ONCE = 4
"""Questions to the endpoint at a time."""
UNTRIED = Trust(
    base=0, stated=0, keyless=1, agrees=0, messages=0, answered=0, right=0, keyless_right=0
)
"""Of a model that was never measured: its word changes nothing."""


def measure_trust(
    model: LanguageModel,
    rows: Sequence[Labelled],
    descriptions: Mapping[str, str],
    *,
    messages: int = MESSAGES,
    deadline: float = 4.0,
    seed: int = 0,
) -> Trust:
    """Ask a model about labelled messages that neither it nor the keyless classifier has seen.

    Raises:
        InputError: too few messages, or too few usable answers, to say anything.
    """
    held, rest = _divided(rows, messages, seed)
    keyless = fit_written(rest).classifier
    classifier = ModelClassifier(model, keyless, descriptions, rest, UNTRIED, deadline)
    proposals = proposed(classifier, [row.text for row in held])
    chances = [keyless.probabilities(row.text) for row in held]
    evidence, right = [], []
    for row, seen, proposal in zip(held, chances, proposals, strict=True):
        if not isinstance(proposal, ModelFault):
            place = keyless.labels.index(proposal.label)
            agrees = int(seen.argmax()) == place
            odds = (log_odds(proposal.stated), log_odds(float(seen[place])), float(agrees))
            evidence.append(odds)
            right.append(proposal.label == row.label)
    told = [keyless.labels[int(seen.argmax())] for seen in chances]
    base, weights = _curve(np.array(evidence), np.array(right), _commonest(proposals))
    return Trust(
        base=base,
        stated=weights[0],
        keyless=weights[1],
        agrees=weights[2],
        messages=len(held),
        answered=len(right),
        right=sum(right),
        keyless_right=sum(a == row.label for a, row in zip(told, held, strict=True)),
    )


def _divided(
    rows: Sequence[Labelled], messages: int, seed: int
) -> tuple[list[Labelled], list[Labelled]]:
    """Messages to ask about, at most a third of all, and the others; labels of both are known."""
    order = [int(i) for i in np.random.default_rng(seed).permutation(len(rows))]
    held = order[: min(messages, len(rows) // 3)]
    rest = [rows[i] for i in order[len(held) :]]
    known = {row.label for row in rest}
    return [rows[i] for i in held if rows[i].label in known], rest


def proposed(classifier: ModelClassifier, texts: Sequence[str]) -> list[Proposal | ModelFault]:
    """What the model says about each text, several at a time."""
    if texts:
        classifier.propose(texts[0])  # builds what the others share
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(classifier.propose, texts))


def _curve(
    evidence: np.ndarray, right: np.ndarray, commonest: str
) -> tuple[float, tuple[float, float, float]]:
    """Intercept and weights of the logistic curve; ridge keeps few answers from saying much."""
    from sklearn.linear_model import LogisticRegression

    if len(right) < FEWEST_ANSWERS:
        raise InputError(
            f"The model gave {len(right)} usable answers; the commonest fault: {commonest}",
            expected=f"at least {FEWEST_ANSWERS} to measure how far it can be trusted",
            next_step="Check `[model]` in poc.toml and the endpoint, or label more messages.",
        )
    if right.all() or not right.any():
        share = (right.sum() + 1) / (len(right) + 2)
        return log_odds(float(share)), (0.0, 0.0, 0.0)
    fitted = LogisticRegression(C=1.0).fit(evidence, right)
    stated, keyless, agrees = (float(w) for w in fitted.coef_[0])
    return float(fitted.intercept_[0]), (stated, keyless, agrees)


def _commonest(proposals: Sequence[Proposal | ModelFault]) -> str:
    faults = [str(one) for one in proposals if isinstance(one, ModelFault)]
    return max(sorted(set(faults)), key=faults.count, default="none")


def evaluate_model(
    model: LanguageModel,
    train: Sequence[Labelled],
    test: Sequence[Labelled],
    descriptions: Mapping[str, str] | None = None,
    *,
    deadline: float = 4.0,
) -> Evaluation:
    """The same figures as for the keyless classifier, of the model and it together.

    Part of the training messages is set aside to measure what the model's word is worth.
    """
    described, started = descriptions or {}, perf_counter()
    trust = measure_trust(model, train, described, deadline=deadline)
    keyless = fit_written(train).classifier
    classifier = ModelClassifier(model, keyless, described, train, trust, deadline)
    fitted = perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        chances = np.array(list(pool.map(classifier.probabilities, [row.text for row in test])))
    return score(
        keyless,
        chances,
        [row.label for row in test],
        train_texts=len(train),
        fit_seconds=fitted - started,
        milliseconds_per_text=1000 * (perf_counter() - fitted) / len(test),
    )


def trust_file(state: Path, model: str) -> Path:
    """Where the trust in a model is kept; another model, or another prompt, is another file."""
    name = "".join(c if c.isalnum() else "-" for c in f"{model} {PROMPT}")
    return state / "model-trust" / f"{name}.json"


def kept_trust(path: Path) -> Trust | None:
    """What was measured before; None when it was not, or by a program of another shape."""
    try:
        return Trust.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def keep_trust(path: Path, trust: Trust) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(trust.model_dump_json(), encoding="utf-8")
