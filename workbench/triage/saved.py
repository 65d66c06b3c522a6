"""A fitted classifier in a folder: JSON beside NumPy arrays, so that loading never runs code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from workbench.errors import Corrupt

Arrays = Mapping[str, Any]

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile)
"""What reading JSON or arrays raises when they are missing, cut off or of another shape."""


def write(folder: Path, name: str, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Write `<name>.npz` and `<name>.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / f"{name}.npz", **arrays)
    text = json.dumps(about, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


@contextmanager
def opened(folder: Path, name: str) -> Iterator[tuple[dict[str, Any], Arrays]]:
    """What `write` wrote; `Corrupt` when it is not whole, or nothing can be made of it inside."""
    try:
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            yield about, arrays
    except UNREADABLE as error:
        raise Corrupt(
            f"The classifier in {folder} cannot be read ({error})",
            next_step="Delete the folder; it is fitted again from the labelled messages.",
        ) from error
