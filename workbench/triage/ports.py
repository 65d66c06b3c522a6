"""What may replace the keyless reader or join it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.records.signals import Signals


class MessageReader(Protocol):
    """Anything that turns a message into signals."""

    @property
    def version(self) -> str:
        """Which reader, as every message's record names it."""
        ...

    def read(
        self,
        text: str,
        *,
        history: tuple[str, ...] = (),
        pending: str = "",
        default_language: str = "en",
    ) -> Signals:
        """Read one masked message.

        Args:
            history: earlier messages of the conversation, oldest first.
            pending: the slot that the customer was asked for last, empty for none.
            default_language: the language spoken so far.
        """
        ...


class IntentClassifier(Protocol):
    """Gives a text to labels, with calibrated chances."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in the order of every row of chances."""
        ...

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Probabilities by label."""
        ...

    def read(self, text: str) -> tuple[NDArray[np.float64], float]:
        """Probabilities by label, and the chance that the text belongs to no intent."""
        ...

    def read_all(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What `read` says about each of many texts."""
        ...

    def save(self, folder: Path) -> None:
        """Write what was fitted into a folder."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors whose nearness means nearness in meaning."""

    @property
    def digest(self) -> str:
        """SHA-256 of the model, in hexadecimal digits: other models give other vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, each of the same width."""
        ...
