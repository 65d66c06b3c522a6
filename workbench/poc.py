"""A POC folder: where each of its files lies, and what it falls back to.

A team owns `poc.toml`, `policies/`, `routing.toml`, `intents.toml`, `intents/`, `knowledge/`,
`mappings/`, `scenarios/`, `experiments/`, `records/` and `history/`. The workbench keeps its own
files in `.workbench/`, which can be deleted at any time but holds the ledger of a SQLite store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pydantic import ValidationError

from workbench.config import Settings, config_error, load_settings, read_toml
from workbench.errors import ConfigError
from workbench.records.base import Record
from workbench.records.intents import IntentRow

DEFAULTS = Path(__file__).parent / "defaults"
"""Intents, labelled messages, policy and articles for a POC that brings none of its own."""


class Script(Record):
    """Messages of a customer that the app can play, one after the other."""

    title: str
    customer: str
    channel: str = "portal"
    say: tuple[str, ...]


@dataclass(frozen=True)
class PocFolder:
    """The files of one POC."""

    root: Path
    elsewhere: Path | None = None
    """State folder, where it is not the folder's own."""

    @classmethod
    def at(cls, path: str | Path, state: Path | None = None) -> PocFolder:
        """The folder at a path; one without `poc.toml` is refused."""
        root = Path(path).expanduser().resolve()
        if not (root / "poc.toml").is_file():
            raise ConfigError(
                f"{root} is not a POC folder: it has no poc.toml",
                next_step="Make one with `workbench new NAME`, or pass --poc with its path.",
            )
        return cls(root, state)

    @property
    def state(self) -> Path:
        """Where the workbench keeps its own files; made when first asked for."""
        folder = self.elsewhere or self.root / ".workbench"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def settings(self) -> Settings:
        return load_settings(self.root)

    def store_url(self, settings: Settings) -> str:
        return settings.store.url or f"sqlite:///{self.state / 'store.db'}"

    def _own_or_default(self, name: str) -> Path:
        own = self.root / name
        return own if own.exists() else DEFAULTS / name

    @property
    def policy(self) -> Path:
        return self._own_or_default("policies") / "policy.toml"

    @property
    def routing(self) -> Path:
        """Routing rules; where there is no such file, `[queues]` of the settings counts."""
        return self.root / "routing.toml"

    @property
    def intents(self) -> Path:
        return self._own_or_default("intents.toml")

    @property
    def labelled(self) -> Path:
        """Folder of labelled messages, one CSV a language."""
        return self._own_or_default("intents")

    @property
    def sentiment(self) -> Path:
        return self._own_or_default("sentiment.csv")

    @property
    def knowledge(self) -> Path:
        return self._own_or_default("knowledge")

    @property
    def records(self) -> Path:
        return self.root / "records"

    @property
    def history(self) -> Path:
        return self.root / "history"

    @property
    def scenarios(self) -> Path:
        return self.root / "scenarios"

    @property
    def experiments(self) -> Path:
        """Folder of experiments, one TOML file each."""
        return self.root / "experiments"

    @property
    def baseline(self) -> Path:
        return self.root / "baseline.json"

    @property
    def desk(self) -> Path:
        """Macros and rules of the people's desk; need not be there."""
        return self.root / "desk.toml"

    @property
    def desk_uses(self) -> Path:
        """What became of suggestions before this ledger began; need not be there."""
        return self.root / "desk_uses.csv"

    @property
    def anchors(self) -> Path:
        return self.state / "anchors.jsonl"

    def intent_rows(self) -> dict[str, IntentRow]:
        """What the POC declares about each intent."""
        path = self.intents
        rows = read_toml(path).get("intents", {})
        try:
            return {name: IntentRow.model_validate(row) for name, row in rows.items()}
        except ValidationError as error:
            raise config_error(path, error) from error

    def scripts(self) -> tuple[Script, ...]:
        """The conversations that `try_it.toml` offers to play; none where there is no such file."""
        path = self.root / "try_it.toml"
        rows = read_toml(path).get("script", []) if path.exists() else []
        try:
            return tuple(Script.model_validate(row) for row in rows)
        except ValidationError as error:
            raise config_error(path, error) from error


def load_code(root: Path, name: str, setting: str) -> ModuleType:
    """Run a Python file that a POC's settings name, and give its module.

    The file has all rights of whoever runs the workbench, so it must lie in the POC's own folder.

    Raises `ConfigError`, with the name of the setting, for a file that is not there or does not
    run.
    """
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise ConfigError(
            f"{root / 'poc.toml'}: key `{setting}`: there is no {name} in {root}",
            expected="a Python file of the POC folder",
        )
    spec = spec_from_file_location(f"poc_{path.stem}", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever somebody's file raises is named with the file
        raise ConfigError(f"{path} does not run: {type(error).__name__}: {error}") from error
    return module


def digest_of(paths: Iterable[Path]) -> str:
    """SHA-256 over names and bytes of files, in order of name."""
    result = hashlib.sha256()
    for path in sorted(paths):
        result.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return result.hexdigest()
