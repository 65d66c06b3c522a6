"""Cases of one message that triage reads and policy decides on; no flow runs, nothing is said.

They come from a labelled file, or from contacts of history that a person has labelled. The one who
writes counts as known, so that the level shows what the reading leads to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.decide.policy import Policy
from workbench.errors import NotFound
from workbench.evaluation.cases import Case, Expected, Heard, Outcome, Verdict, digest_of_text
from workbench.records.contacts import Contact
from workbench.records.intents import IntentRow
from workbench.records.signals import SOMETHING_ELSE, Signals, Situation
from workbench.triage.labelled import Labelled, read_labelled

if TYPE_CHECKING:
    from workbench.triage.ports import MessageReader


def labelled_cases(path: Path) -> tuple[Case, ...]:
    """The messages of a CSV file with columns text and label; the same message once."""
    rows = dict.fromkeys(read_labelled(path))
    return tuple(_of_label(row) for row in rows)


def _of_label(row: Labelled) -> Case:
    digest = digest_of_text(row.text, row.label, row.language)
    return Case(
        id=f"message-{digest[:12]}",
        source="labelled",
        group=digest,
        title=row.label,
        says=(row.text,),
        expected=(Expected(intents=(row.label,)),),
        digest=digest,
    )


def contact_cases(contacts: Sequence[Contact]) -> tuple[Case, ...]:
    """Past contacts whose intent a person has labelled, with what was decided at their time."""
    labelled = [one for one in contacts if one.true_intent and one.summary]
    if not labelled:
        raise NotFound(
            "No contact of history has a person's label",
            next_step="Import labels with `workbench import labels FILE`.",
        )
    return tuple(_of_contact(contact) for contact in labelled)


def _of_contact(contact: Contact) -> Case:
    return Case(
        id=contact.contact_id,
        source="contact",
        group=contact.summary,
        title=contact.true_intent or "",
        says=(contact.summary,),
        expected=(Expected(intents=(contact.true_intent,) if contact.true_intent else ()),),
        happened=Expected(
            intents=(contact.intent,) if contact.intent else (),
            levels=(contact.level,) if contact.level else (),
            rule=contact.rule_id or "",
        ),
        verdict=_verdict(contact),
        conversation_id=contact.conversation_id or contact.contact_id,
        digest=digest_of_text(contact.model_dump_json()),
    )


def _verdict(contact: Contact) -> Verdict | None:
    if not contact.judged:
        return None
    return "wrong" if contact.wrong else "right"


@dataclass(frozen=True)
class Reader:
    """Reads the message of a case and decides who acts on it."""

    triage: MessageReader
    policy: Policy
    intents: Mapping[str, IntentRow]
    languages: tuple[str, ...]
    known: Mapping[str, Contact]
    """Contacts by case id: what the policy looks at beside the message is theirs."""

    def __call__(self, case: Case, trial: int) -> Outcome:
        del trial  # Triage and policy have no chance in them.
        started = time.perf_counter()
        signals = self.triage.read(case.says[0])
        decision = self.policy.decide(self._situation(signals, self.known.get(case.id)))
        heard = Heard(
            intents=signals.intents,
            out_of_scope=signals.out_of_scope,
            language=signals.language,
            language_confidence=signals.language_confidence,
            level=decision.level,
            rule=decision.rule_id,
            reason=decision.reason,
        )
        spent = (time.perf_counter() - started) * 1000
        return Outcome(heard=(heard,), milliseconds=round(spent, 3))

    def _situation(self, signals: Signals, contact: Contact | None) -> Situation:
        around = _surroundings(contact) if contact else {"identity_proven": True}
        best = max(signals.intents, key=lambda score: score.confidence, default=None)
        intent = best.intent if best else SOMETHING_ELSE
        declared = self.intents.get(intent)
        read = {
            "intent": intent,
            "flow": declared.flow if declared else "general",
            "confidence": best.confidence if best else 0.0,
            "out_of_scope": signals.out_of_scope,
            "stakes": declared.stakes if declared else None,
            "complexity": declared.complexity if declared else None,
            "requests": max(len(signals.intents), 1),
            "sentiment": signals.sentiment,
            "urgency": signals.urgency,
            "language": signals.language,
            "language_supported": signals.language in (*self.languages, "und"),
            "wants_person": signals.wants_person,
            "sensitive": signals.sensitive.value if signals.sensitive else None,
            "abusive": signals.abusive,
            "third_party": signals.third_party,
            "suspicious": signals.suspicious,
        }
        return Situation.model_validate({**around, **read})


def _surroundings(contact: Contact) -> dict[str, object]:
    """What the policy knew beside the message: customer, channel, course of the conversation."""
    return {name: getattr(contact, name) for name in Situation.model_fields}
