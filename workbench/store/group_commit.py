"""Group commit: writers who come at the same time share one transaction and one wait for the disk.

A writer who finds nobody at work leads: it commits its own work, as it would without the others.
Whoever comes meanwhile waits; then the first of them leads the next group, which runs the work of
all who wait, each under a savepoint of its own, and commits once. So a writer that is alone pays
nothing, no thread stands by, and under load one wait for the disk makes the work of many durable.
Nobody is answered before the commit that holds its work has returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Condition, Event
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from sqlalchemy import Connection

from workbench.errors import Unavailable

T = TypeVar("T")

Work = Callable[[Connection], T]
Answer = Callable[[], T]
"""Gives what the work came to: its result, or the error that it ended in."""


class RunsTransaction(Protocol):
    """Runs work in one transaction and commits it; when it raises, nothing was written."""

    def __call__(self, work: Work[T], /) -> T: ...


class GroupCommit:
    """Lets the threads that share one database commit together.

    Other processes have their own and take turns at BEGIN IMMEDIATE. A process that is forked
    while threads write cannot use SQLite at all (its mutexes stay locked); start it by `spawn`.
    """

    def __init__(self, run_transaction: RunsTransaction) -> None:
        self._run_transaction = run_transaction
        self._state = Condition()
        self._led = False
        self._waiting: list[_Writer[Any]] = []

    def write(self, work: Work[T]) -> T:
        """Run the work and commit it, perhaps with that of others; its own errors are raised here.

        When the commit of a group fails, every writer of the group gets that error.
        """
        writer = _Writer(work)
        try:
            self._queue(writer)
            writer.called.wait()
            if not writer.done:
                self._lead()
        except BaseException:  # e.g. Ctrl-C: somebody else must lead
            self._withdraw(writer)
            raise
        return writer.answer()

    def drain(self) -> None:
        """Wait until everybody who is writing has been answered."""
        with self._state:
            self._state.wait_for(lambda: not self._led)

    def _queue(self, writer: _Writer[Any]) -> None:
        with self._state:
            self._waiting.append(writer)
            if not self._led:
                self._call_leader()

    def _withdraw(self, writer: _Writer[Any]) -> None:
        with self._state:
            if writer in self._waiting:
                self._waiting.remove(writer)
                if writer.called.is_set():
                    self._call_leader()

    def _call_leader(self) -> None:
        """The first who waits leads; with nobody there, the next who comes will."""
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].called.set()
        else:
            self._state.notify_all()

    def _lead(self) -> None:
        with self._state:
            group, self._waiting = self._waiting, []
        try:
            self._run(group)
        finally:
            with self._state:
                self._call_leader()
            for writer in group:
                writer.done = True
                writer.called.set()

    def _run(self, group: Sequence[_Writer[Any]]) -> None:
        if len(group) > 1 and self._run_together(group):
            return
        for writer in group:
            writer.answer = _answer(partial(self._run_transaction, writer.work))

    def _run_together(self, group: Sequence[_Writer[Any]]) -> bool:
        """Answer a group after its commit; False when the database gave up the transaction.

        That is then due to one of them (its import fills the disk), and the others shall not pay.
        """
        answers: list[Answer[Any]] = []

        def run_each(connection: Connection) -> None:
            answers[:] = [_under_savepoint(connection, writer.work) for writer in group]

        try:
            self._run_transaction(run_each)
        except _GivenUp:
            return False
        except Exception as error:  # the commit failed: each of them hears it
            answers[:] = [_raising(error)] * len(group)
        for writer, answer in zip(group, answers, strict=True):
            writer.answer = answer
        return True


class _Writer(Generic[T]):
    """A caller's work, and the answer once there is one."""

    def __init__(self, work: Work[T]) -> None:
        self.work = work
        self.called = Event()
        """Set when it is this writer's turn to lead, or when its work is done."""
        self.done = False
        self.answer: Answer[T] = _interrupted


class _GivenUp(Exception):
    """SQLite rolled back the whole transaction, not just the statement that failed."""


def _answer(step: Callable[[], T]) -> Answer[T]:
    try:
        result = step()
    except Exception as error:  # not swallowed: raised again in the thread of whoever wrote
        return _raising(error)
    return lambda: result


def _under_savepoint(connection: Connection, work: Work[T]) -> Answer[T]:
    """The answer of one member of a group; its error undoes its own work only."""
    connection.exec_driver_sql("SAVEPOINT member")
    try:
        result = work(connection)
    except Exception as error:  # likewise; the others of the group go on
        _undo(connection, error)
        return _raising(error)
    connection.exec_driver_sql("RELEASE member")
    return lambda: result


def _undo(connection: Connection, error: Exception) -> None:
    sqlite = connection.connection.driver_connection
    if not (sqlite and sqlite.in_transaction):
        raise _GivenUp from error
    connection.exec_driver_sql("ROLLBACK TO member")
    connection.exec_driver_sql("RELEASE member")


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def answer() -> NoReturn:
        raise error

    return answer


def _interrupted() -> NoReturn:
    raise Unavailable(
        "The commit was interrupted together with the writer that led it",
        next_step="Repeat the same request: what was written already is not written twice.",
    )
