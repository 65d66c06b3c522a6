"""Evaluations at the front door: runs, comparisons, mistakes, judges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ConfigError, InputError
from workbench.evaluation import book
from workbench.evaluation.agreement import Agreement, agreement
from workbench.evaluation.candidate import Candidate
from workbench.evaluation.compare import Comparison, compare
from workbench.evaluation.export import export_run
from workbench.evaluation.judges import judgements, verdicts
from workbench.evaluation.making import CaseSet, Maker, message_set, played_set, scorers_of
from workbench.evaluation.mistakes import (
    CONFIDENT,
    ConfidentMistake,
    ErrorKind,
    confident_mistakes,
    error_kinds,
)
from workbench.evaluation.playing import conversation_cases, scenario_cases
from workbench.evaluation.reading import contact_cases, labelled_cases
from workbench.evaluation.run import EvaluationRun, Runs
from workbench.evaluation.shelf import Shelf
from workbench.front.part import Part
from workbench.measure.contacts import labelled_contacts
from workbench.measure.trust.overconfident import IntentTrust, trust_by_intent
from workbench.records.principals import Role

if TYPE_CHECKING:
    from workbench.evaluation.scorers import Scorer
    from workbench.speak.model import LanguageModel

ALL = "*"


class Evaluations(Part):
    """Runs of one POC. Each is one version of everything on one set of cases, and stays."""

    def run(
        self,
        *,
        scenarios: str = "",
        labelled: str | Path = "",
        contacts: int = 0,
        conversations: int = 0,
        changes: Mapping[str, Any] | None = None,
        policy: Path | None = None,
        repeat: int = 1,
        seed: int = 0,
        judge: LanguageModel | None = None,
        by: str = "",
    ) -> EvaluationRun:
        """Try everything on cases, score it, keep the run and record it in the ledger.

        The same run again tries nothing and gives the first one. Nothing that is in force changes.

        Args:
            scenarios: Pattern of scenario ids, e.g. `invoice-*`; the default is all of them.
            labelled: Instead, a CSV file with columns text and label.
            contacts: Instead, this many of the newest contacts that a person has labelled.
            conversations: Instead, this many of the latest conversations, answered anew.
            changes: Proposed settings of the policy, e.g. `{"confidence": 0.8}`.
            policy: A proposed policy file.
            repeat: Tries of every case, for pass^k.
            seed: For identifiers and for bootstrap intervals.
            judge: A language model that judges each answer as well.
            by: Who makes the run.

        Raises `InputError` for more than one kind of cases and for a repeat below 1.
        """
        if repeat < 1:
            raise InputError(f"repeat is {repeat}", expected="at least one try")
        candidate = self._candidate(changes or {}, policy)
        chosen = self._cases(scenarios, labelled, contacts, conversations)
        scorers = scorers_of(candidate, *_judges(judge))
        return self._maker(by).make(candidate, chosen, scorers, repeat=repeat, seed=seed)

    def runs(self) -> Runs:
        """What every run came to, the latest first; `Corrupt` when one was changed."""
        known = book.all_recorded(self.workbench.store, self.workbench.service)
        there = [(one, hashes) for one, hashes in known.items() if self._shelf.holds(one)]
        return Runs(runs=tuple(self._shelf.summary(*one) for one in reversed(there)))

    def get(self, run_id: str) -> EvaluationRun:
        """A whole run by its id, or by a beginning of it that no other run has.

        Raises `NotFound` when there is none and `Corrupt` when one of its files was changed.
        """
        name = self._shelf.full_id(run_id)
        return self._shelf.get(name, self._recorded(name))

    def compare(self, before: str, after: str) -> Comparison:
        """Two runs case by case, then in total; see `evaluation.compare.compare`."""
        return compare(self.get(before), self.get(after))

    def export(self, run_id: str, path: str | Path) -> int:
        """Write a run as CSV, one row per case and score; gives the number of rows."""
        return export_run(self.get(run_id), Path(path))

    def error_kinds(self, run_id: str) -> tuple[ErrorKind, ...]:
        """Which intents were taken for which in a run."""
        return error_kinds(self.get(run_id))

    def confident_mistakes(
        self, run_id: str, threshold: float = CONFIDENT
    ) -> tuple[ConfidentMistake, ...]:
        """Cases of a run that were read with confidence and wrong."""
        return confident_mistakes(self.get(run_id), threshold)

    def trust(self, threshold: float = CONFIDENT, **where: Any) -> tuple[IntentTrust, ...]:
        """Intents of history by how far their confidence can be trusted, the worst first."""
        return trust_by_intent(self.workbench.history.connection(), threshold, where)

    def agreement(
        self, run_id: str, judge: str = "second_look", people: Mapping[str, str] | None = None
    ) -> Agreement:
        """A scorer of a run as a judge, held against people.

        Args:
            judge: Name of the scorer; 1 counts as right, anything below as wrong.
            people: Case id -> `right` or `wrong`; by default what people said in history.
        """
        run = self.get(run_id)
        if judge not in run.scorers:
            raise InputError(
                f"{run.id} has no scorer {judge!r}", expected="one of " + ", ".join(run.scorers)
            )
        return agreement(judgements(run, judge), verdicts(run) if people is None else people)

    def model_judge(self) -> LanguageModel:
        """The language model of the settings, for judging; `ConfigError` when none is named."""
        settings = self.workbench.settings.model
        if not settings.base_url:
            raise ConfigError(
                f"{self.workbench.folder.root / 'poc.toml'} names no language model",
                expected="[model] with base_url and name",
                next_step="Leave the judge out: `second_look` judges without a key.",
            )
        from workbench.speak.model_writer import language_model

        return language_model(settings)

    def _cases(
        self, scenarios: str, labelled: str | Path, contacts: int, conversations: int
    ) -> CaseSet:
        if sum(map(bool, (scenarios, labelled, contacts, conversations))) > 1:
            raise InputError(
                "A run has one kind of cases",
                expected="scenarios, labelled, contacts or conversations",
            )
        if labelled:
            return message_set(f"messages of {Path(labelled).name}", labelled_cases(Path(labelled)))
        if contacts:
            return self._contacts(contacts)
        if conversations:
            return self._conversations(conversations)
        pattern = scenarios or ALL
        played = scenario_cases(self.workbench.folder.scenarios, pattern)
        return played_set(f"scenarios {pattern}", played)

    def _contacts(self, wanted: int) -> CaseSet:
        contacts = labelled_contacts(self.workbench.history.connection(), wanted)
        name = f"newest {wanted:,} labelled contacts"
        return message_set(name, contact_cases(contacts), contacts)

    def _conversations(self, wanted: int) -> CaseSet:
        bench = self.workbench
        rows = bench.conversations(limit=wanted)
        past = ((bench.conversation(row.id), bench.turns(row.id)) for row in rows)
        played = conversation_cases(past, bench.store, bench.service)
        return played_set(f"latest {wanted:,} conversations", played)

    def _candidate(self, changes: Mapping[str, Any], policy: Path | None) -> Candidate:
        bench = self.workbench
        return Candidate(
            poc=bench.folder,
            settings=bench.settings,
            policy=bench.proposed(changes, policy),
            triage=bench.assistant.triage,
            knowledge=bench.systems.knowledge,
            writer=bench.assistant.writer,
            opener=bench.opener,
        )

    def _maker(self, by: str) -> Maker:
        bench = self.workbench
        author = bench.person(by, Role.ANALYST) if by else bench.service
        return Maker(self._shelf, bench.store, bench.service, author, bench.clock)

    def _recorded(self, run_id: str) -> tuple[str, ...]:
        return book.recorded(self.workbench.store, self.workbench.service, run_id)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.workbench.folder.state / "evaluations")


def _judges(model: LanguageModel | None) -> tuple[Scorer, ...]:
    from workbench.evaluation.judges import ModelJudge

    return (ModelJudge(model).scorer(),) if model else ()
