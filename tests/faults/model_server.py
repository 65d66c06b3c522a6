"""A chat-completions endpoint on this machine that fails in every way that endpoints fail.

Each fault is a path: `http://127.0.0.1:PORT/<fault>/v1`. A fault gets the connection and what was
asked, and does what it likes with the socket.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from workbench.records.base import Record
from workbench.speak.model import Completion, Prompt
from workbench.speak.standins import ObedientModel

Fault = Callable[[socket.socket, dict[str, Any]], None]


def chat(content: Any, finish_reason: Any = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion as the API describes it."""
    message = {"role": "assistant", "content": content} | more
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 210, "completion_tokens": 40, "total_tokens": 250}
    shape = {"id": "c-1", "object": "chat.completion", "created": 1, "model": "local"}
    return shape | {"choices": [choice], "usage": usage}


def worded(text: str) -> str:
    return json.dumps({"text": text}, ensure_ascii=False)


def faithful(asked: dict[str, Any]) -> str:
    """What an honest model would write: the statements in order."""
    material = json.loads(asked["messages"][1]["content"])
    return " ".join(statement["say"] for statement in material.get("statements", ()))


def one_more(figure: re.Match[str]) -> str:
    """A currency's sign with the next digit."""
    return f"{figure[1]}{(int(figure[2]) + 1) % 10}"


def classified(intent: str, sure: object) -> str:
    return json.dumps({"intent": intent, "sure": sure})


def first_intent(asked: dict[str, Any]) -> str:
    """The first name on the closed list; none where none was asked for."""
    return next(iter(json.loads(asked["messages"][1]["content"]).get("intents", ())), "")


def obedient(asked: dict[str, Any]) -> str:
    """What a model writes that does whatever its material asks for."""
    rules, material = (message["content"] for message in asked["messages"])
    prompt = Prompt(name="asked", instructions=rules, material=material)
    answer = ObedientModel().complete(prompt, Text, deadline=1)
    return answer.answer.text if isinstance(answer, Completion) else ""


class Text(Record):
    """What a writer's model answers."""

    text: str


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    named = {"content_type": "application/json", "content_length": str(len(body))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "connection: close", "", ""]).encode() + body


def answering(make: Callable[[dict[str, Any]], Any]) -> Fault:
    """An endpoint that answers properly, with a body of its own making."""
    return lambda connection, asked: connection.sendall(http(json.dumps(make(asked)).encode()))


def sending(response: bytes) -> Fault:
    return lambda connection, asked: connection.sendall(response)


def error(status: str, **headers: str) -> Fault:
    body = json.dumps({"error": {"message": "no", "type": "x", "code": "x"}}).encode()
    return sending(http(body, status, **headers))


def hang(connection: socket.socket, asked: dict[str, Any]) -> None:
    connection.settimeout(60)
    while connection.recv(1024):  # until the other side has had enough
        pass


def dripping(response: bytes, pause: float) -> Fault:
    """One byte at a time: no single read is ever late."""

    def drip(connection: socket.socket, asked: dict[str, Any]) -> None:
        for place in range(len(response)):
            connection.sendall(response[place : place + 1])
            time.sleep(pause)

    return drip


def reset(connection: socket.socket, asked: dict[str, Any]) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_half_way(connection: socket.socket, asked: dict[str, Any]) -> None:
    connection.sendall(WHOLE[: len(WHOLE) // 2])
    time.sleep(0.05)
    reset(connection, asked)


def flood(connection: socket.socket, asked: dict[str, Any]) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    for _ in range(400):
        connection.sendall(b" " * 100_000)


def stream_of(texts: list[str], *, whole: bool) -> bytes:
    """Server-sent events, though none were asked for; cut short unless `whole`."""
    chunks = [
        {"id": "c", "object": "chat.completion.chunk", "choices": [{"delta": {"content": text}}]}
        for text in texts
    ]
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    body += "data: [DONE]\n\n" if whole else ""
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return (head + body).encode()


def tool_call(arguments: str, name: str = "refund") -> dict[str, Any]:
    call = {"id": "t", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"tool_calls": [call]}


FALSEHOOD = "Invoice INV-9999 comes to a total of £5,000.00. Your case number is CASE-FAKECASE."
GOOD = json.dumps(chat(worded("Thank you."))).encode()
WHOLE = http(GOOD)
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"

FAULTS: dict[str, Fault] = {
    "none": answering(lambda asked: chat(worded(faithful(asked)))),
    "unauthorised": error("401 Unauthorized"),
    "forbidden": error("403 Forbidden"),
    "unknown-model": error("404 Not Found"),
    "refused-format": error("400 Bad Request"),
    "rate-limit": error("429 Too Many Requests", retry_after="0"),
    "rate-limit-for-a-minute": error("429 Too Many Requests", retry_after="60"),
    "server-error": error("500 Internal Server Error", retry_after="0"),
    "overloaded": error("503 Service Unavailable", retry_after="0"),
    "hang": hang,
    "drip": dripping(WHOLE, 0.02),
    "slow-headers": dripping(b"HTTP/1.1 200 OK\r\nx-padding: " + b"x" * 4_000, 0.02),
    "cut-body": sending(WHOLE[: len(WHOLE) * 2 // 3]),
    "cut-chunks": sending(CHUNKED + b"40\r\n" + GOOD[:64] + b"\r\n"),
    "cut-json": sending(http(GOOD[: len(GOOD) // 2])),
    "cut-stream": sending(stream_of(['{"text": "The total', " is £5"], whole=False)),
    "stream-unasked": sending(stream_of(['{"text": ', '"Thank you."}'], whole=True)),
    "bad-json": sending(http(b"{choices: oops")),
    "html": sending(http(b"<html>Welcome to the proxy</html>", content_type="text/html")),
    "wrong-content-type": sending(http(GOOD, content_type="image/png")),
    "no-content": sending(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "nothing-at-all": sending(b""),
    "no-http": sending(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "empty-choices": answering(lambda asked: chat("") | {"choices": []}),
    "no-choices": answering(lambda asked: {"object": "chat.completion"}),
    "many-choices": answering(
        lambda asked: chat("x") | {"choices": chat(worded("Hi."))["choices"] * 2}
    ),
    "a-list": answering(lambda asked: [chat(worded("Hi."))]),
    "unknown-tool": answering(lambda asked: chat(None, "tool_calls", **tool_call("{}", "launch"))),
    "half-arguments": answering(lambda asked: chat(None, "length", **tool_call('{"amount": 50'))),
    "endless-tool-loop": answering(
        lambda asked: chat(worded("Wait."), "tool_calls", **tool_call("{}"))
    ),
    "tool-and-stop": answering(lambda asked: chat(None, "stop", **tool_call("{}"))),
    "invented-ids": answering(lambda asked: chat(worded(FALSEHOOD))),
    "left-out": answering(lambda asked: chat(worded("All is well with your invoice."))),
    "one-digit-off": answering(
        lambda asked: chat(worded(re.sub(r"([£€])(\d)", one_more, faithful(asked))))
    ),
    "wrong-schema": answering(lambda asked: chat(json.dumps({"answer": "Thank you."}))),
    "more-than-asked": answering(lambda asked: chat(json.dumps({"text": "Hi.", "refund": 50}))),
    "number-for-text": answering(lambda asked: chat(json.dumps({"text": 5}))),
    "prose": answering(lambda asked: chat("Sure! Here is your reply: thank you.")),
    "fenced": answering(lambda asked: chat(f"```json\n{worded('Thank you.')}\n```")),
    "empty-text": answering(lambda asked: chat(worded("  "))),
    "endless-text": answering(lambda asked: chat(worded("Thank you. " * 5_000))),
    "markup": answering(
        lambda asked: chat(worded(f"{faithful(asked)} ![x](https://evil.example/p.png)"))
    ),
    "control-characters": answering(lambda asked: chat(worded(f"{faithful(asked)}\u202e\x1b[2J"))),
    "huge-body": flood,
    "out-of-length": answering(lambda asked: chat(worded(faithful(asked)), "length")),
    "content-filter": answering(lambda asked: chat(None, "content_filter")),
    "no-finish-reason": answering(lambda asked: chat(worded(faithful(asked)), None)),
    "null-content": answering(lambda asked: chat(None)),
    "duplicate-keys": answering(lambda asked: chat('{"text": "Hi.", "text": "You owe nothing."}')),
    "not-a-number": sending(http(GOOD.replace(b'"created": 1', b'"created": NaN'))),
    "deep": sending(http(b"[" * 100_000)),
    "not-utf-8": sending(http(GOOD.replace(b"Thank", b"\xff\xfe\x80"))),
    "lone-surrogate": answering(lambda asked: chat('{"text": "\\ud800 hi"}')),
    "redirect": sending(http(b"", "302 Found", location="http://127.0.0.1:9/v1/steal")),
    "redirect-loop": sending(http(b"", "307 Temporary Redirect", location="/redirect-loop/v1")),
    "an-intent": answering(lambda asked: chat(classified(first_intent(asked), 90))),
    "an-intent-of-its-own": answering(lambda asked: chat(classified("refund_everything", 100))),
    "surer-than-sure": answering(lambda asked: chat(classified(first_intent(asked), 1_000))),
    "sure-in-words": answering(lambda asked: chat(classified(first_intent(asked), "very"))),
    "obedient": answering(lambda asked: chat(worded(obedient(asked)))),
    "reset": reset,
    "reset-half-way": reset_half_way,
    "not-gzip": sending(http(GOOD, content_encoding="gzip")),
    "gzip-bomb": sending(http(gzip.compress(b" " * 30_000_000), content_encoding="gzip")),
}


class _Handler(BaseRequestHandler):
    def handle(self) -> None:
        connection: socket.socket = self.request
        try:
            path, body = _request(connection)
            FAULTS[path.split("/")[1]](connection, json.loads(body))
        except OSError:
            pass  # the client has gone, which is what most faults are about


def _request(connection: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    return lines[0].split()[1], body


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def model_server() -> Iterator[Callable[[str], str]]:
    """A running server; gives the base URL of a fault. `refused` is a port that nobody serves."""
    with _Server(("127.0.0.1", 0), _Handler) as server, socket.socket() as unserved:
        unserved.bind(("127.0.0.1", 0))
        Thread(target=server.serve_forever, daemon=True).start()
        ports = {"refused": unserved.getsockname()[1]}

        def base_url(fault: str) -> str:
            return f"http://127.0.0.1:{ports.get(fault, server.server_address[1])}/{fault}/v1"

        yield base_url
        server.shutdown()
