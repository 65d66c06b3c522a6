"""What is evaluated: one version of everything that has a part in an answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.evaluation.cases import digest_of_text
from workbench.poc import PocFolder, digest_of
from workbench.records.base import Record
from workbench.scenarios.stage import Opener, Stage
from workbench.speak.writer import Writer
from workbench.systems.ports import Knowledge

if TYPE_CHECKING:
    from workbench.triage.ports import MessageReader

_PACKAGE = Path(__file__).parents[1]
_SOURCES = (".py", ".toml", ".txt", ".md", ".sql", ".csv")
_HASH_CHARACTERS = 12


class Versions(Record):
    """Everything that a run's result depends on; its hash is the run's id."""

    cases: str
    """Hash of the cases and of the records given in them."""
    policy: str
    prompts: tuple[str, ...] = ()
    triage: str
    """Triage model with the hash of the labelled messages it learned from."""
    model: str
    """Language model that words replies; `template` for none."""
    articles: str
    flows: str = ""
    """Hash of the flows that the POC brings; the others are the package's."""
    settings: str
    scorers: str
    package: str
    """Version and hash of the package's own files."""
    seed: int
    repeat: int

    @property
    def id(self) -> str:
        return f"run-{short_hash(self.model_dump_json())}"

    def changed_from(self, other: Versions) -> dict[str, tuple[str, str]]:
        """Name -> value there and here, for everything that differs."""
        pairs = {
            name: (str(getattr(other, name)), str(getattr(self, name)))
            for name in Versions.model_fields
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Candidate:
    """One version of everything, ready to answer on stores of its own."""

    poc: PocFolder
    settings: Settings
    policy: Policy
    triage: MessageReader
    knowledge: Knowledge
    writer: Writer
    opener: Opener

    def stage(self, scratch: Path) -> Stage:
        """A place to play on: empty stores, this policy, models that are loaded already."""
        opener = partial(
            self.opener,
            policy=self.policy,
            writer=self.writer,
            settings=self.settings,
            triage=self.triage,
            knowledge=self.knowledge,
        )
        return Stage.build(self.poc.root, scratch, cast(Opener, opener))

    def versions(self, cases: str, scorers: str, seed: int, repeat: int) -> Versions:
        model = self.settings.model.name if self.settings.model.base_url else ""
        return Versions(
            cases=short_hash(cases),
            policy=self.policy.version,
            prompts=_prompts(),
            triage=self.triage.version,
            model=model or "template",
            articles=short_hash(digest_of(self.poc.knowledge.glob("*.md"))),
            flows=short_hash(digest_of(self.poc.root / name for name in self.settings.flows)),
            settings=short_hash(self.settings.model_dump_json()),
            scorers=short_hash(scorers),
            package=f"{version('service-workbench')}+{_digest_of_package()}",
            seed=seed,
            repeat=repeat,
        )


def short_hash(text: str) -> str:
    return digest_of_text(text)[:_HASH_CHARACTERS]


def _prompts() -> tuple[str, ...]:
    """The package's prompts by name and hash, as replies name them."""
    found = sorted((_PACKAGE / "speak" / "prompts").glob("*.md"))
    return tuple(f"{path.stem}#{short_hash(path.read_text('utf-8'))}" for path in found)


def _digest_of_package() -> str:
    files = (path for path in _PACKAGE.rglob("*") if path.suffix in _SOURCES)
    return short_hash(digest_of(files))
