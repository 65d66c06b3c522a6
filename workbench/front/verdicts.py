"""Verdicts: private questions to people, requests for approval, and what was learned from both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workbench.errors import Conflict
from workbench.flows.result import TurnResult
from workbench.front.part import Part
from workbench.people.four_eyes import Weighed, weigh
from workbench.people.verdicts import VerdictLabel, labels_of, overdue, to_expire, to_remind
from workbench.records.actions import Action
from workbench.records.base import Record
from workbench.records.operations import EscalationLabel, LabelEscalation, WithdrawApproval, plan
from workbench.records.principals import Principal, Role
from workbench.records.verdicts import GiveVerdict, Verdict, VerdictStatus
from workbench.store.views import Approval
from workbench.store.work import Committed, Transaction


class Swept(Record):
    """What one look at the deadlines has done."""

    reminded: tuple[str, ...] = ()
    """Questions whose queue was reminded."""
    expired: tuple[str, ...] = ()
    """Questions whose fallback counts now."""
    resumed: tuple[str, ...] = ()
    """Questions whose conversation has gone on."""
    approvals_expired: tuple[str, ...] = ()


class Verdicts(Part):
    """Questions to people: list, answer, and keep their deadlines."""

    def all(self, status: VerdictStatus | None = VerdictStatus.OPEN) -> tuple[Verdict, ...]:
        """Questions, what falls due first in front; only open ones by default."""
        return self.workbench.store.verdicts(self.workbench.service, status)

    def get(self, task_id: str) -> Verdict:
        """One question. Raises `NotFound` for an id that does not exist."""
        return self.workbench.store.verdict(self.workbench.service, task_id)

    def answer(
        self,
        task_id: str,
        choice: str,
        by: str,
        note: str = "",
        role: Role = Role.HUMAN_AGENT,
    ) -> TurnResult:
        """A person's choice; the assistant goes on with it at once.

        Raises `Conflict` when somebody else was first, `InputError` for a choice not offered.
        """
        person, task = self.workbench.person(by, role), self.get(task_id).task
        wish = GiveVerdict(task_id=task_id, choice=choice, note=note)
        action = plan(wish, f"answer:{task_id}:{person.id}:{choice}")
        self._commit(person, task.conversation_id, action)
        return self.workbench.assistant.resume(task)

    def sweep(self, now: datetime | None = None) -> Swept:
        """Keep the deadlines: remind, let fallbacks count, go on with what was decided.

        Safe to run as often and in as many processes as wanted: everything happens once.
        """
        here = self.workbench
        now = now or here.clock.now()
        approvals = here.store.approvals(here.service)
        return Swept(
            reminded=self._each((v.task.conversation_id, a) for v, a in to_remind(self.all(), now)),
            expired=self._each((v.task.conversation_id, a) for v, a in overdue(self.all(), now)),
            resumed=tuple(self._resumed()),
            approvals_expired=self._each(
                (one.conversation_id, a) for one, a in to_expire(approvals, now)
            ),
        )

    def labels(self) -> tuple[VerdictLabel, ...]:
        """What people have judged, as labelled examples: words and evidence with the choice."""
        return labels_of(self.all(status=None))

    def approval(self, approval_id: str) -> Approval:
        """One request for a second person, whatever became of it. Raises `NotFound`."""
        return self.workbench.store.approval(self.workbench.service, approval_id)

    def weigh(self, approval_id: str, by: str) -> Weighed:
        """What counts together with a request for approval, and whether its record still stands."""
        here, person = self.workbench, self.workbench.person(by, Role.SUPERVISOR)
        return weigh(here.store, person, here.policy.authority, self.approval(approval_id))

    def withdraw_approval(
        self, approval_id: str, by: str, reason: str, role: Role = Role.HUMAN_AGENT
    ) -> Committed:
        """Take a request for approval back; for who asked, or a supervisor."""
        here = self.workbench
        person = here.person(by, role)
        asked = here.store.approval(person, approval_id)
        wish = WithdrawApproval(approval_id=approval_id, reason=reason)
        return self._commit(
            person, asked.conversation_id, plan(wish, f"withdraw:{approval_id}:{person.id}")
        )

    def label_escalation(
        self,
        packet_id: str,
        label: EscalationLabel,
        by: str,
        note: str = "",
    ) -> Committed:
        """Whether a hand-off was right, by a person who saw it; the last label counts."""
        packet = self.workbench.packet(packet_id)
        wish = LabelEscalation(packet_id=packet_id, label=label, note=note)
        key = self.workbench.ids.new("label")
        return self._commit(self.workbench.person(by), packet.conversation_id, plan(wish, key))

    def _resumed(self) -> list[str]:
        here, done = self.workbench, []
        for verdict in here.store.untold_verdicts(here.service):
            here.assistant.resume(verdict.task)
            done.append(verdict.task.id)
        return done

    def _each(self, wanted: Iterable[tuple[str, Action]]) -> tuple[str, ...]:
        """Commit each act by itself; one that somebody else was faster with is left out."""
        done = []
        for stream, action in wanted:
            try:
                committed = self._commit(self.workbench.service, stream, action)
            except Conflict:
                continue
            if not committed.repeated:
                done.append(action.key.partition(":")[2])
        return tuple(done)

    def _commit(self, principal: Principal, stream: str, action: Action) -> Committed:
        """One act under its own key, so that it happens once whoever repeats it."""
        here = self.workbench
        return here.store.commit(
            Transaction(
                principal=principal,
                stream=stream,
                request_id=action.key,
                actions=(action,),
                policy_version=here.policy.version,
            )
        )
