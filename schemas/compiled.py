"""Python made from a schema: one straight function to encode its rows, one to decode the columns asked for.

The bytes are those that fastavro writes (a property test compares them), for the few field types that the
catalogue uses; `codec` leaves everything else to fastavro. A column costs one dictionary look-up and one slice,
which is what the speed comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from decimal import Decimal
from typing import Any

from schemas.values import SEN_LIMIT, KdRup, Mak, Wrong, is_blank, parse_sen

__all__ = ["Decoder", "RowEncoder", "UnknownShape", "decoder", "row_encoder"]

RowEncoder = Callable[[Mapping[str, str]], "bytes | tuple[str, Wrong]"]
Decoder = Callable[[bytes, int], "tuple[dict[str, Any], int]"]

_SPLIT: Mapping[str, Callable[[str], list[str]]] = {"mak": Mak.split}
"""Link columns are lists of RUP codes unless named here."""

_MONEY_BYTES = 10
"""10**20 sen take 9 bytes; writers may pad by one."""

_SHORT = 2048
"""Lengths whose prefix is ready made; longer texts are rare."""


class UnknownShape(TypeError):
    """A field of a type that no code is made for."""


# -- parts of a body --------------------------------------------------------------------------------


def _long(number: int) -> bytes:
    """Avro long: zigzag, seven bits a byte, lowest first."""
    left = (number << 1) ^ (number >> 63)
    out = bytearray()
    while left > 0x7F:  # noqa: PLR2004 - seven bits
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def _read_long(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte
            if value >> 64:
                break
            return (value >> 1) ^ -(value & 1), at
    raise ValueError("an integer is longer than 64 bits")


def _text(text: str) -> bytes:
    data = text.encode()
    return _long(len(data)) + data


_SOME = [b"\x02" + _long(length) for length in range(_SHORT)]


def _some(length: int) -> bytes:
    """Prefix of a nullable text that is there."""
    return _SOME[length] if length < _SHORT else b"\x02" + _long(length)


def _money(text: str) -> bytes | Wrong:
    if is_blank(text):
        return b"\x00"
    sen = parse_sen(text)
    if isinstance(sen, Wrong):
        return sen
    data = sen.to_bytes((sen.bit_length() >> 3) + 1, "big", signed=True)
    return _some(len(data)) + data


def _texts(texts: list[str]) -> bytes:
    return b"".join((_long(len(texts)), *map(_text, texts), b"\x00")) if texts else b"\x00"


def _pairs(pairs: Mapping[str, str]) -> bytes:
    return b"".join((_long(len(pairs)), *(_text(text) for pair in pairs.items() for text in pair), b"\x00"))


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    length, at = _read_long(data, at)
    if length < 0:
        raise ValueError(f"a length is {length}")
    return length, at


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    length, at = _read_length(data, at)
    return data[at : at + length].decode(), at + length


def _read_texts(data: bytes, at: int, each: int = 1) -> tuple[list[str], int]:
    """Read an array of texts, or a map of them (``each`` = 2: names and values in turn)."""
    found: list[str] = []
    while True:
        count, at = _read_long(data, at)
        if count == 0:
            return found, at
        if count < 0:
            count, (_, at) = -count, _read_long(data, at)
        for _ in range(count * each):
            text, at = _read_text(data, at)
            found.append(text)


def _read_pairs(data: bytes, at: int) -> tuple[dict[str, str], int]:
    texts, at = _read_texts(data, at, 2)
    return dict(zip(texts[::2], texts[1::2], strict=True)), at


def _decimal(data: bytes) -> Decimal:
    sen = int.from_bytes(data[:_MONEY_BYTES], "big", signed=True)
    if len(data) > _MONEY_BYTES or abs(sen) >= SEN_LIMIT:
        raise ValueError("an amount does not fit decimal(20,2)")
    return Decimal(sen).scaleb(-2)


# -- code -------------------------------------------------------------------------------------------

_NULLABLE = """
    kind = data[at]
    at += 1
    if kind == 2:
        length = data[at]
        at += 1
        if length & 0x81:
            length, at = read_length(data, at - 1)
        else:
            length >>= 1
        {keep}at += length
    elif kind:
        raise ValueError({name!r} + " is of no known branch")
"""
_MANY = """
    if data[at]:
        {target}, at = {read}(data, at)
    else:
        {target} = {empty}
        at += 1
"""
_OTHER = """
    {target}, at = {read}(data, at)
"""
_READ = {"array": "read_texts", "map": "read_pairs", "string": "read_text", "long": "read_long"}
_EMPTY = {"array": "[]", "map": "{}"}

_TEXT = """
    text = get({column!r})
    if text is None:
        add(b"\\0")
    else:
        text = text.encode()
        length = len(text)
        add(SOME[length] if length < {short} else some(length))
        add(text)
"""
_MONEY = """
    text = get({column!r})
    if text is not None:
        text = money(text)
        if type(text) is not bytes:
            return {column!r}, text
    add(text or b"\\0")
"""
_LINKS = """
    text = get({column!r})
    add(b"\\0" if text is None else texts(split_{column}(text)))
"""
_EXTRA = """
    if content.keys() <= known:
        add(b"\\0")
    else:
        add(pairs({name: text for name, text in content.items() if name not in known}))
"""

_READERS = {
    "read_length": _read_length,
    "read_text": _read_text,
    "read_texts": _read_texts,
    "read_pairs": _read_pairs,
    "read_long": _read_long,
    "decimal": _decimal,
}


def _shape(field: Mapping[str, Any]) -> str:
    """Kind of a field: ``text`` and ``money`` may be null; others by their Avro name."""
    kind = field["type"]
    match kind:
        case ["null", "string"]:
            return "text"
        case ["null", {"type": "bytes", "logicalType": "decimal", "scale": 2}]:
            return "money"
        case {"type": "array", "items": "string"} | {"type": "map", "values": "string"}:
            return str(kind["type"])
        case "string" | "long":
            return str(kind)
    raise UnknownShape(f"{field['name']} has type {kind}")


def _compile(lines: Iterable[str], names: dict[str, object]) -> Any:  # noqa: ANN401 - the function made
    exec("".join(lines), names)  # noqa: S102 - source made from our own schema files
    return names["made"]


def row_encoder(schema: Mapping[str, Any]) -> RowEncoder:
    """Make the function that encodes a row's content, each field parsed, raw text beside it.

    Raises:
        UnknownShape: terminal; a field is of a type that rows don't have.
    """
    fields = [field for field in schema["fields"] if field["name"] != "extra"]
    known = frozenset(field.get("raw_of", field["name"]) for field in fields)
    names: dict[str, object] = {"SOME": _SOME, "some": _some, "money": _money, "texts": _texts, "pairs": _pairs}
    names["known"] = known
    lines = ["def made(content):\n    get = content.get\n    out = []\n    add = out.append\n"]
    for field in schema["fields"]:
        column = field.get("raw_of", field["name"])
        match _shape(field):
            case "text":
                lines.append(_TEXT.format(column=column, short=_SHORT))
            case "money":
                lines.append(_MONEY.format(column=column))
            case "array":
                lines.append(_LINKS.format(column=column))
                names[f"split_{column}"] = _SPLIT.get(column, KdRup.split)
            case "map":
                lines.append(_EXTRA)
            case other:
                raise UnknownShape(f"{column} of a row is a {other}")
    lines.append("    return b''.join(out)\n")
    encoder: RowEncoder = _compile(lines, names)
    return encoder


def decoder(schema: Mapping[str, Any], columns: Container[str] | None) -> Decoder:
    """Make the function that decodes some columns (None = all) of a body that begins at a place.

    It returns the record and the place behind the body; texts cut off by the end of the data show in a place
    beyond it, everything else unreadable raises ValueError or IndexError.

    Raises:
        UnknownShape: terminal; see `row_encoder`.
    """
    lines = ["def made(data, at):\n    record = {}\n"]
    for field in schema["fields"]:
        name, shape = field["name"], _shape(field)
        wanted = columns is None or name in columns
        if shape in {"text", "money"}:
            value = "data[at : at + length].decode()" if shape == "text" else "decimal(data[at : at + length])"
            lines.append(f"    record[{name!r}] = None" if wanted else "")
            keep = f"record[{name!r}] = {value}\n        " if wanted else ""
            lines.append(_NULLABLE.format(keep=keep, name=name))
        else:
            target = f"record[{name!r}]" if wanted else "_"
            template = _MANY if shape in _EMPTY else _OTHER
            lines.append(template.format(target=target, read=_READ[shape], empty=_EMPTY.get(shape)))
    lines.append("    return record, at\n")
    made: Decoder = _compile(lines, dict(_READERS))
    return made
