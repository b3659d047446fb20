"""Value types of the chain: parse once, normalise, keep the raw text, say why a value is wrong.

Every ``parse`` is total: it returns the value or a `Wrong`, never raises and never guesses.
Sources: code layouts of Permendagri 90/2019 and its updates; NIP layout of BKN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

__all__ = [
    "SEN_LIMIT",
    "KdRup",
    "KodeRekening",
    "KodeSubKegiatan",
    "KodeUnit",
    "Mak",
    "Nip",
    "NomorKontrak",
    "Period",
    "Rupiah",
    "Wrong",
    "is_blank",
    "parse_sen",
    "squeeze",
    "tidy_code",
    "tidy_version",
    "version_order",
]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text that is not the value it should be: the text and what is wrong with it."""

    raw: str
    why: str


def is_blank(text: str | None) -> bool:
    """Tell whether a text states nothing: null, empty, white space or ``-``.

    >>> [is_blank(t) for t in (None, "", "  ", "-", "0")]
    [True, True, True, True, False]
    """
    return text is None or text.strip() in ("", "-")


def squeeze(text: str | None) -> str:
    r"""Normalise a document number: upper case, all white space removed.

    >>> squeeze(" 027 / 07/ spk\u00a0")
    '027/07/SPK'
    """
    return "".join(text.split()).upper() if text else ""


def tidy_code(text: str | None) -> str | None:
    """Take the white space around a code away; a blank one is None.

    >>> tidy_code(" 1.02.0.00 "), tidy_code(" ")
    ('1.02.0.00', None)
    """
    return (text.strip() or None) if text else None


# -- money ------------------------------------------------------------------------------------------

_DECIMAL = re.compile(r"([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_WHOLE_DIGITS = 18
SEN_LIMIT = 10**20
"""Avro decimal(20,2): at most 18 digits before the point."""


def parse_sen(text: str) -> int | Wrong:
    """Parse an amount of rupiah into whole sen (hundredths), exactly.

    >>> parse_sen("999995334.78"), parse_sen("1.5E3"), parse_sen("7.10")
    (99999533478, 150000, 710)
    >>> parse_sen("1,5 jt")
    Wrong(raw='1,5 jt', why='is not a decimal')
    """
    if text.isascii() and text.isdecimal() and len(text) <= _WHOLE_DIGITS:
        return int(text) * 100
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        return Wrong(text, "is not a decimal")
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", int(match[4] or 0)
    shift: int = exponent + 2 - len(fraction)
    digits = int(whole + fraction)
    if shift < 0:
        digits, rest = divmod(digits, int(10**-shift))
        if rest:
            return Wrong(text, "has more than two decimals")
    else:
        digits *= int(10**shift)
    if digits >= SEN_LIMIT:
        return Wrong(text, "is larger than decimal(20,2) holds")
    return -digits if sign == "-" else digits


@dataclass(frozen=True, slots=True)
class Rupiah:
    """An exact amount of money; sen occur in procurement and treasury."""

    amount: Decimal
    raw: str

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse text as written by a source.

        >>> Rupiah.parse("79691100")
        Rupiah(amount=Decimal('79691100.00'), raw='79691100')
        """
        sen = parse_sen(raw)
        return sen if isinstance(sen, Wrong) else cls(Decimal(sen).scaleb(-2), raw)


# -- codes ------------------------------------------------------------------------------------------

_UNIT = re.compile(r"\d\.\d\d\.\d\.\d\d\.\d\.\d\d\.\d\d\.\d{4}", re.ASCII)
_SUB_KEGIATAN = re.compile(r"(?:\d|X)\.(?:\d\d|XX)\.\d\d\.\d\.\d\d\.\d{2,4}", re.ASCII)
_REKENING = re.compile(r"\d\.\d\.\d\d\.\d\d\.\d\d\.\d{4}", re.ASCII)
_RUP = re.compile(r"\d{1,12}", re.ASCII)
_RUP_SEPARATORS = re.compile(r"[;,\s]+")
_MAK = re.compile(r"(\d\.\d\d\.\d\d\.\d\.\d\d\.\d{4})\.(5\.\d\.\d\d\.\d\d\.\d\d\.\d{4})(?:\.|$)", re.ASCII)
_MAK_SUB_KEGIATAN = re.compile(r"\d\.\d\d\.\d\d\.\d\.\d\d\.\d{4}(?:\.|$)", re.ASCII)
_MAK_SEPARATORS = re.compile(r"[;,]")
_NIP = re.compile(r"\d{18}", re.ASCII)
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class KodeUnit:
    """Code of a unit (PD): three bidang urusan, PD number, unit number (0000 = the PD itself)."""

    code: str
    raw: str

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse ``1.02.0.00.0.00.02.0000``."""
        code = raw.strip()
        if _UNIT.fullmatch(code):
            return cls(code, raw)
        return Wrong(raw, "is not a unit code d.dd.d.dd.d.dd.dd.dddd")


@dataclass(frozen=True, slots=True)
class KodeSubKegiatan:
    """Code of a sub kegiatan: urusan.bidang.program.kegiatan (two parts).sub."""

    code: str
    raw: str

    @property
    def tingkat(self) -> str:
        """Level of government that the fourth part states: 1 province, 2 kabupaten/kota."""
        return {"1": "provinsi", "2": "kabupaten/kota"}.get(self.code.split(".")[3], "")

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse ``2.07.02.2.01.0001`` (older data: a last part of two digits)."""
        code = raw.strip()
        if _SUB_KEGIATAN.fullmatch(code):
            return cls(code, raw)
        return Wrong(raw, "is not a sub kegiatan code d.dd.dd.d.dd.dddd")


@dataclass(frozen=True, slots=True)
class KodeRekening:
    """Account code of six levels: akun.kelompok.jenis.objek.rincian.sub."""

    code: str
    raw: str

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse ``5.1.02.01.01.0001``."""
        code = raw.strip()
        if _REKENING.fullmatch(code):
            return cls(code, raw)
        return Wrong(raw, "is not an account code d.d.dd.dd.dd.dddd")


@dataclass(frozen=True, slots=True)
class Mak:
    """Budget line a package is paid from: sub kegiatan and account; a glued-on item code is dropped."""

    sub_kegiatan: str
    rekening: str
    raw: str

    @property
    def code(self) -> str:
        """Canonical text, ``sub_kegiatan.rekening``."""
        return f"{self.sub_kegiatan}.{self.rekening}"

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse one budget line.

        >>> Mak.parse("1.03.10.2.01.0029.5.2.04.01.01.0003.").rekening
        '5.2.04.01.01.0003'
        >>> Mak.parse("1.03.10.2.01.0003.0.5.20.40.10.1000.3.").why
        'has a sub kegiatan but no account 5.d.dd.dd.dd.dddd behind it'
        """
        text = raw.strip()
        match = _MAK.match(text)
        if match:
            return cls(match[1], match[2], raw)
        if _MAK_SUB_KEGIATAN.match(text):
            return Wrong(raw, "has a sub kegiatan but no account 5.d.dd.dd.dd.dddd behind it")
        return Wrong(raw, "does not begin with a sub kegiatan d.dd.dd.d.dd.dddd")

    @staticmethod
    def split(raw: str | None) -> list[str]:
        """Split a list of budget lines at ``;`` and ``,``; blank parts are dropped, order kept."""
        return [part.strip() for part in _MAK_SEPARATORS.split(raw) if part.strip()] if raw else []


@dataclass(frozen=True, slots=True)
class KdRup:
    """Code of a package in the procurement plan (RUP); an int in one feed, text in another."""

    code: str
    raw: str

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse one code."""
        code = raw.strip()
        return cls(code, raw) if _RUP.fullmatch(code) else Wrong(raw, "is not a RUP code of digits only")

    @staticmethod
    def split(raw: str | None) -> list[str]:
        """Split a list of codes at ``;``, ``,`` and white space; blank parts are dropped, order kept.

        >>> KdRup.split("53613698; 53613699")
        ['53613698', '53613699']
        """
        return [part for part in _RUP_SEPARATORS.split(raw) if part] if raw else []


@dataclass(frozen=True, slots=True)
class NomorKontrak:
    """Number of a contract; compared without white space and in upper case."""

    number: str
    raw: str

    @property
    def untidy(self) -> bool:
        """The source wrote it with outer white space or a double space."""
        return self.raw != self.raw.strip() or "  " in self.raw

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse a number as written.

        >>> NomorKontrak.parse(" 602.1/02 /spk").number
        '602.1/02/SPK'
        """
        return Wrong(raw, "is blank") if is_blank(raw) else cls(squeeze(raw), raw)


@dataclass(frozen=True, slots=True)
class Nip:
    """Number of a civil servant, 18 digits: birth date, month of appointment, sex, sequence.

    PPPK numbers have 18 digits too but another layout, so only the length is checked.
    """

    digits: str
    raw: str

    @property
    def masked(self) -> str:
        """The number as logs and pages may show it."""
        return f"{self.digits[:4]}**********{self.digits[-4:]}"

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse a number; outer white space is no fault."""
        digits = raw.strip()
        if _NIP.fullmatch(digits):
            return cls(digits, raw)
        if digits.isascii() and digits.isdecimal():
            return Wrong(raw, f"has {len(digits)} digits, not 18")
        return Wrong(raw, "is not 18 digits")


@dataclass(frozen=True, slots=True)
class Period:
    """A budget year or a month of one."""

    year: int
    month: int | None
    raw: str

    @classmethod
    def parse(cls, raw: str) -> Self | Wrong:
        """Parse ``2025`` or ``2025-03``."""
        match = _PERIOD.fullmatch(raw.strip())
        if match is None:
            return Wrong(raw, "is neither a year YYYY nor a month YYYY-MM")
        return cls(int(match[1]), int(match[2]) if match[2] else None, raw)


# -- versions ---------------------------------------------------------------------------------------

_INTEGER = re.compile(r"0*(\d{1,30})(?:\.0+)?", re.ASCII)


def tidy_version(raw: str | None) -> str:
    """Normalise a version: a whole number without leading zeros, other text trimmed, null = empty.

    >>> tidy_version("01"), tidy_version("2.0"), tidy_version(None)
    ('1', '2', '')
    """
    text = raw.strip() if raw else ""
    match = _INTEGER.fullmatch(text)
    return str(int(match[1])) if match else text


def version_order(version: str) -> tuple[int, Decimal, str]:
    """Order versions as numbers where they are numbers, of equal ones by text; empty is lowest, other text highest.

    >>> sorted(["10", "9", "", "b"], key=version_order)
    ['', '9', '10', 'b']
    """
    if not version:
        return (0, Decimal(0), "")
    match = _DECIMAL.fullmatch(version)
    return (1, Decimal(version), version) if match else (2, Decimal(0), version)
