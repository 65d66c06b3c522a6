"""From raw scores to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax, safe for large scores."""
    shifted: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    total: Floats = np.sum(shifted, axis=-1, keepdims=True)
    return shifted / total


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling (Guo et al. 2017), then a logistic curve on the winner's probability.

    One temperature fits the likelihood of all labels; margins of a linear support vector machine
    need two more numbers so that the winner's probability is right on average everywhere
    (Platt 1999). The order of the labels never changes.
    """

    temperature: float = 1.0
    slope: float = 1.0
    shift: float = 0.0

    def probabilities(self, scores: Floats) -> Floats:
        """Calibrated probabilities of one or many rows of raw scores."""
        raw = softmax(scores * self.temperature)
        winner = np.clip(raw.max(axis=-1, keepdims=True), 1e-9, 1 - 1e-9)
        others = 1 - winner
        told = 1 / (1 + np.exp(-(self.slope * np.log(winner / others) + self.shift)))
        runner_up = np.partition(raw, -2, axis=-1)[..., -2:-1] if raw.shape[-1] > 1 else others
        told = np.maximum(told, runner_up / (others + runner_up))
        calibrated: Floats = raw * ((1 - told) / others)
        np.put_along_axis(calibrated, raw.argmax(axis=-1)[..., None], told, axis=-1)
        return calibrated


def fit_calibration(scores: Floats, truth: NDArray[np.intp]) -> Calibration:
    """Calibration on scores of examples that the scorer has not been fitted on.

    Args:
        scores: raw scores, one row an example, one column a label.
        truth: the right column of each row.
    """
    from scipy.optimize import minimize, minimize_scalar

    def surprise(log_temperature: float) -> float:
        chosen = softmax(scores * np.exp(log_temperature))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    temperature = float(np.exp(minimize_scalar(surprise, bounds=(-3, 5), method="bounded").x))
    raw = softmax(scores * temperature)
    winner = np.clip(raw.max(axis=1), 1e-6, 1 - 1e-6)
    sign = np.where(raw.argmax(axis=1) == truth, 1.0, -1.0)
    odds = np.log(winner / (1 - winner))

    def wrongness(curve: Floats) -> float:
        return float(np.logaddexp(0, -sign * (curve[0] * odds + curve[1])).mean())

    slope, shift = minimize(wrongness, np.array([1.0, 0.0]), bounds=[(0.05, 20), (-5, 5)]).x
    return Calibration(temperature, float(slope), float(shift))
