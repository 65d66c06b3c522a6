"""Loaded by Python at its start when this folder is on PYTHONPATH: no way out of this machine.

Every connection or look-up of a name that is not this machine's own is written to the file that
SOCKET_GUARD names, and refused.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a unix socket
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _HERE:
        with open(os.environ["SOCKET_GUARD"], "a", encoding="utf-8") as log:
            log.write(f"{event} {name}\n")
        raise ConnectionRefusedError(f"{event} to {name}: no outbound connections")


sys.addaudithook(_watch)
