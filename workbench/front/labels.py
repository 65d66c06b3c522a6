"""Labels of people: which messages to label next, the answers, and what they have brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ConfigError, InputError, NotFound
from workbench.flows.readings import ABOUT
from workbench.front.part import Part
from workbench.people.verdicts import VerdictLabel
from workbench.records.events import EventKind
from workbench.records.labels import LabelAnswer, ProposedIntent
from workbench.records.principals import Principal, Role, name_of
from workbench.triage.labelled import Labelled, read_folder, read_labelled, read_texts
from workbench.triage.labelled_by_people import FILE, LabelFile
from workbench.triage.labelling import Labelling
from workbench.triage.model import TriageModel, triage_model
from workbench.triage.pool import MOST_MESSAGES, Found, PoolMessage, message_id, pool_of

if TYPE_CHECKING:
    from workbench.measure.label_gain import Gain
    from workbench.speak.model import LanguageModel
    from workbench.speak.model_classifier import Trust
    from workbench.triage.asking import Question
    from workbench.triage.evaluate import Evaluation


@dataclass(frozen=True)
class Labels(Part):
    """Labelling with active learning; a person answers under their name."""

    def pool(self, file: Path | None = None) -> tuple[PoolMessage, ...]:
        """Messages that nobody has labelled, of conversations, imported contacts and a CSV file.

        Raises `InputError` for a file without a text column.
        """
        settings = self.workbench.settings
        return pool_of(
            (*self._in_file(file), *self._in_conversations(), *self._in_contacts()),
            known={message_id(row.text) for row in self._rows()}
            | {answer.message for answer in self.answers()},
            keep=settings.references.patterns,
            default_language=settings.assistant.default_language,
        )

    def ask(self, count: int = 10, file: Path | None = None) -> tuple[Question, ...]:
        """The messages whose labels would teach the most, the most useful first."""
        from workbench.triage.asking import ask

        triage = self._triage()
        labelled = [row.text for row in self._rows()]
        return ask(triage.intents, self.pool(file), labelled, count, model=triage.version)

    def question(self, message: str, file: Path | None = None) -> Question:
        """The question about one message, also about one that is labelled already.

        Raises `NotFound` for an id that neither the pool nor the record has.
        """
        from workbench.triage.asking import Question, Why, guesses

        triage, one = self._opened, self._message(message, file)
        return Question(
            message=one,
            guesses=guesses(triage.intents.labels, triage.intents.probabilities(one.text)),
            why=Why.UNSURE,
            model=triage.version,
        )

    def answer(self, question: Question, label: str, by: str) -> LabelAnswer:
        """Keep an answer in the ledger and in the team's file; see `Labelling.answer`."""
        return self._labelling.answer(self._person(by), question, label)

    def undo(self, by: str) -> LabelAnswer:
        """Take back the person's last answer; see `Labelling.undo`."""
        return self._labelling.undo(self._person(by))

    def answers(self) -> tuple[LabelAnswer, ...]:
        """What stands about each message that somebody answered."""
        return self._labelling.answers()

    def proposed(self) -> tuple[ProposedIntent, ...]:
        """Intents that people missed, for the owner of `intents.toml`."""
        return self._labelling.proposed()

    def settle(self) -> int:
        """Bring answers into the file whose intent was declared since; how many."""
        return self._labelling.settle()

    def learn_from_verdicts(self) -> tuple[LabelAnswer, ...]:
        """Keep what people said about close readings as their labels; returns what was new.

        A message that somebody has labelled already stays as it is.
        """
        settings = self.workbench.settings
        judged = {
            f"question {one.task_id}": one
            for one in self.workbench.verdicts.labels()
            if one.about == ABOUT and one.choice in self.intents()
        }
        new = pool_of(
            (Found(text=one.words, source=source) for source, one in judged.items()),
            known={answer.message for answer in self.answers()},
            keep=settings.references.patterns,
            default_language=settings.assistant.default_language,
        )
        return tuple(self._learned(one, judged[one.source]) for one in new)

    def _learned(self, message: PoolMessage, judged: VerdictLabel) -> LabelAnswer:
        from workbench.triage.asking import Question, Why, guesses

        triage = self._opened
        ranked = guesses(triage.intents.labels, triage.intents.probabilities(message.text))
        question = Question(message=message, guesses=ranked, why=Why.UNSURE, model=triage.version)
        return self._labelling.answer(self._person(name_of(judged.by)), question, judged.choice)

    def gain(self) -> Gain:
        """What the labels have brought and what fifty more would; see `measure.label_gain`."""
        from workbench.measure.label_gain import kept_gain

        people = self._labelling.file.rows()
        files = self.workbench.folder.labelled.glob("*.csv")
        others = [row for path in sorted(files) if path.name != FILE for row in read_labelled(path)]
        return kept_gain(self.workbench.folder.state / "labels", others, people)

    def calibrate(self, messages: int = 200) -> Trust:
        """Measure what the language model's word about intents is worth, and keep it.

        From the next opening on the model helps to read messages, where `[model] classify` is set.

        Raises `ConfigError` where no model is configured, `InputError` where it answers too little.
        """
        from workbench.speak.model_trust import keep_trust, measure_trust, trust_file

        settings, poc = self.workbench.settings.model, self.workbench.folder
        trust = measure_trust(
            self._model(),
            self._rows(),
            self._descriptions(),
            messages=messages,
            deadline=settings.classify_seconds,
        )
        keep_trust(trust_file(poc.state, settings.name), trust)
        return trust

    def evaluate_model(self, train: Path, test: Path) -> Evaluation:
        """The figures of the language model beside the keyless classifier, on labelled files.

        Raises `ConfigError` where no model is configured, `InputError` for a file of no use.
        """
        from workbench.speak.model_trust import evaluate_model

        return evaluate_model(
            self._model(),
            read_labelled(train),
            read_labelled(test),
            self._descriptions(),
            deadline=self.workbench.settings.model.classify_seconds,
        )

    def _model(self) -> LanguageModel:
        from workbench.speak.model_writer import language_model

        if not self.workbench.settings.model.base_url:
            raise ConfigError(
                f"{self.workbench.folder.root} has no language model",
                next_step="Set `base_url` and `name` under [model] in poc.toml.",
            )
        return language_model(self.workbench.settings.model)

    def _descriptions(self) -> dict[str, str]:
        rows = self.workbench.folder.intent_rows()
        return {name: row.description for name, row in rows.items()}

    def intents(self) -> tuple[str, ...]:
        """Names of the declared intents."""
        return tuple(self.workbench.folder.intent_rows())

    @cached_property
    def _labelling(self) -> Labelling:
        workbench = self.workbench
        return Labelling(
            store=workbench.store,
            reader=workbench.service,
            file=LabelFile(workbench.folder),
            declared=self.intents(),
            ids=workbench.ids,
        )

    def _person(self, name: str) -> Principal:
        if not name.strip():
            raise InputError(
                "A label needs a name", expected="who gives it", next_step="Give yours with --by."
            )
        return self.workbench.person(name.strip(), Role.ANALYST)

    def _rows(self) -> Sequence[Labelled]:
        return read_folder(self.workbench.folder.labelled)

    def _triage(self) -> TriageModel:
        """The model of the labels as they are now, fitted again where they changed."""
        from workbench.triage.onnx_encoder import open_encoder

        poc = self.workbench.folder
        encoder = open_encoder(self.workbench.settings.triage, poc.root)
        kept = poc.state / "triage"
        return triage_model(poc.labelled, poc.sentiment, kept, self.intents(), encoder)

    @cached_property
    def _opened(self) -> TriageModel:
        """The model when this was opened: a single question is not worth fitting anew."""
        return self._triage()

    def _message(self, wanted: str, file: Path | None) -> PoolMessage:
        for one in self.pool(file):
            if one.id == wanted:
                return one
        for answer in self.answers():
            if answer.message == wanted:
                return PoolMessage(
                    id=wanted, text=answer.text, language=answer.language, source=answer.source
                )
        raise NotFound(
            f"There is no message {wanted} to label",
            next_step="`workbench label --next 10` lists messages with their ids; "
            "for those of a file give --from FILE again.",
        )

    def _in_file(self, file: Path | None) -> Iterator[Found]:
        if file is not None:
            for row, text in enumerate(read_texts(file), 1):
                yield Found(text=text, source=f"{file.name}, row {row}")

    def _in_conversations(self) -> Iterator[Found]:
        workbench = self.workbench
        kinds = (EventKind.MESSAGE_RECEIVED,)
        for event in reversed(workbench.store.events(workbench.service, kinds=kinds)):
            if event.data:  # erased ones have none
                yield Found(text=event.data["text"], source=f"conversation {event.stream}")

    def _in_contacts(self) -> Iterator[Found]:
        from workbench.measure.contacts import unlabelled_words

        found = unlabelled_words(self.workbench.history.connection(), MOST_MESSAGES)
        for contact, words, language in found:
            yield Found(text=words, source=f"contact {contact}", language=language or "")
