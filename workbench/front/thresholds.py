"""Thresholds that follow the load, as the front door offers them: `workbench.thresholds`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.decide.policy import Policy
from workbench.errors import Conflict
from workbench.front.part import Part
from workbench.govern.adapting import Adapted
from workbench.people.adapting import AdaptedPolicy, Standing, changes_due, standings
from workbench.records.actions import Action
from workbench.records.adapting import adapting_stream
from workbench.store.work import Transaction

if TYPE_CHECKING:
    from workbench.measure.adapting_study import AdaptingStudy


class Thresholds(Part):
    """Where thresholds stand under the present load. Nobody moves them by hand."""

    def now(self) -> Policy:
        """The policy that decides now: that of the file, with thresholds as the load has them."""
        return self._adapted.now()

    def standing(self) -> tuple[Standing, ...]:
        """Each threshold that follows the load: its stage, its number, its limits, the load."""
        here = self.workbench
        return standings(here.policy, self._adapted.last(), here.routing.floor(), here.settings)

    def changes(self) -> tuple[Adapted, ...]:
        """Every change of a stage, the latest first."""
        return self._adapted.changes()

    def sweep(self) -> tuple[str, ...]:
        """Look at the floor and move what it asks for; returns the thresholds that this look moved.

        Safe to run as often and in as many processes as wanted: every change happens once.
        """
        here = self.workbench
        if not here.policy.adapting:
            return ()
        last, floor = self._adapted.last(), here.routing.floor()
        due = changes_due(here.policy, last, floor, here.settings)
        return tuple(str(each.parameters["setting"]) for each in due if self._moves(each))

    def study(
        self,
        *,
        spike: float = 2.0,
        people: int = 10,
        busy: float = 0.8,
        days: int = 20,
        seed: int = 0,
    ) -> AdaptingStudy:
        """Waiting and wrong answers when many write at once; see `measure.adapting_study`."""
        from workbench.measure.adapting_study import adapting_study

        here = self.workbench
        return adapting_study(
            here.history.connection(),
            here.policy,
            here.settings,
            spike=spike,
            people=people,
            busy=busy,
            days=days,
            seed=seed,
        )

    def _moves(self, change: Action) -> bool:
        """Commit a change; whether nobody else was faster."""
        here = self.workbench
        wanted = Transaction(
            principal=here.service,
            stream=adapting_stream(here.policy.name),
            request_id=change.key,
            actions=(change,),
            policy_version=here.policy.version,
        )
        try:
            return not here.store.commit(wanted).repeated
        except Conflict:
            return False

    @property
    def _adapted(self) -> AdaptedPolicy:
        return self.workbench.assistant.adapted
