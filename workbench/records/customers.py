"""Customers, the ways to reach them, and who may speak for them."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.base import Instant, Record


class PointKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"


class ContactPoint(Record):
    """One way to reach a customer. Copies and notices go to verified points only."""

    kind: PointKind
    value: str
    verified: bool = True
    holder: str = ""
    """The person behind it, where a company has several."""


class Delegate(Record):
    """Another account or person who may act for this customer."""

    name: str
    """Full name as registered."""
    customer_id: str | None = None
    """Their own account, if they have one."""
    scope: str = "invoices"
    """What they may discuss: `invoices`, `cases` or `all`."""


class Customer(Record):
    """A customer account as the CRM knows it."""

    id: str
    name: str = ""
    company: str = ""
    segment: str = "standard"
    """`standard`, `business` or `key_account`; the owner of the POC may name others."""
    language: str = "en"
    """BCP 47 primary tag, used when a message's own language is unclear."""
    country: str = ""
    time_zone: str = "UTC"
    """IANA name; promised times are spoken in it."""
    postcode: str = ""
    vulnerable: bool = False
    """On record as needing a person by default."""
    since: Instant | None = None
    contact_points: tuple[ContactPoint, ...] = ()
    delegates: tuple[Delegate, ...] = ()
    revision: int = 1

    def delegates_to(self, customer_id: str | None, scope: str) -> bool:
        """Whether another account is registered to speak for this one within a scope."""
        return customer_id is not None and any(
            delegate.customer_id == customer_id and delegate.scope in (scope, "all")
            for delegate in self.delegates
        )
