"""What was summed up of a history once, kept so that a changed rule is answered without reading it.

For each part of history (since launch, one channel, ...) the coded contacts and their situations
stay in memory: some 90 bytes a contact. A policy that they know is answered from the situations.
For a number or a field that no rule looked at before, the coded contacts are read that it sets
apart; history itself only when it has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.measure.coded import CodedContacts
from workbench.measure.cube import ThresholdCube
from workbench.measure.finer import told_apart
from workbench.measure.situations import Situations
from workbench.measure.sums import Scope
from workbench.records.base import Clock, SystemClock

if TYPE_CHECKING:
    from workbench.store.history import History

PARTS = 2
"""Parts of history that are kept at once; the one not asked for longest goes first."""

_Part = tuple[tuple[str, Any], ...]


@dataclass
class _Kept:
    """One part of history as it was at one moment."""

    state: tuple[object, ...]
    built_at: datetime
    situations: Situations
    finer: Situations | None = None
    """The same, apart also by what the newest policy looks at that needed it."""

    def knowing(self, policy: Policy) -> Situations:
        """Situations that can be decided by a policy."""
        for known in (self.finer, self.situations):
            if known and known.knows(policy):
                return known
        if self.finer:
            self.finer.drop()
        self.finer = told_apart(self.situations, policy)
        return self.finer

    def drop(self) -> None:
        for each in (self.finer, self.situations):
            if each:
                each.drop()
        self.situations.coded.drop()


class KeptSituations:
    """Situations of a history for long use. Threads may share it; one answers at a time.

    They are built again when facts changed, but not within `at_most_every` of the last building;
    in between they show the older moment.
    """

    def __init__(
        self,
        history: History,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        at_most_every: timedelta = timedelta(0),
    ) -> None:
        self._history, self._settings = history, settings
        self._clock, self._pause = clock or SystemClock(), at_most_every
        self._answering = Lock()
        self._kept: dict[_Part, _Kept] = {}

    def cube(
        self,
        policy: Policy,
        since: datetime | None = None,
        until: datetime | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> ThresholdCube:
        """The cube of a policy over a part of history; arguments as for `ThresholdCube.build`."""
        with self._answering:
            situations = self._knowing(policy, Scope(since, until, where=where or {}))
            return ThresholdCube.of(situations, policy, self._settings)

    def _knowing(self, policy: Policy, scope: Scope) -> Situations:
        part = _part(scope)
        kept = self._kept.pop(part, None)
        if not kept or not self._fresh(kept):
            if kept:
                kept.drop()
            kept = self._read(policy, scope)
        self._kept[part] = kept
        while len(self._kept) > PARTS:
            self._kept.pop(next(iter(self._kept))).drop()
        return kept.knowing(policy)

    def _fresh(self, kept: _Kept) -> bool:
        rested = self._clock.now() >= kept.built_at + self._pause
        return not rested or self._history.state() == kept.state

    def _read(self, policy: Policy, scope: Scope) -> _Kept:
        state, connection = self._history.state(), self._history.connection()
        coded = CodedContacts.build(connection, policy, scope)
        return _Kept(state, self._clock.now(), Situations.build(coded))


def _part(scope: Scope) -> _Part:
    """What tells one part of history from another."""
    values = {
        column: tuple(wanted) if isinstance(wanted, list | set | frozenset) else wanted
        for column, wanted in scope.where.items()
    }
    return (("since", scope.since), ("until", scope.until), *sorted(values.items()))
