"""What may replace the keyless reader or join it."""

from __future__ import annotations

from collections.abc import Sequence
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


class Encoder(Protocol):
    """Turns texts into vectors whose nearness means nearness in meaning."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit-length row per text."""
        ...
