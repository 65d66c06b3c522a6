"""One variant of one scenario, played turn by turn through the front door."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from workbench.errors import InputError, WorkbenchError
from workbench.flows.result import TurnResult
from workbench.records.actions import Action
from workbench.records.base import Ids, SteppingClock
from workbench.records.operations import ChangeCase, DecideApproval, SetSubscription, plan
from workbench.records.principals import Principal, Role
from workbench.scenarios.expectations import Expectation
from workbench.scenarios.format import CaseEdit, Faults, PersonAct, RecordSet, Scenario, Turn
from workbench.scenarios.laws import broken_laws
from workbench.scenarios.matching import Difference, differences
from workbench.scenarios.seen import Moment, Scope, World
from workbench.scenarios.stage import Door, Stage
from workbench.store import Transaction

_STEP = timedelta(milliseconds=1)


class Performance:
    """A store, a clock and a conversation under way."""

    def __init__(self, stage: Stage, scenario: Scenario, variant: int, folder: Path) -> None:
        self._stage, self._scenario, self._variant, self._folder = stage, scenario, variant, folder
        self._clock = SteppingClock(scenario.today, _STEP)
        self._ids = Ids(seed=seed_of(folder))
        self._faults: dict[str, str] = {
            str(name): fault for name, fault in scenario.given.faults.items()
        }
        stage.empty_store(folder)
        self._door = self._open()
        self._customer = scenario.conversation.customer
        self._channel: str = scenario.conversation.channel
        self._conversation = ""
        self._arrived = 0
        self._bring_in(scenario.given)
        self._began_after = self._last_event()
        self.moments: list[Moment] = []

    def play(self) -> Iterator[Difference]:
        """Play every turn; yields what is not as the scenario says."""
        try:
            for number, turn in enumerate(self._scenario.turn, 1):
                before = self._last_event()
                self.moments.append(self._moment(number, turn))
                yield from self._check_turn(turn, before)
            yield from differences("end", self._known(self._scenario.expect), self._scope())
            yield from broken_laws(self.moments, self._world())
        except Exception:  # a defect of the product: shown, and the other scenarios go on
            yield Difference("run", "crash", "no crash", traceback.format_exc(limit=-3))
        finally:
            self._door.close()

    # One turn

    def _moment(self, number: int, turn: Turn) -> Moment:
        self._clock.at += turn.wait
        self._change_surroundings(turn)
        message = self._with_case(turn.wording(self._variant))
        try:
            if turn.wait:
                self._door.verdicts.sweep()
            if turn.human and turn.human.verdict is not None:
                told = self._judge(turn.human, turn.human.verdict)
                return Moment(number, self._conversation, result=told)
            if turn.human:
                self._let_person(turn.human)
            if not turn.say:
                return Moment(number, self._conversation)
            result = self._door.converse(
                self._customer,
                message,
                conversation_id=self._conversation or None,
                channel=self._channel,
            )
        except WorkbenchError as error:
            text = f"{type(error).__name__}: {error}"
            return Moment(number, self._conversation, message, error=text)
        self._conversation = result.conversation_id
        return Moment(number, self._conversation, message, result)

    def _change_surroundings(self, turn: Turn) -> None:
        if turn.restart:
            self._door.close()
            self._door = self._open()
        if turn.faults is not None:
            self._faults.clear()
            self._faults.update(faults_of(turn.faults))
        self._bring_in(turn.arrives)
        if turn.conversation == "new":
            self._conversation = ""
            self._channel = turn.channel or self._channel
            self._customer = turn.customer or self._customer

    def _open(self) -> Door:
        return self._stage.open(self._scenario, self._folder, self._clock, self._ids, self._faults)

    # People

    def _let_person(self, act: PersonAct) -> None:
        if act.say is not None:
            self._take(act.by)
            self._door.human_reply(self._conversation, act.by, act.say)
        elif act.hand_back is not None:
            self._door.hand_back(self._conversation, act.by, act.hand_back)
        elif act.edit is not None:
            self._edit(act, act.edit)
        else:
            self._decide(act)

    def _take(self, by: str) -> None:
        waiting = self._door.store.handoffs(self._door.service)
        for packet in waiting:
            if packet.conversation_id == self._conversation:
                self._door.take(packet.id, by)

    def _edit(self, act: PersonAct, edit: CaseEdit) -> None:
        case = self._door.store.case(self._door.service, self._with_case(edit.case))
        wish = ChangeCase(
            before_revision=edit.revision or case.revision,
            after=case.model_copy(update=edit.changes),
        )
        self._commit(self._person(act), f"case:{case.id}", plan(wish, self._ids.new("edit")))

    def _decide(self, act: PersonAct) -> None:
        waiting = self._door.store.approvals(self._door.service)
        if not waiting:
            raise InputError("Nothing waits for an approval")
        asked, approved = waiting[0], bool(act.approve)
        if act.role == "supervisor":
            self._door.decide_approval(asked.id, act.by, approved, act.reason)
            return
        verdict = DecideApproval(
            approval_id=asked.id,
            approved=approved,
            fingerprint=asked.fingerprint,
            reason=act.reason,
        )
        action = plan(verdict, self._ids.new("decide"))
        self._commit(self._person(act), asked.conversation_id, action)

    def _judge(self, act: PersonAct, choice: str) -> TurnResult:
        """Answer the question that falls due first; the assistant goes on at once."""
        waiting = self._door.verdicts.all()
        if not waiting:
            raise InputError("Nobody is asked anything")
        return self._door.verdicts.answer(waiting[0].task.id, choice, act.by, act.reason)

    def _person(self, act: PersonAct) -> Principal:
        return self._door.person(act.by, Role(act.role))

    # Records

    def _bring_in(self, records: RecordSet) -> None:
        self._arrived += 1
        store, service = self._door.store, self._door.service
        for kind, rows in records.kinds.items():
            if kind == "subscriptions":
                for row in records.subscriptions:
                    wish = plan(SetSubscription(subscription=row), self._ids.new("given"))
                    self._commit(self._door.person("desk"), f"case:{row.case_id}", wish)
            else:
                store.import_records(service, kind, rows, f"{self._scenario.id}:{self._arrived}")

    def _commit(self, principal: Principal, stream: str, action: Action) -> None:
        self._door.store.commit(
            Transaction(
                principal=principal,
                stream=stream,
                request_id=self._ids.new("click"),
                actions=(action,),
            )
        )

    # Looking

    def _check_turn(self, turn: Turn, before: int) -> Iterator[Difference]:
        moment = self.moments[-1]
        where = f"turn {moment.number}"
        if moment.error and turn.expect.error is None:
            yield Difference(where, "error", "none", moment.error)
        yield from differences(where, self._known(turn.expect), self._scope(before))

    def _scope(self, before: int | None = None) -> Scope:
        """What the last turn saw, or with `before` None what the whole run saw."""
        world = self._world()
        if before is None:
            return Scope(self.moments, self.moments, world.events, world)
        events = [event for event in world.events if event.seq > before]
        return Scope(self.moments[-1:], self.moments, events, world)

    def _world(self) -> World:
        return World(
            store=self._door.store,
            principal=self._door.service,
            settings=self._stage.settings,
            now=self._clock.at,
            customers=tuple(customer.id for customer in self._scenario.given.customers),
            began_after=self._began_after,
            folder=self._folder,
        )

    def _last_event(self) -> int:
        events = self._door.store.events(self._door.service)
        return events[-1].seq if events else 0

    def _with_case(self, text: str) -> str:
        if "{case}" not in text:
            return text
        return text.replace("{case}", self._world().newest_case(self._customer))

    def _known(self, expected: Expectation) -> Expectation:
        """The expectation with the newest case's number put in."""
        if "{case}" not in expected.says:
            return expected
        says = tuple(self._with_case(value) or "the number of a case" for value in expected.says)
        return expected.model_copy(update={"says": says})


def faults_of(faults: Faults) -> dict[str, str]:
    """The faults as the systems read them; kept as one mapping, so that a turn can change it."""
    return {str(name): fault for name, fault in faults.items()}


def seed_of(folder: Path) -> int:
    """A seed for the run in this folder: other runs, other identifiers."""
    return int.from_bytes(folder.name.encode(), "big")
