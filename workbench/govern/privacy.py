"""Personal and payment data in free text: masked before anything is stored, logged or sent.

    mask        secrets that nobody here needs: cards, security codes, bank details, passwords
    pseudonym   a stable stand-in for a value, the same for the same key
    find_...    e-mail addresses and phone numbers, for copies that leave the operational store

Every pattern runs in time linear in the text.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import Pattern

from workbench.govern.cards import CARD, SECURITY_CODE, Own, Span, card_numbers, security_codes

BANK_DETAILS = "bank_details"
PASSWORD = "password"
NATIONAL_ID = "national_id"

_STAND_INS = {
    CARD: "[card number removed]",
    SECURITY_CODE: "[security code removed]",
    BANK_DETAILS: "[bank details removed]",
    PASSWORD: "[password removed]",
    NATIONAL_ID: "[personal number removed]",
}


@dataclass(frozen=True)
class Masked:
    """A text without its secrets."""

    text: str
    kinds: tuple[str, ...] = ()
    """Kinds of what was taken out, each once, in order of the text."""


def mask(text: str, *, keep: Sequence[Pattern[str]] = ()) -> Masked:
    """Replace secrets by words that say what stood there.

    Args:
        keep: patterns of the company's own numbers, which are never masked.
    """
    if not _MAYBE.search(text):
        return Masked(text)
    own = Own(text, keep)
    cards = list(card_numbers(text, own))
    others = (
        *_ibans(text),
        *security_codes(text, cards),
        *_bank_numbers(text),
        *_passwords(text),
        *_national_ids(text),
    )
    secrets = [*cards, *(span for span in others if not own.covers(span))]
    return _without(text, _apart(secrets))


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans joined under the kind of the one that begins first, then is longest."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


_MAYBE = re.compile(r"\d|pass|pwd|kennwort|contrase|clave|passe|mdp", re.IGNORECASE)
"""Without a digit and without one of these there is nothing to mask."""


def _without(text: str, spans: Sequence[Span]) -> Masked:
    pieces, end = [], 0
    for span in spans:
        pieces += [text[end : span.start], _STAND_INS[span.kind]]
        end = span.end
    pieces.append(text[end:])
    return Masked("".join(pieces), tuple(dict.fromkeys(span.kind for span in spans)))


# Bank accounts: ISO 13616 IBAN (mod 97), and numbers beside their word

_IBAN_START = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{2}[ \-.]?\d|[A-Za-z]{2}\d)\d")
_IBAN_REST = re.compile(r"[ \-. ]?[A-Za-z0-9]")
_IBAN_LAYOUT = re.compile(
    r"[A-Za-z]{2} ?\d\d(?:[A-Za-z0-9]+"
    r"|(?:[ \-.\u00a0][A-Za-z0-9]{4})+(?:[ \-.\u00a0][A-Za-z0-9]{1,3})?)"
)
"""In one go or in groups of four; words and amounts in a row look otherwise."""
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST",
        26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_WORD = re.compile(r"\biban\W{0,3}(?:\w{1,10}\W{1,3}){0,3}$", re.IGNORECASE)


def _ibans(text: str) -> Iterator[Span]:
    end = 0
    for start in _IBAN_START.finditer(text):
        if start.start() < end:
            continue
        span = _iban_at(text, start.start())
        if span:
            end = span.end
            yield span


def _iban_at(text: str, start: int) -> Span | None:
    """The IBAN that begins here: checked by its digits, or believed where the word stands before.

    A mistyped IBAN is still somebody's bank account.
    """
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    if not length:
        return None
    characters, at = text[start : start + 2], start + 2
    while len(characters) < length:
        found = _IBAN_REST.match(text, at)
        if not found:
            break
        characters, at = characters + found.group()[-1], found.end()
    named = bool(_IBAN_WORD.search(text, max(0, start - 40), start))
    whole = len(characters) == length and iban(characters)
    if (whole and _IBAN_LAYOUT.fullmatch(text, start, at)) or (named and len(characters) > 11):
        return Span(start, at, BANK_DETAILS)
    return None


def iban(characters: str) -> bool:
    """Whether the check digits of an IBAN without blanks are right (ISO 13616, mod 97)."""
    turned = characters[4:] + characters[:4]
    return turned.isascii() and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


_GAP = r"[^\d\n]{0,20}"
_BANK_NUMBERS = re.compile(
    rf"\b(?:sort ?code|s/c)\b{_GAP}(?P<sort>\d{{2}}[ \-]?\d{{2}}[ \-]?\d{{2}})"
    rf"(?:[^\d\n]{{0,40}}(?P<with_sort>\d{{6,10}}))?(?!\d)"
    rf"|\b(?:routing|aba|rtn|bsb|blz|bankleitzahl|transit)\b{_GAP}"
    rf"(?P<routing>\d[\d \-]{{4,10}}\d)"
    rf"(?:[^\d\n]{{0,40}}(?P<with_routing>\d{{5,17}}))?(?!\d)"
    rf"|\b(?:bank ?acc(?:oun)?t|checking account|savings account|kontonummer|konto-?nr\.?"
    rf"|compte bancaire|num[eé]ro de compte|cuenta bancaria|n[uú]mero de cuenta)(?!\w){_GAP}"
    rf"(?P<account>\d[\d \-]{{4,18}}\d)(?!\d)",
    re.IGNORECASE,
)
_SORT_AND_ACCOUNT = re.compile(
    r"(?<!\d)(\d{2}-\d{2}-\d{2})\W{1,4}(?:\w{2,8}\W{1,3}){0,3}(\d{8})(?!\d)"
)


def _bank_numbers(text: str) -> Iterator[Span]:
    for match in _BANK_NUMBERS.finditer(text):
        for group, number in match.groupdict().items():
            if number:
                yield Span(*match.span(group), BANK_DETAILS)
    for match in _SORT_AND_ACCOUNT.finditer(text):
        yield Span(*match.span(1), BANK_DETAILS)
        yield Span(*match.span(2), BANK_DETAILS)


# Passwords and PINs, typed after their word

_SECRET_WORD = (
    r"(?:pass ?(?:word|code|phrase)|passwd|pwd|pw|passwort|kennwort|mot de passe|mdp"
    r"|contrase[nñ]a|clave|pin(?:[ \-]?(?:code|nummer|number))?|geheimzahl|secret|api[ \-_]?key)"
)
_SAID = (
    r"(?:\s*(?:[:=]|->|=>)\s*"
    r"|\s+(?:is|was|ist|war|lautet|hei(?:ss|ß)t|est|es|era|c'est)\s*:?\s+(?:now\s+|jetzt\s+)?)"
)
_SECRET = re.compile(
    rf"\b{_SECRET_WORD}\b(?:\s+(?:for|f[uü]r|pour|para)\s+[^\n:=]{{1,30}}?)?"
    rf"{_SAID}[\"'“„«]?(?P<told>[^\s\"'”“»]{{3,64}})",
    re.IGNORECASE,
)
_PIN = re.compile(r"\bpin\b(?:[ \-](?:code|nummer|number))?\W{0,3}(\d{4,8})(?!\d)", re.IGNORECASE)
_NO_SECRET = frozenset(
    "a already also always an and any asked being blank blocked broken case changed compromised "
    "correct different empty expired forgotten for from gone incorrect invalid in it known locked "
    "lost missing my never no not now okay old on one only out required rejected reset right safe "
    "secure sent set still stolen strong stored something that the this too unknown valid weak "
    "what where wrong your "
    "abgelaufen falsch gesperrt immer kein leider nicht noch richtig ungültig ungueltig unbekannt "
    "vergessen verloren zu schon "
    "bon correct erroné expiré faux incorrecte invalide bloqué oublié pas perdu toujours trop "
    "bloqueada caducada correcta errónea incorrecta inválida la mala muy olvidada perdida que "
    "siempre una".split()
)


def _passwords(text: str) -> Iterator[Span]:
    for match in _SECRET.finditer(text):
        told = match["told"].rstrip(".,;!?)")
        if len(told) >= 3 and told.casefold() not in _NO_SECRET:
            yield Span(match.start("told"), match.start("told") + len(told), PASSWORD)
    for match in _PIN.finditer(text):
        yield Span(*match.span(1), PASSWORD)


_SOCIAL = re.compile(
    r"\b(?:ssn|social security(?: number| no\.?)?|sozialversicherungsnummer)\b[^\d\n]{0,20}"
    r"(\d{3}[ \-]?\d{2}[ \-]?\d{4}|\d{2}[ ]?\d{6}[ ]?[A-Z][ ]?\d{3})(?!\d)",
    re.IGNORECASE,
)


def _national_ids(text: str) -> Iterator[Span]:
    for match in _SOCIAL.finditer(text):
        yield Span(*match.span(1), NATIONAL_ID)


# For copies that leave the operational store

LONGEST_SEARCH = 200_000
"""Characters in which contacts are looked for."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?<![.\-])")
_PHONE = re.compile(
    r"(?<![\w.#/-])(?<!\d,)(?:\+|00)?\(?\d{1,5}\)?(?:[ .\-/]{0,2}\(?\d{1,7}\)?){1,6}"
    r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\w|-\d)"
)
_DATE = re.compile(r"\d{1,4}[./\-]\d{1,2}[./\-]\d{2,4}")


def find_emails(text: str) -> tuple[str, ...]:
    """E-mail addresses, as written."""
    return tuple(match.group() for match in _EMAIL.finditer(text[:LONGEST_SEARCH]))


def find_phones(text: str, *, keep: Sequence[Pattern[str]] = ()) -> tuple[str, ...]:
    """Phone numbers, as written: 7 to 15 digits, no date, no number of the company's own."""
    return tuple(text[span.start : span.end] for span in _phones(text[:LONGEST_SEARCH], keep))


def _phones(text: str, keep: Sequence[Pattern[str]]) -> Iterator[Span]:
    own = Own(text, keep)
    for match in _PHONE.finditer(text):
        number = re.split(r"\s?(?:x|ext)", match.group())[0]
        digits = sum(c.isdigit() for c in number)
        span = Span(*match.span(), "phone")
        if 7 <= digits <= 15 and not _DATE.fullmatch(number) and not own.touches(span):
            yield span


def pseudonym(value: str, key: bytes) -> str:
    """A stand-in such as `p-4QX7...`: the same for the same value and key, useless without the key.

    80 bits of HMAC-SHA-256; letter case and outer blanks do not count.
    """
    told = hmac.new(key, value.strip().casefold().encode(), hashlib.sha256).digest()[:10]
    return "p-" + b32encode(told).decode()


def without_contacts(text: str, key: bytes, *, keep: Sequence[Pattern[str]] = ()) -> str:
    """A copy for analysis: e-mail addresses and phone numbers replaced by their pseudonyms."""
    hidden = _EMAIL.sub(lambda match: pseudonym(match.group(), key), text)
    pieces, end = [], 0
    for span in _phones(hidden, keep):
        pieces += [hidden[end : span.start], pseudonym(_dialled(hidden, span), key)]
        end = span.end
    return "".join([*pieces, hidden[end:]])


def _dialled(text: str, span: Span) -> str:
    """A phone number as it is dialled, so that two ways of writing one number become one."""
    import phonenumbers

    written = text[span.start : span.end]
    try:
        parsed = phonenumbers.parse(
            written.replace("00", "+", 1) if written[:2] == "00" else written
        )
    except phonenumbers.NumberParseException:
        return "".join(c for c in written if c.isdigit())
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
