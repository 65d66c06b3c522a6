"""Posting alerts to a real HTTP server on this machine that works, fails, hangs, drips or points
elsewhere."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from workbench.errors import ConfigError
from workbench.records.alerts import AlertState, RaiseAlert, stream_of
from workbench.records.base import SteppingClock
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role
from workbench.store import Store, Transaction
from workbench.systems.webhook import Poster, checked, deliver

SERVICE = Principal(id="service:test", role=Role.SERVICE)
QUICK = Poster(deadline_seconds=0.6)


class _Handler(BaseHTTPRequestHandler):
    seen: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.strip("/")
        self.seen.append({"path": name, "headers": dict(self.headers), "body": json.loads(body)})
        getattr(self, f"_{name.partition('-')[0]}")(name.partition("-")[2])

    def _status(self, code: str) -> None:
        self.send_response(int(code))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang(self, _: str) -> None:
        time.sleep(3)

    def _drip(self, _: str) -> None:
        """One byte of the answer in every moment: no read ever times out."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100:
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def _redirect(self, _: str) -> None:
        self.send_response(307)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/status-200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _garbage(self, _: str) -> None:
        self.wfile.write(b"this is not http\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    _Handler.seen.clear()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_address[1]}"
    listening.shutdown()


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(datetime(2026, 5, 4, 10, tzinfo=UTC))


def alert(store: Store, url: str, cause: str = "tool_failing") -> None:
    state = AlertState(
        cause=cause,
        kind="process",
        since=date(2026, 5, 1),
        sentence="It fails – früh",
        advice="Look",
    )
    wish = plan(RaiseAlert(state=state, webhook=url), f"raise-{cause}-{url}")
    store.commit(
        Transaction(
            principal=SERVICE,
            stream=stream_of("service"),
            request_id=f"r-{cause}-{url}",
            actions=(wish,),
        )
    )


@pytest.mark.parametrize("code", [200, 202, 204])
def test_an_alert_is_posted_as_json_under_its_key_and_only_once(store, server, code) -> None:
    alert(store, f"{server}/status-{code}")
    (sent,) = deliver(store, SERVICE, QUICK)
    assert sent.sent and sent.detail == f"status {code}"
    (seen,) = _Handler.seen
    assert seen["headers"]["Idempotency-Key"] == sent.key
    assert seen["headers"]["Content-Type"].startswith("application/json")
    assert seen["body"]["cause"] == "tool_failing" and seen["body"]["sentence"] == "It fails – früh"
    assert deliver(store, SERVICE, QUICK) == () and len(_Handler.seen) == 1


FAILING = ["status-500", "status-429", "status-404", "hang", "drip", "garbage", "redirect"]


@pytest.mark.parametrize("path", FAILING)
def test_a_server_that_fails_costs_at_most_the_deadline_and_is_tried_again(
    store, server, clock, path
) -> None:
    alert(store, f"{server}/{path}")
    began = time.monotonic()
    (told,) = deliver(store, SERVICE, QUICK)
    assert time.monotonic() - began < 2
    assert not told.sent and told.next_attempt
    assert deliver(store, SERVICE, QUICK) == (), "not before its pause is over"
    clock.at = datetime.fromisoformat(told.next_attempt)
    (again,) = deliver(store, SERVICE, QUICK)
    keys = [seen["headers"]["Idempotency-Key"] for seen in _Handler.seen]
    assert keys == [told.key, told.key] and again.key == told.key


def test_a_redirect_is_not_followed(store, server) -> None:
    alert(store, f"{server}/redirect")
    (told,) = deliver(store, SERVICE, QUICK)
    assert not told.sent and told.detail == "status 307"
    assert [seen["path"] for seen in _Handler.seen] == ["redirect"]


def test_nobody_at_home_is_a_failure_in_words(store, server) -> None:
    alert(store, "http://127.0.0.1:9/closed")
    (told,) = deliver(store, SERVICE, QUICK)
    assert not told.sent and told.detail.startswith("no answer: ")


def test_one_that_fails_does_not_keep_the_others_back(store, server) -> None:
    for cause, path in (("one", "status-500"), ("two", "hang"), ("three", "status-200")):
        alert(store, f"{server}/{path}", cause)
    told = deliver(store, SERVICE, QUICK)
    assert [one.sent for one in told] == [False, False, True]


@pytest.mark.parametrize(
    "address",
    [
        "http://alerts.example.com/hook",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "",
    ],
)
def test_nothing_goes_to_an_address_in_the_clear_or_with_a_password(store, address) -> None:
    with pytest.raises(ConfigError, match="Nothing is posted"):
        checked(address)
    if address:
        alert(store, address)
        (told,) = deliver(store, SERVICE, QUICK)
        assert not told.sent and "Nothing is posted" in told.detail


@pytest.mark.parametrize(
    "address", ["https://example.com/a?b=c", "http://localhost:8080/", "http://[::1]:80/x"]
)
def test_https_anywhere_and_http_on_this_machine_are_fine(address) -> None:
    assert checked(address).hostname
