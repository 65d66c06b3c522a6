"""The matters of an open POC beyond conversations and measures, one part each.

A part is imported when it is first asked for, so that opening a POC costs no more than its use.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workbench.front.cases import Cases
    from workbench.front.clocks import Clocks
    from workbench.front.competence import Competence
    from workbench.front.desk import Desk
    from workbench.front.evaluations import Evaluations
    from workbench.front.experiments import Experiments
    from workbench.front.friction import Friction
    from workbench.front.labels import Labels
    from workbench.front.monitoring import Monitoring
    from workbench.front.promises import Promises
    from workbench.front.proposals import Proposals
    from workbench.front.routing import Routing
    from workbench.front.staffing import Staffing
    from workbench.front.thresholds import Thresholds
    from workbench.front.verdicts import Verdicts
    from workbench.front.workbench import Workbench


class Parts:
    """`workbench.desk`, `workbench.promises`, ...: what the front door offers by matter.

    Only `Workbench` is made of it.
    """

    @property
    def _whole(self) -> Workbench:
        return cast("Workbench", self)

    @cached_property
    def desk(self) -> Desk:
        """What a person who has taken over is offered, says, notes and sees."""
        from workbench.front.desk import Desk

        return Desk(self._whole)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Private questions to people, their deadlines and what was learned from the answers."""
        from workbench.front.verdicts import Verdicts

        return Verdicts(self._whole)

    @cached_property
    def cases(self) -> Cases:
        """What people do with cases: change, merge, part, split."""
        from workbench.front.cases import Cases

        return Cases(self._whole)

    @cached_property
    def clocks(self) -> Clocks:
        """How much time promises leave, and the watch over them."""
        from workbench.front.clocks import Clocks

        return Clocks(self._whole)

    @cached_property
    def routing(self) -> Routing:
        """Who gets what, by which rule; who is there; whether it is fair."""
        from workbench.front.routing import Routing

        return Routing(self._whole)

    @cached_property
    def thresholds(self) -> Thresholds:
        """Thresholds that follow the load on people: where they stand, why, and the next look."""
        from workbench.front.thresholds import Thresholds

        return Thresholds(self._whole)

    @cached_property
    def staffing(self) -> Staffing:
        """People needed per interval, planned and lived through."""
        from workbench.front.staffing import Staffing

        return Staffing(self._whole)

    @cached_property
    def promises(self) -> Promises:
        """Thresholds that keep a promise about wrong answers."""
        from workbench.front.promises import Promises

        return Promises(self._whole)

    @cached_property
    def competence(self) -> Competence:
        """Measured competence against declared stakes, and what owners decided."""
        from workbench.front.competence import Competence

        return Competence(self._whole)

    @cached_property
    def proposals(self) -> Proposals:
        """Changes of the policy that somebody proposed and somebody else decides on."""
        from workbench.front.proposals import Proposals

        return Proposals(self._whole)

    @cached_property
    def experiments(self) -> Experiments:
        """Shadow and A/B experiments, from the plan to what was learned."""
        from workbench.front.experiments import Experiments

        return Experiments(self._whole)

    @cached_property
    def monitoring(self) -> Monitoring:
        """Whether the process broke, the model drifted or the customers changed; alerts."""
        from workbench.front.monitoring import Monitoring

        return Monitoring(self._whole)

    @cached_property
    def evaluations(self) -> Evaluations:
        """Runs of everything in one version on one set of cases, and their comparison."""
        from workbench.front.evaluations import Evaluations

        return Evaluations(self._whole)

    @cached_property
    def labels(self) -> Labels:
        """Which messages to label next, the answers of people, and what they have brought."""
        from workbench.front.labels import Labels

        return Labels(self._whole)

    @cached_property
    def friction(self) -> Friction:
        """Where to start next: friction map, missing articles, second look."""
        from workbench.front.friction import Friction

        return Friction(self._whole)
