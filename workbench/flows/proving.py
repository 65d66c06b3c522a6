"""Proving who writes: what a message offers is compared with what is on file."""

from __future__ import annotations

from workbench.flows.understanding import Message
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.events import EventKind, NewEvent
from workbench.records.principals import Principal
from workbench.systems.ports import Crm


def identity_checked(
    message: Message, conversation: Conversation, crm: Crm, principal: Principal, required: int
) -> NewEvent | None:
    """What came of the identifiers in a message; None: it offers none.

    A try counts as failed where an identifier was asked for or an invoice was named.

    Args:
        required: Matching identifiers that prove a customer.
    """
    claims = _claims(message)
    if not claims:
        return None
    check = crm.check_identity(principal, conversation.customer_id, claims)
    wanted = any(r.asked == "identifier" for r in conversation.open_requests)
    named = message.entities.invoice_numbers
    known = set(conversation.identifiers) | set(check.matched)
    data = {
        "matched": list(check.matched),
        "failed": list(check.failed),
        "counts": bool(check.failed) and not check.matched and (wanted or bool(named)),
        "proven": len(known) >= required,
    }
    return NewEvent(kind=EventKind.IDENTITY_CHECKED, actor="assistant", data=data)


def veiled(customer: Customer) -> Customer:
    """A customer as far as routing needs one: no name, no contact, nothing to leak."""
    hidden = {"name": "", "company": "", "postcode": "", "contact_points": (), "delegates": ()}
    return customer.model_copy(update=hidden)


def _claims(message: Message) -> dict[str, str]:
    """Identifiers that the message offers, by kind; one of each."""
    found = message.entities
    offered = {
        "customer_number": found.customer_numbers,
        "invoice_number": found.invoice_numbers,
        "order_number": found.order_numbers,
        "email": found.emails,
        "phone": found.phones,
        "postcode": found.postcodes,
    }
    return {kind: values[0] for kind, values in offered.items() if values}
