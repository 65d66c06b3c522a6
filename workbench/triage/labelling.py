"""Labels that people give: kept in the ledger for the record, in the team's file for the model.

The ledger's stream `labels:messages` says who answered what, when, and what the model had said.
What stands about a message is its last answer that was not taken back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from workbench.errors import Conflict, InputError, NotFound
from workbench.records.base import Ids
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.labels import AnswerKind, LabelAnswer, ProposedIntent
from workbench.records.principals import Principal, name_of
from workbench.records.signals import SOMETHING_ELSE
from workbench.store.store import Store
from workbench.store.work import Transaction
from workbench.triage.asking import Question
from workbench.triage.labelled import Labelled
from workbench.triage.labelled_by_people import LabelFile
from workbench.triage.pool import message_id

STREAM = "labels:messages"
SKIP = "skip"
NEW = "new:"
"""Stands before the name of an intent that is not declared yet."""
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Labelling:
    """Answers to questions about messages, of everybody who labels in a POC."""

    store: Store
    reader: Principal
    """Reads the ledger; answers are written by the person who gives them."""
    file: LabelFile
    declared: Collection[str]
    """Names of the intents in `intents.toml`."""
    ids: Ids

    def answers(self) -> tuple[LabelAnswer, ...]:
        """What stands about each message, in the order of the first answer to it."""
        return tuple(answers[-1] for answers in self._standing().values() if answers)

    def answer(self, person: Principal, question: Question, label: str) -> LabelAnswer:
        """Keep a person's answer; a second one to the same message takes the place of the first.

        Args:
            label: a declared intent, `something_else`, `skip`, or `new:NAME`.

        Raises:
            InputError: there is no such intent, or the name cannot be one.
        """
        kind, name = self._understood(label)
        guess = question.guesses[0] if question.guesses else None
        said: dict[str, Any] = {
            "message": question.message.id,
            "text": question.message.text,
            "language": question.message.language,
            "source": question.message.source,
            "answer": kind.value,
            "label": name,
            "guess": guess.label if guess else "",
            "confidence": guess.confidence if guess else 0.0,
            "model": question.model,
        }
        kept = self._keep(person, said)
        self._settle(kept.message)
        return kept

    def undo(self, person: Principal) -> LabelAnswer:
        """Take back a person's last answer; what stood before it stands again. The one taken back.

        Raises:
            NotFound: the person has no answer left to take back.
            Conflict: somebody else has answered the same message since.
        """
        events = self._events()
        standing = _standing(events)
        own = [one for stack in standing.values() for one in stack if one.by == person.id]
        if not own:
            raise NotFound(
                f"{name_of(person.id)} has no answer to take back",
                next_step="Label a message first, or give the name that it was labelled under.",
            )
        last = max(own, key=lambda one: one.at)
        if standing[last.message][-1] != last:
            raise Conflict(
                f"{name_of(standing[last.message][-1].by)} has labelled {last.message} since",
                next_step="Label it again if that is wrong.",
            )
        said = last.model_dump(mode="json", exclude={"by", "at"})
        said |= {"answer": AnswerKind.UNDONE.value, "label": ""}
        self._keep(person, said, expected_revision=len(events))
        self._settle(last.message)
        return last

    def proposed(self) -> tuple[ProposedIntent, ...]:
        """Intents that people missed and nobody has declared yet, the most wanted first."""
        wanted: dict[str, list[LabelAnswer]] = {}
        for one in self.answers():
            if one.answer is AnswerKind.NEW_INTENT and one.label not in self.declared:
                wanted.setdefault(one.label, []).append(one)
        ranked = sorted(wanted.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            ProposedIntent(
                name=name,
                texts=tuple(one.text for one in found),
                by=tuple(dict.fromkeys(name_of(one.by) for one in found)),
            )
            for name, found in ranked
        )

    def settle(self) -> int:
        """Bring answers into the file that it lacks; how many there were.

        These are messages of an intent that has been declared since, and answers that a crash kept
        from the file after the ledger had them.
        """
        there = {message_id(row.text) for row in self.file.rows()}
        rows = [self._row(one) for one in self.answers() if one.message not in there]
        missing = [row for row in rows if row is not None]
        self.file.put(missing)
        return len(missing)

    def _understood(self, label: str) -> tuple[AnswerKind, str]:
        wanted = label.strip()
        if wanted == SKIP:
            return AnswerKind.SKIP, ""
        if wanted.startswith(NEW):
            return self._new_intent(wanted.removeprefix(NEW).strip())
        if wanted in self.declared or wanted == SOMETHING_ELSE:
            return AnswerKind.INTENT, wanted
        near = get_close_matches(wanted, [*self.declared, SOMETHING_ELSE], 1)
        raise InputError(
            f"There is no intent {wanted!r}",
            expected=f"a declared intent, {SOMETHING_ELSE}, {SKIP}, or {NEW}NAME",
            next_step=f"Did you mean {near[0]}?" if near else f"Propose it as {NEW}{wanted}.",
        )

    def _new_intent(self, name: str) -> tuple[AnswerKind, str]:
        if name in self.declared:
            return AnswerKind.INTENT, name
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise InputError(
                f"{name!r} cannot be the name of an intent",
                expected=f"small letters, digits and _, at most {_LONGEST_NAME}: refund_status",
            )
        return AnswerKind.NEW_INTENT, name

    def _settle(self, message: str) -> None:
        """Bring the file in line with what stands about a message."""

        def row_now() -> Labelled | None:
            answers = self._standing().get(message)
            return self._row(answers[-1]) if answers else None

        self.file.bring(message, row_now)

    def _row(self, answer: LabelAnswer) -> Labelled | None:
        """What the model may learn from an answer: nothing before its intent is declared."""
        if answer.label not in self.declared and answer.label != SOMETHING_ELSE:
            return None
        return Labelled(text=answer.text, label=answer.label, language=answer.language)

    def _keep(
        self, person: Principal, said: dict[str, Any], expected_revision: int | None = None
    ) -> LabelAnswer:
        committed = self.store.commit(
            Transaction(
                principal=person,
                stream=STREAM,
                request_id=self.ids.new("label"),
                events=(NewEvent(kind=EventKind.MESSAGE_LABELLED, data=said),),
                expected_revision=expected_revision,
            )
        )
        return _answer(committed.events[0])

    def _events(self) -> tuple[Event, ...]:
        return self.store.events(self.reader, stream=STREAM)

    def _standing(self) -> dict[str, list[LabelAnswer]]:
        return _standing(self._events())


def _standing(events: Iterable[Event]) -> dict[str, list[LabelAnswer]]:
    """Answers that were not taken back by message, oldest first; erased ones are left out."""
    standing: dict[str, list[LabelAnswer]] = {}
    for event in events:
        if event.data:
            answer = _answer(event)
            stack = standing.setdefault(answer.message, [])
            if answer.answer is AnswerKind.UNDONE:
                stack.pop()
            else:
                stack.append(answer)
    return standing


def _answer(event: Event) -> LabelAnswer:
    return LabelAnswer(**event.data, by=event.actor, at=event.at)
