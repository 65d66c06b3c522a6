"""Posting messages to another system: to one address, within a deadline, never further.

Only https, or http on this machine. Redirects are not followed: an address that somebody else can
change is not the address that the settings name.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from workbench.errors import ConfigError
from workbench.records.base import Record
from workbench.records.principals import Principal
from workbench.store.operations.alerts import WEBHOOK
from workbench.store.store import Store
from workbench.store.views import Message

LOCAL = {"localhost", "127.0.0.1", "::1"}
DEADLINE_SECONDS = 5.0


class Delivery(Record):
    """What became of one message."""

    key: str
    record: str
    address: str
    sent: bool
    detail: str
    """The answer's status, or what went wrong."""
    next_attempt: str = ""
    """When it is tried again; empty once it was sent."""


@dataclass(frozen=True)
class Poster:
    """Posts JSON."""

    deadline_seconds: float = DEADLINE_SECONDS
    """Wall clock for one message, from the first byte to the answer's status."""

    def post(self, message: Message) -> tuple[bool, str]:
        """Whether the other side took it (any 2xx), and its answer in words.

        Raises `ConfigError` for an address that nothing is posted to.
        """
        url = checked(message.address)
        connection = self._connection(url)
        expired = Timer(self.deadline_seconds, _cut, [connection])
        expired.daemon = True
        expired.start()
        try:
            connection.request("POST", _path(url), _body(message), _headers(message))
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            return False, f"no answer: {type(error).__name__}"
        finally:
            expired.cancel()
            connection.close()
        return 200 <= status < 300, f"status {status}"

    def _connection(self, url: SplitResult) -> HTTPConnection:
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        return kind(url.hostname or "", url.port, timeout=self.deadline_seconds)


def checked(address: str) -> SplitResult:
    """The address, if it is one that messages may go to."""
    url = urlsplit(address)
    safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOCAL)
    if not (safe and url.hostname) or url.username or url.password:
        raise ConfigError(
            f"Nothing is posted to {address!r}",
            expected="https://..., or http:// on this machine, without a password in it",
            next_step="Set `webhook` in the section [monitoring] of poc.toml.",
        )
    return url


def deliver(
    store: Store, principal: Principal, poster: Poster | None = None, limit: int = 100
) -> tuple[Delivery, ...]:
    """Send what is due, oldest first; each is settled on its own."""
    poster = poster or Poster()
    return tuple(
        _send(store, principal, poster, message) for message in store.due(principal, WEBHOOK, limit)
    )


def _send(store: Store, principal: Principal, poster: Poster, message: Message) -> Delivery:
    try:
        sent, detail = poster.post(message)
    except ConfigError as error:
        sent, detail = False, str(error)
    settled = store.settle(principal, message.key, sent=sent)
    again = "" if sent else settled.not_before.isoformat(timespec="seconds")
    return Delivery(
        key=message.key,
        record=message.record,
        address=message.address,
        sent=sent,
        detail=detail,
        next_attempt=again,
    )


def _cut(connection: HTTPConnection) -> None:
    """End a connection that takes too long, wherever it stands."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _body(message: Message) -> bytes:
    return json.dumps(message.payload, ensure_ascii=False).encode()


def _headers(message: Message) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": message.key,
        "User-Agent": "service-workbench",
    }
