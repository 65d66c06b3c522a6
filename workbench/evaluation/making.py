"""Making a run: choose cases, try and score them, keep the result and record it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.evaluation import book
from workbench.evaluation.candidate import Candidate
from workbench.evaluation.cases import Case, digest_of_cases
from workbench.evaluation.judges import second_look
from workbench.evaluation.playing import Played, Player
from workbench.evaluation.reading import Reader
from workbench.evaluation.run import (
    Attempt,
    EvaluationRun,
    Summary,
    pass_k_of,
    totals_of,
    try_all,
)
from workbench.evaluation.scorers import Scorer, built_in, own_scorers, scorer_of
from workbench.evaluation.shelf import Shelf
from workbench.records.base import Clock
from workbench.records.contacts import Contact
from workbench.records.principals import Principal
from workbench.store import Store


@dataclass(frozen=True)
class CaseSet:
    """Cases with the way to try them."""

    name: str
    """Where they come from, in words."""
    cases: tuple[Case, ...]
    attempts: Callable[[Candidate, int], AbstractContextManager[Attempt]]
    """Candidate and seed -> what tries a case, as long as it is needed."""


def played_set(name: str, played: Sequence[Played]) -> CaseSet:
    """Cases that are played from beginning to end on stores of their own."""
    by_id = {one.case.id: one for one in played}

    @contextmanager
    def attempts(candidate: Candidate, seed: int) -> Iterator[Attempt]:
        with TemporaryDirectory(prefix="evaluation-") as scratch:
            yield Player(candidate.stage(Path(scratch)), by_id, seed)

    return CaseSet(name, tuple(one.case for one in played), attempts)


def message_set(name: str, cases: Sequence[Case], contacts: Sequence[Contact] = ()) -> CaseSet:
    """Cases of one message that triage reads and policy decides on."""
    known = {contact.contact_id: contact for contact in contacts}

    def attempts(candidate: Candidate, seed: int) -> AbstractContextManager[Attempt]:
        del seed
        languages = candidate.settings.assistant.languages
        intents = candidate.poc.intent_rows()
        return nullcontext(Reader(candidate.triage, candidate.policy, intents, languages, known))

    return CaseSet(name, tuple(cases), attempts)


def scorers_of(candidate: Candidate, *judges: Scorer) -> tuple[Scorer, ...]:
    """Every scorer of a run: the built-in ones, the judges, the POC's own."""
    own = own_scorers(candidate.poc.root, candidate.settings.evaluation.scorers)
    return (*built_in(), scorer_of(second_look, judges=False), *judges, *own)


@dataclass(frozen=True)
class Maker:
    """Makes runs of one POC, keeps them on its shelf and records them in its ledger."""

    shelf: Shelf
    store: Store
    reader: Principal
    """Who may read the ledger."""
    author: Principal
    """Who makes the run."""
    clock: Clock

    def make(
        self,
        candidate: Candidate,
        chosen: CaseSet,
        scorers: Sequence[Scorer],
        *,
        repeat: int,
        seed: int,
    ) -> EvaluationRun:
        """Try and score every case; a run that exists already is read instead."""
        versions = candidate.versions(
            digest_of_cases(chosen.cases), _digest_of_scorers(candidate, scorers), seed, repeat
        )
        if self.shelf.holds(versions.id):
            return self._earlier(versions.id)
        with chosen.attempts(candidate, seed) as attempt:
            results = try_all(chosen.cases, attempt, scorers, repeat)
        passing = "scenario_passed" if results[0].case.source == "scenario" else "intent_right"
        passes = pass_k_of(results, passing, repeat)
        summary = Summary(
            id=versions.id,
            name=chosen.name,
            versions=versions,
            at=self.clock.now(),
            by=self.author.id,
            cases=len(results),
            totals=totals_of(results, scorers, seed),
            pass_k=sum(passes.values()) / len(passes) if passes else None,
        )
        run = EvaluationRun(summary=summary, results=results)
        self.shelf.put(run)
        book.record(self.store, self.author, summary, self.shelf.digest(run.id))
        return run

    def _earlier(self, run_id: str) -> EvaluationRun:
        """The run that is there; one whose maker was interrupted is recorded now."""
        digest = self.shelf.digest(run_id)
        known = book.recorded(self.store, self.reader, run_id) or (digest,)
        run = self.shelf.get(run_id, known)
        book.record(self.store, self.author, run.summary, digest)
        return run.model_copy(update={"repeated": True})


def _digest_of_scorers(candidate: Candidate, scorers: Sequence[Scorer]) -> str:
    """Names of all scorers and the text of the POC's own; the built-in ones are the package's."""
    own = candidate.settings.evaluation.scorers
    text = (candidate.poc.root / own).read_text(encoding="utf-8") if own else ""
    return "\n".join([*(scorer.name for scorer in scorers), text])
