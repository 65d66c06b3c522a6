"""Who is asking. Authorisation below flows and models looks at nothing else."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.base import Record


class Role(StrEnum):
    """The closed list of roles."""

    CUSTOMER = "customer"
    HUMAN_AGENT = "human_agent"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"
    SERVICE = "service"


class Principal(Record):
    """A person or process with a role in one tenant.

    The assistant has no rights of its own: it acts with the principal of the customer it talks to,
    so a model that obeys an attacker still sees only what that customer may see.
    """

    id: str
    """Stable identifier of the person or process."""
    role: Role
    tenant: str = "main"
    """The organisation whose data this principal may touch at all."""
    customer_id: str | None = None
    """For role customer: the account that the channel claims."""
    proven: bool = False
    """For role customer: whether the identity has been proven in this conversation."""


def customer_principal(
    customer_id: str, *, tenant: str = "main", proven: bool = False
) -> Principal:
    """The principal of a customer on their own account."""
    return Principal(
        id=f"customer:{customer_id}",
        role=Role.CUSTOMER,
        tenant=tenant,
        customer_id=customer_id,
        proven=proven,
    )


def name_of(principal_id: str) -> str:
    """The name in an id: `ana` of `human_agent:ana`."""
    return principal_id.rpartition(":")[2]


def same_person(one: str, other: str) -> bool:
    """Whether ids such as `human_agent:ana` and `supervisor:Ana` are one person's."""
    return _comparable(one) == _comparable(other)


def _comparable(principal_id: str) -> str:
    return name_of(principal_id).strip().casefold()
