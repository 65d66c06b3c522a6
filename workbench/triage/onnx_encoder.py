"""A sentence encoder from a folder on this machine, run by ONNX Runtime (extra `embeddings`).

The folder holds `tokenizer.json` and `model.onnx`, which may also lie in `onnx/`, as encoders of
the MiniLM class are published. Nothing is ever fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import TriageSettings
from workbench.errors import ConfigError

LONGEST = 128
"""Tokens of a text that are read."""
BATCH = 64
"""Texts that are run at once; of similar length, so that little is padded."""

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class OnnxEncoder:
    """Vectors of texts: the mean, the greatest and the first of their tokens' last states.

    Each part has its own length, so none drowns the others; together they separate intents better
    than the mean alone.
    """

    model: Path
    tokens: Path
    digest: str
    _parts: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def open(cls, folder: Path, sha256: str = "") -> OnnxEncoder:
        """The encoder in a folder.

        Args:
            sha256: what the model file's SHA-256 must be; empty: any model is taken.

        Raises:
            ConfigError: the folder lacks a file, the model is another, or the extra is missing.
        """
        _check_installed()
        model, tokens = _file(folder, "model.onnx"), _file(folder, "tokenizer.json")
        digest = hashlib.sha256(model.read_bytes())
        # Large models keep their weights beside the graph.
        weights = model.with_name("model.onnx_data")
        if weights.exists():
            digest.update(weights.read_bytes())
        if sha256 and digest.hexdigest() != sha256.lower():
            raise ConfigError(
                f"The encoder in {folder} is not the one that was agreed on: "
                f"its SHA-256 is {digest.hexdigest()}, the settings say {sha256}",
                next_step="Put the right model there, or correct `encoder_sha256` under [triage].",
            )
        return cls(model, tokens, digest.hexdigest())

    def encode(self, texts: Sequence[str]) -> Rows:
        """One row a text, three times as wide as the model's states."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        parts = [
            self._batch([texts[i] for i in order[start : start + BATCH]])
            for start in range(0, len(texts), BATCH)
        ]
        rows = np.concatenate(parts)
        sorted_back = np.empty_like(rows)
        sorted_back[order] = rows
        return sorted_back

    def _batch(self, texts: list[str]) -> Rows:
        read = self._tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in read], np.int64)
        mask = np.array([one.attention_mask for one in read], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {one.name: given[one.name] for one in self._session.get_inputs()}
        (states,) = self._session.run(["last_hidden_state"], wanted)
        return _pooled(states, mask)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # type: ignore[import-untyped]

        options = onnxruntime.SessionOptions()
        # Threads that spin while they wait take the cores from everything else on the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.tokens))
        tokenizer.enable_truncation(LONGEST)
        tokenizer.enable_padding()
        return tokenizer


def open_encoder(settings: TriageSettings, root: Path) -> OnnxEncoder | None:
    """The encoder that a POC's settings name, None when they name none.

    Args:
        root: the POC folder, to which the encoder's folder is relative.

    Raises:
        ConfigError: the encoder cannot be used; says why.
    """
    if not settings.encoder:
        return None
    return OnnxEncoder.open(root / Path(settings.encoder).expanduser(), settings.encoder_sha256)


def _pooled(states: Rows, mask: NDArray[np.int64]) -> Rows:
    inside = mask[:, :, None] > 0
    mean = np.where(inside, states, 0).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    greatest = np.where(inside, states, -np.inf).max(axis=1)
    return np.hstack(
        [
            _unit(mean),
            0.7 * _unit(greatest - greatest.mean(1, keepdims=True)),
            0.5 * _unit(states[:, 0]),
        ]
    )


def _unit(rows: Rows) -> Rows:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)


def _check_installed() -> None:
    try:
        import onnxruntime  # noqa: F401
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"The encoder needs a package that is not installed: {error.name}",
            next_step='Install the extra: `pip install "service-workbench[embeddings]"`, '
            "or leave `encoder` under [triage] empty.",
        ) from error


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / "onnx" / name):
        if path.is_file():
            return path
    raise ConfigError(
        f"The encoder's folder {folder} holds no {name}",
        next_step="It must hold `model.onnx` and `tokenizer.json` of a sentence encoder, "
        "for example an ONNX export of all-MiniLM-L6-v2.",
    )
