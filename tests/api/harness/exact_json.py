"""JSON without binary floats: Decimal in, Decimal out, and text that is sent as it stands."""

import json
from decimal import Decimal
from typing import Any


class Literal(str):
    """JSON text that `dumps` copies unchanged: Literal("1e3"), Literal('"12.30"')."""


def loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def dumps(value: Any) -> str:
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        raise TypeError("amounts are Decimal, int or str, never float")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{dumps(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    return json.dumps(value)
