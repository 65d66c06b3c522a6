"""Amounts and currencies in a message."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache

from workbench.triage.wording import once, read_lexicon

_NUMBER = r"\d{1,3}(?:[.,' ’]\d{3})+(?:[.,]\d{1,3})?|\d+(?:[.,]\d{1,3})?"
_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD"}
_AMOUNT = re.compile(
    rf"(?P<sign>[€£¥$])\s?(?P<a>{_NUMBER})|(?<![\w.,-])(?P<b>{_NUMBER})\s?(?P<after>[€£¥$])"
    rf"|\b(?P<code>[A-Z]{{3}})\s?(?P<c>{_NUMBER})(?![\w-])"
    rf"|(?<![\w.,-])(?P<d>{_NUMBER})\s?(?P<name>[A-Za-zÀ-ÿ]{{2,10}})\b"
)
_BARE = re.compile(r"(?<![\w.,/-])(\d{1,3}(?:[.,]\d{3})*[.,]\d{2})(?![\w/-]|[.,]\d)")


def read_amounts(text: str) -> tuple[tuple[tuple[Decimal, str | None], ...], str]:
    found: list[tuple[Decimal, str | None]] = []

    def keep(match: re.Match[str]) -> str:
        currency = _currency_of(match)
        number = next(match[g] for g in "abcd" if match[g])
        amount = decimal_of(number) if currency else None
        if amount is None:
            return match.group()
        found.append((amount, currency))
        return " "

    def bare(match: re.Match[str]) -> str:
        amount = decimal_of(match[1])
        found.extend([(amount, None)] if amount is not None else [])
        return " "

    rest = _AMOUNT.sub(keep, text)
    rest = _BARE.sub(bare, rest)
    return once(found), rest


def _currency_of(match: re.Match[str]) -> str | None:
    sign = match["sign"] or match["after"]
    if sign:
        return _SYMBOLS[sign]
    names = _currency_names()
    if match["code"]:
        return match["code"] if match["code"].casefold() in names else None
    return names.get(match["name"].casefold()) if match["name"] else None


@cache
def _currency_names() -> dict[str, str]:
    table: dict[str, list[str]] = read_lexicon()["currency"]
    return {name: code for code, names in table.items() for name in (code.casefold(), *names)}


def decimal_of(text: str) -> Decimal | None:
    """A number written in any of the four languages: 1,234.50, 1.234,50, 1 234,50, 1234.5.

    One mark with three digits behind it groups thousands, unless the part before it is 0.
    """
    digits = re.sub(r"[ '’]", "", text)
    marks = [c for c in digits if c in ".,"]
    if len(set(marks)) == 2:
        group = "," if digits.rfind(".") > digits.rfind(",") else "."
        digits = digits.replace(group, "").replace(",", ".")
    elif marks:
        head, _, tail = digits.rpartition(marks[0])
        groups = len(marks) > 1 or (len(tail) == 3 and head != "0")
        digits = digits.replace(marks[0], "" if groups else ".")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None
