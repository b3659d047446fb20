"""JSON text whose numbers are exact: an amount is written as it is known, never by way of a float. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

__all__ = ["exact_json"]


def exact_json(value: object) -> str:
    """JSON of a value; decimals as numbers without needless zeros.

    >>> exact_json({"amount": Decimal("1098893000.00"), "part": Decimal("123456789012345678.05"), "none": None})
    '{"amount":1098893000,"part":123456789012345678.05,"none":null}'
    """
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{exact_json(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(exact_json, value)) + "]"
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; amounts are decimals")
    return json.dumps(value, ensure_ascii=False)
