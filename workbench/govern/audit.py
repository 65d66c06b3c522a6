"""The chain that makes the ledger tamper-evident, and the anchors kept outside the database.

Each event carries `digest` = SHA-256 of salt and data, and `hash` = SHA-256 over the hash before
it in its stream, its header and its digest. Erasure removes data and salt and leaves the rest, so
the chain still verifies while nothing of the person can be read or guessed from it.

A chain alone cannot see that its end was cut off or written anew. So checkpoints (anchors) are
appended to a file outside the database: how many events there were, and for every stream that
grew since, its length and last hash. The anchors form a chain themselves.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import Corrupt
from workbench.records.base import Instant, Record

HEADER = (
    "seq",
    "id",
    "tenant",
    "stream",
    "position",
    "at",
    "kind",
    "actor",
    "on_behalf_of",
    "request_id",
    "policy_version",
)
"""What of an event, besides its data, the hash covers."""


class Link(Record):
    """An event as the chain sees it: texts exactly as stored."""

    seq: int
    id: str
    tenant: str
    stream: str
    position: int
    at: str
    kind: str
    actor: str
    on_behalf_of: str
    request_id: str
    policy_version: str
    data: str | None
    salt: str | None
    digest: str
    previous: str
    hash: str

    @property
    def erased(self) -> bool:
        return self.data is None and self.salt is None


class Finding(Record):
    """One place where the ledger contradicts itself or its anchors."""

    what: str
    """`edited`, `header_edited`, `missing`, `out_of_order`, `inserted`, `truncated`,
    `rewritten` or `anchor_broken`."""
    stream: str
    position: int
    """Position in the stream (of the first bad event; for `anchor_broken` the file's line)."""
    seq: int | None = None
    detail: str = ""


class Anchor(Record):
    """A checkpoint of one tenant's ledger."""

    at: Instant
    tenant: str
    last_seq: int
    count: int
    """Events of the tenant up to `last_seq`."""
    heads: dict[str, tuple[int, str]]
    """Stream -> length and last hash, for streams that grew since the anchor before."""
    previous: str = ""
    """Hash of the anchor before it."""
    hash: str = ""

    def sealed(self) -> Anchor:
        """The anchor with its own hash over everything else."""
        text = json.dumps(self.model_dump(mode="json", exclude={"hash"}), sort_keys=True)
        return self.model_copy(update={"hash": _sha256(text)})


class AuditReport(Record):
    """What verification found. `ok` only when nothing contradicts anything."""

    events: int
    streams: int
    erased: int
    """Events whose data was erased; each must match an erasure that somebody answers for."""
    anchors: int
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.findings


def _sha256(*parts: str) -> str:
    """Over the parts, each preceded by its length, so that no two lists of parts collide."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def digest_of(salt: str, data: str) -> str:
    return _sha256(salt, data)


def hash_of(previous: str, header: dict[str, Any], digest: str) -> str:
    return _sha256(previous, *(str(header[name]) for name in HEADER), digest)


@dataclass
class Walk:
    """A walk along every chain of a tenant's ledger."""

    findings: list[Finding] = field(default_factory=list)
    streams: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Stream -> (seq, hash) of its events, in order."""
    events: int = 0
    erased: int = 0

    def report(self, anchors: list[Anchor]) -> AuditReport:
        """What was found along the chains and against the checkpoints."""
        return AuditReport(
            events=self.events,
            streams=len(self.streams),
            erased=self.erased,
            anchors=len(anchors),
            findings=(*self.findings, *check_anchors(anchors, self.streams)),
        )


def check_chain(links: Iterable[Link]) -> Walk:
    """Walk links ordered by stream and position.

    An edit is found at its event, a deletion or insertion at the first event after it.
    """
    walk = Walk()
    before: Link | None = None
    for link in links:
        if before is not None and before.stream != link.stream:
            before = None
        walk.findings.extend(_check_link(link, before))
        walk.streams.setdefault(link.stream, []).append((link.seq, link.hash))
        walk.events += 1
        walk.erased += link.erased
        before = link
    return walk


def _check_link(link: Link, before: Link | None) -> Iterable[Finding]:
    def found(what: str, detail: str) -> Finding:
        return Finding(
            what=what, stream=link.stream, position=link.position, seq=link.seq, detail=detail
        )

    expected = 1 if before is None else before.position + 1
    if link.position > expected:
        yield found("missing", f"positions {expected} to {link.position - 1} are gone")
    elif link.position < expected:
        yield found("inserted", f"position {link.position} is taken twice")
    elif link.previous != ("" if before is None else before.hash):
        yield found("out_of_order", "it does not follow the event before it")
    if before is not None and link.seq <= before.seq:
        yield found("out_of_order", "its number in the ledger is lower than the one before")
    if not link.erased and digest_of(link.salt or "", link.data or "") != link.digest:
        yield found("edited", "its data is not what was written")
    if hash_of(link.previous, link.model_dump(include=set(HEADER)), link.digest) != link.hash:
        yield found("header_edited", "its header or place is not what was written")


def read_anchors(path: Path) -> list[Anchor]:
    """The checkpoints in a file, none when it does not exist. `Corrupt` when it cannot be read."""
    if not path.exists():
        return []
    return _anchors_in(path, path.read_text(encoding="utf-8"))


def _anchors_in(path: Path, text: str) -> list[Anchor]:
    whole, _, _torn = text.rpartition("\n")  # a crash while appending leaves half a line
    try:
        return [Anchor.model_validate_json(line) for line in whole.splitlines()]
    except ValueError as error:
        raise Corrupt(
            f"{path} is not a file of checkpoints", next_step="Restore it from its copy."
        ) from error


def append_anchor(path: Path, make: Callable[[Anchor | None], Anchor]) -> Anchor:
    """Seal the checkpoint that follows the file's last one and append it, on disk when it returns.

    One process appends at a time. Nothing is written when no event came since the last one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        known = _anchors_in(path, text)
        last = known[-1] if known else None
        new = make(last)
        if last is not None and new.last_seq == last.last_seq:
            return last
        sealed = new.model_copy(update={"previous": last.hash if last else ""}).sealed()
        file.truncate(len((text.rpartition("\n")[0] + "\n").encode()) if known else 0)
        file.write(sealed.model_dump_json() + "\n")
        file.flush()
        os.fsync(file.fileno())
        return sealed


def check_anchors(
    anchors: list[Anchor], streams: dict[str, list[tuple[int, str]]]
) -> list[Finding]:
    """Compare the ledger with its checkpoints; each stream's first contradiction is reported."""
    findings: list[Finding] = []
    told: set[str] = set()
    seqs = sorted(seq for chain in streams.values() for seq, _ in chain)
    previous = ""
    for line, anchor in enumerate(anchors, 1):
        if anchor.previous != previous or anchor.sealed().hash != anchor.hash:
            findings.append(Finding(what="anchor_broken", stream="", position=line))
        previous = anchor.hash
        news = [f for f in _check_heads(anchor, streams) if f.stream not in told]
        told.update(finding.stream for finding in news)
        findings.extend(news or _check_count(anchor, seqs, bool(findings)))
    return findings


def _check_heads(anchor: Anchor, streams: dict[str, list[tuple[int, str]]]) -> Iterable[Finding]:
    for stream, (length, last) in sorted(anchor.heads.items()):
        chain = streams.get(stream, [])
        if len(chain) < length:
            yield Finding(
                what="truncated",
                stream=stream,
                position=len(chain) + 1,
                detail=f"{length} events were there at {anchor.at:%Y-%m-%d %H:%M:%S} UTC",
            )
        elif chain[length - 1][1] != last:
            yield Finding(
                what="rewritten",
                stream=stream,
                position=length,
                seq=chain[length - 1][0],
                detail=f"another event was there at {anchor.at:%Y-%m-%d %H:%M:%S} UTC",
            )


def _check_count(anchor: Anchor, seqs: list[int], known: bool) -> Iterable[Finding]:
    """The number of events under the checkpoint: more means that some were slipped in."""
    count = bisect_right(seqs, anchor.last_seq)
    if count != anchor.count and not known:
        yield Finding(
            what="inserted" if count > anchor.count else "missing",
            stream="",
            position=0,
            seq=anchor.last_seq,
            detail=f"{anchor.count} events were there up to here, now {count}",
        )
