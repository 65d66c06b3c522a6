"""The workbench as app, notebooks, command line and service see it: one object, thin methods.

Every method is one call into the part that knows; no rule, number or query lives here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workbench.config import Settings
from workbench.decide.policy import Policy, load_policy
from workbench.flows.assistant import Assistant, Incoming
from workbench.flows.conversation import fold
from workbench.flows.result import TurnResult, results_of
from workbench.front.parts import Parts
from workbench.poc import PocFolder, Script
from workbench.records.base import Clock, Ids
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.operations import DecideApproval, HandBack, TakeHandOff, plan
from workbench.records.principals import Principal, Role
from workbench.store.store import Store
from workbench.store.views import Approval, ConversationRow, HandOffRow, HandOffStatus
from workbench.store.work import Committed, Transaction
from workbench.systems.ports import Systems

if TYPE_CHECKING:
    from workbench.govern.audit import AuditReport
    from workbench.intake.report import ImportReport
    from workbench.measure.aggregate import KeptDaily
    from workbench.measure.cube import ThresholdCube
    from workbench.measure.kept import KeptSituations
    from workbench.measure.kpis import Facts
    from workbench.measure.metrics import Metric
    from workbench.measure.replay_report import ReplayReport
    from workbench.measure.report import Baseline, KpiReport
    from workbench.measure.trend import Trend
    from workbench.records.contacts import Contact
    from workbench.scenarios.stage import Opener
    from workbench.store.history import History


MANY_CONTACTS = 200_000
"""From here on KPIs are read from daily sums, which are exact and at most minutes old."""

SUMS_AGE = timedelta(minutes=5)
"""How old the sums of very many contacts may be."""


@dataclass
class Workbench(Parts):
    """One open POC. Close it, or use it as a context manager."""

    folder: PocFolder
    settings: Settings
    policy: Policy
    store: Store
    systems: Systems
    assistant: Assistant
    clock: Clock
    ids: Ids
    opener: Opener
    """Opens the POC on another store, for whatever is tried on a copy."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if "history" in self.__dict__:
            self.history.close()
        self.store.close()

    def __repr__(self) -> str:
        return (
            f"Workbench({self.settings.name!r}, policy {self.policy.version}, {self.folder.root})"
        )

    # Conversations

    def converse(
        self,
        customer_id: str,
        text: str,
        *,
        conversation_id: str | None = None,
        channel: str = "chat",
        request_id: str | None = None,
    ) -> TurnResult:
        """Answer one message of a customer.

        Args:
            conversation_id: Continues that conversation; None begins one.
            request_id: The channel's id of this delivery; the same id is answered once.

        Raises `NotFound` for an unknown customer and `InputError` for an empty or huge message.
        """
        return self.assistant.handle(
            Incoming(
                text=text,
                customer_id=customer_id,
                channel=channel,
                conversation_id=conversation_id or self.ids.new("conv"),
                request_id=request_id or self.ids.new("msg"),
            )
        )

    def scripts(self) -> tuple[Script, ...]:
        """Conversations that the POC offers to play for a visitor."""
        return self.folder.scripts()

    def person(self, name: str, role: Role = Role.HUMAN_AGENT) -> Principal:
        """The principal of somebody who works here, by name."""
        return Principal(id=f"{role.value}:{name}", role=role, tenant=self.tenant)

    @property
    def tenant(self) -> str:
        return self.settings.store.tenant

    @property
    def service(self) -> Principal:
        """The principal of this process, for lists and measurements."""
        return Principal(id="service:workbench", role=Role.SERVICE, tenant=self.tenant)

    def conversation(self, conversation_id: str) -> Conversation:
        """The state of a conversation, folded from its events."""
        row = self.store.conversation(self.service, conversation_id)
        start = Conversation(id=row.id, customer_id=row.customer_id, channel=row.channel)
        return fold(start, self.events(conversation_id))

    def events(self, stream: str) -> tuple[Event, ...]:
        """The ledger of one conversation or case."""
        return self.store.events(self.service, stream=stream)

    def conversations(self, **restrict: Any) -> tuple[ConversationRow, ...]:
        return self.store.conversations(self.service, **restrict)

    def turns(self, conversation_id: str) -> tuple[TurnResult, ...]:
        """What came of each message of a conversation, oldest first."""
        return results_of(self.events(conversation_id))

    def customers(self) -> tuple[Customer, ...]:
        return self.store.customers(self.service)

    # People

    def human_reply(self, conversation_id: str, by: str, text: str) -> Committed:
        """A person speaks to the customer; the assistant is silent from now on."""
        return self.desk.reply(conversation_id, by, text)

    def take(self, packet_id: str, by: str) -> Committed:
        """A person takes a packet from its queue."""
        person = self.person(by)
        packet = self.packet(packet_id)
        action = plan(TakeHandOff(packet_id=packet_id), key=f"take:{packet_id}:{by}")
        return self._commit(person, packet.conversation_id, actions=(action,))

    def hand_back(self, conversation_id: str, by: str, note: str) -> Committed:
        """Return the conversation to the assistant, with a note for the record."""
        person = self.person(by)
        revision = self.store.conversation(person, conversation_id).revision
        back = HandBack(conversation_id=conversation_id, note=note)
        return self._commit(
            person,
            conversation_id,
            NewEvent(
                kind=EventKind.HANDED_BACK,
                actor=person.id,
                data={"note": note, "by": person.id},
            ),
            actions=(plan(back, key=f"back:{conversation_id}:{revision}"),),
        )

    def approvals(self) -> tuple[Approval, ...]:
        return self.store.approvals(self.service)

    def decide_approval(self, approval_id: str, by: str, approved: bool, reason: str) -> Committed:
        """A supervisor approves or declines exactly the action that was asked for."""
        person = self.person(by, Role.SUPERVISOR)
        asked = self.store.approval(person, approval_id)
        verdict = DecideApproval(
            approval_id=approval_id,
            approved=approved,
            fingerprint=asked.fingerprint,
            reason=reason,
        )
        action = plan(verdict, key=f"decide:{approval_id}:{by}")
        return self._commit(person, asked.conversation_id, actions=(action,))

    def inbox(
        self, queue: str | None = None, status: HandOffStatus | None = HandOffStatus.WAITING
    ) -> tuple[HandOffRow, ...]:
        """Packets that wait for a person: by priority, then by what falls due first."""
        return self.store.handoffs(self.service, queue, status=status)

    def packet(self, packet_id: str) -> Packet:
        return self.store.packet(self.service, packet_id)

    def rate(self, conversation_id: str, csat: int) -> Committed:
        """The customer's rating, 1-5."""
        return self._commit(
            self.service, conversation_id, NewEvent(kind=EventKind.RATED, data={"csat": csat})
        )

    def end(self, conversation_id: str, resolution: str, why: str = "") -> Committed:
        """Close a conversation: `contained`, `assumed` or `confirmed`."""
        event = NewEvent(
            kind=EventKind.CONVERSATION_ENDED, data={"resolution": resolution, "why": why}
        )
        return self._commit(self.service, conversation_id, event)

    # Measures

    @cached_property
    def history(self) -> History:
        """Contact facts of imported history, published contacts and this minute's conversations."""
        from workbench.measure.facts import open_history

        imported = self.folder.history if self.folder.history.exists() else None
        return open_history(
            self.folder.state / "history",
            self.settings,
            store_url=self.store.url,
            imported=imported,
            clock=self.clock,
        )

    @cached_property
    def _many(self) -> bool:
        return self.history.freshness().contacts > MANY_CONTACTS

    @cached_property
    def _kept(self) -> KeptDaily:
        from workbench.measure.aggregate import KeptDaily

        return KeptDaily(self.history, self.settings, clock=self.clock, at_most_every=SUMS_AGE)

    @cached_property
    def _situations(self) -> KeptSituations:
        from workbench.measure.kept import KeptSituations

        pause = SUMS_AGE if self._many else timedelta(0)
        return KeptSituations(self.history, self.settings, clock=self.clock, at_most_every=pause)

    def facts(self) -> Facts:
        """What KPIs are computed from: single contacts, or daily sums once there are very many."""
        return self._kept.get() if self._many else self.history.connection()

    def kpis(self, by: Sequence[str] = (), **restrict: Any) -> KpiReport:
        """Every KPI with n, interval, target and the saved baseline; see `measure.kpis.kpis`."""
        from workbench.measure.kpis import kpis

        compared = {"baseline": self.baseline(), **restrict}
        return kpis(self.facts(), by, settings=self.settings, **compared)

    def trend(self, metric: str, **restrict: Any) -> Trend:
        """One metric over time; see `measure.trend.trend`."""
        from workbench.measure.trend import trend

        return trend(self.facts(), metric, settings=self.settings, **restrict)

    def contacts_behind(self, metric: str, **restrict: Any) -> tuple[str, ...]:
        """Ids of the contacts that a KPI counts; see `measure.trend.conversations_behind`."""
        from workbench.measure.trend import conversations_behind

        connection = self.history.connection()
        return conversations_behind(connection, metric, settings=self.settings, **restrict)

    def contacts(self, ids: Sequence[str]) -> tuple[Contact, ...]:
        """Contact facts by id, the newest first."""
        from workbench.measure.contacts import contact_rows

        return contact_rows(self.history.connection(), ids)

    def metrics(self, names: Sequence[str] | None = None) -> tuple[Metric, ...]:
        """What each KPI asks and how it is computed; all of them by default."""
        from workbench.measure.metrics import load_metrics

        return load_metrics().pick(names)

    def baseline(self) -> Baseline | None:
        """The saved measure before launch; None when none was saved."""
        from workbench.measure.baseline import load_baseline

        return load_baseline(self.folder.baseline) if self.folder.baseline.exists() else None

    def measure_baseline(self, **restrict: Any) -> Baseline:
        """The KPIs of a time to compare others with; see `measure.baseline.measure_baseline`."""
        from workbench.measure.baseline import measure_baseline

        return measure_baseline(self.history.connection(), self.settings, **restrict)

    def save_baseline(self, **restrict: Any) -> Baseline:
        """Measure the time before launch and keep it; see `measure.baseline.save_baseline`."""
        from workbench.measure.baseline import save_baseline

        connection = self.history.connection()
        return save_baseline(connection, self.folder.baseline, self.settings, **restrict)

    def proposed(self, changes: Mapping[str, Any], policy: Path | None = None) -> Policy:
        """The policy with changes such as `confidence=0.8`, or another policy file with them."""
        base = load_policy(policy) if policy else self.policy
        return base.with_settings(changes) if changes else base

    def replay(
        self, changes: Mapping[str, Any], /, policy: Path | None = None, **restrict: Any
    ) -> ReplayReport:
        """Decide all of history again under a changed policy; see `measure.replay.replay`."""
        from workbench.measure.replay import replay

        return replay(
            self.history.connection(),
            self.policy,
            self.proposed(changes, policy),
            settings=self.settings,
            **restrict,
        )

    def threshold_cube(self, policy: Policy | None = None, **restrict: Any) -> ThresholdCube:
        """Exact sums for every threshold under any filter; see `measure.cube.ThresholdCube`.

        History is summed up once and kept: another policy is answered from that; see
        `measure.kept.KeptSituations`.
        """
        return self._situations.cube(policy or self.policy, **restrict)

    # Data and care

    def save_scenario(self, conversation_id: str, name: str, title: str) -> Path:
        """Keep a conversation as a scenario of this POC; see `scenarios.writing.save_scenario`."""
        from workbench.scenarios.writing import save_scenario

        return save_scenario(
            self.folder.scenarios,
            name,
            title,
            self.conversation(conversation_id),
            self.turns(conversation_id),
            self.store,
            self.service,
        )

    def import_file(
        self, kind: str, source: str | Path, mapping: Path | None = None, *, dry_run: bool = False
    ) -> ImportReport:
        """Import rows; see `intake.importing.import_file`."""
        from workbench.intake.importing import import_file
        from workbench.intake.sinks import ImportTarget

        target = ImportTarget(self.folder, self.store, self.service)
        return import_file(kind, source, target, mapping, dry_run=dry_run)

    def verify(self, *, anchor: bool = False) -> AuditReport:
        """Check the whole ledger; set a checkpoint outside it when all is well."""
        report = self.store.verify(self.service, self.folder.anchors)
        if anchor and report.ok:
            self.store.anchor(self.service, self.folder.anchors)
        return report

    def _commit(
        self,
        principal: Principal,
        stream: str,
        *events: NewEvent,
        actions: Sequence[Any] = (),
    ) -> Committed:
        return self.store.commit(
            Transaction(
                principal=principal,
                stream=stream,
                request_id=self.ids.new("click"),
                events=events,
                actions=tuple(actions),
                policy_version=self.policy.version,
            )
        )
