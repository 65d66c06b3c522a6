"""Numbers in words, 2 to 9999, in four languages: what a model may write instead of digits."""

from __future__ import annotations

EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
EN_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
DE = (
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
    " sechzehn siebzehn achtzehn neunzehn"
).split()
DE_TENS = "_ _ zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    " dix-sept dix-huit dix-neuf"
).split()
FR_TENS = "_ _ vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt".split()
ES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
    " dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro"
    " veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
ES_TENS = "_ _ _ treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
ES_HUNDREDS = (
    "_ ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos"
    " novecientos"
).split()


def in_words(number: int, language: str) -> str:
    """The cardinal number in words."""
    return {"en": english, "de": german, "fr": french, "es": spanish}[language](number)


def english(n: int) -> str:
    if n < 20:
        return EN[n]
    if n < 100:
        return EN_TENS[n // 10] + (f"-{EN[n % 10]}" if n % 10 else "")
    size, word = (1000, "thousand") if n >= 1000 else (100, "hundred")
    rest = n % size
    joint = " and " if 0 < rest < 100 else " "
    return f"{english(n // size)} {word}" + (f"{joint}{english(rest)}" if rest else "")


def german(n: int) -> str:
    if n < 20:
        return DE[n]
    if n < 100:
        return (f"{DE[n % 10]}und" if n % 10 else "") + DE_TENS[n // 10]
    size, word = (1000, "tausend") if n >= 1000 else (100, "hundert")
    return german(n // size) + word + (german(n % size) if n % size else "")


def french(n: int) -> str:
    if n < 20:
        return FR[n]
    if n < 100:
        tens, unit = divmod(n, 10)
        if tens in (7, 9):
            unit += 10
        joint = " et " if unit in (1, 11) and tens < 8 else "-"
        return FR_TENS[tens] + (f"{joint}{FR[unit]}" if unit else "")
    size, word = (1000, "mille") if n >= 1000 else (100, "cent")
    many = "" if n // size == 1 else f"{french(n // size)} "
    return f"{many}{word}" + (f" {french(n % size)}" if n % size else "")


def spanish(n: int) -> str:
    if n < 30:
        return ES[n]
    if n < 100:
        return ES_TENS[n // 10] + (f" y {ES[n % 10]}" if n % 10 else "")
    if n == 100:
        return "cien"
    if n < 1000:
        return ES_HUNDREDS[n // 100] + (f" {spanish(n % 100)}" if n % 100 else "")
    many = "" if n // 1000 == 1 else f"{spanish(n // 1000)} "
    return f"{many}mil" + (f" {spanish(n % 1000)}" if n % 1000 else "")
