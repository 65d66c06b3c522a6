"""Vectors of texts, kept on disk, so that fitting again costs only the texts that are new."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.files import replacing
from workbench.triage.ports import Encoder
from workbench.triage.saved import UNREADABLE

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class KeptVectors:
    """An encoder whose vectors of fitted texts are kept in a folder, one file a model."""

    encoder: Encoder
    folder: Path

    @property
    def digest(self) -> str:
        return self.encoder.digest

    def encode(self, texts: Sequence[str]) -> Rows:
        """One row a text; what is known is read, the rest is encoded and kept."""
        kept = self._read()
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        if new:
            kept |= dict(zip(new, self.encoder.encode(list(new.values())), strict=True))
            self._write(kept)
        return np.stack([kept[key] for key in keys])

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.digest[:16]}.npz"

    def _read(self) -> dict[str, Rows]:
        try:
            with np.load(self._path, allow_pickle=False) as saved:
                return dict(zip(saved["keys"].tolist(), saved["rows"], strict=True))
        except UNREADABLE:
            return {}

    def _write(self, kept: dict[str, Rows]) -> None:
        with replacing(self._path) as draft, draft.open("wb") as file:
            np.savez(file, keys=np.array(list(kept)), rows=np.stack(list(kept.values())))
