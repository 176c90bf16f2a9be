"""Amounts as they may be sent, in JSON text, and what becomes of them."""

from decimal import Decimal
from typing import Any

from harness.exact_json import Literal

LARGEST = "90000000000000.00"

# Accepted everywhere an amount is, and the value they mean.
GOOD = [
    ("1", "1.00"),
    ("0.01", "0.01"),
    ("12.3", "12.30"),
    ("12.30", "12.30"),
    ('"12"', "12.00"),
    ('"12.3"', "12.30"),
    ('"12.30"', "12.30"),
]

# Refused everywhere with this field code.
BAD = [
    ("0", "out_of_range"),
    ("0.00", "out_of_range"),
    ("-0", "out_of_range"),
    ('"0"', "out_of_range"),
    ('"0.00"', "out_of_range"),
    ("0.001", "invalid_format"),
    ("12.345", "invalid_format"),
    ("1.000", "invalid_format"),
    ('"0.001"', "invalid_format"),
    ("1e3", "invalid_format"),
    ("1E3", "invalid_format"),
    ("1e-2", "invalid_format"),
    ("9e99", "invalid_format"),
    ('"1e3"', "invalid_format"),
    ("90000000000000.01", "out_of_range"),
    ("9223372036854775807", "out_of_range"),
    ("92233720368547758.08", "out_of_range"),
    ("18446744073709551617", "out_of_range"),
    ("1" * 60, "out_of_range"),
    ('"' + "9" * 300 + '"', "out_of_range"),
    ('"NaN"', "invalid_format"),
    ('"Infinity"', "invalid_format"),
    ('""', "invalid_format"),
    ('" 1"', "invalid_format"),
    ('"1 "', "invalid_format"),
    ('"+1"', "invalid_format"),
    ('"1."', "invalid_format"),
    ('".5"', "invalid_format"),
    ('"01"', "invalid_format"),
    ('"1,000.00"', "invalid_format"),
    ('"12,30"', "invalid_format"),
    ('"0x10"', "invalid_format"),
    ('"--1"', "invalid_format"),
    ('"\u0661\u0662"', "invalid_format"),
    ('"1\\u0000"', "invalid_format"),
    ("true", "wrong_type"),
    ("null", "wrong_type"),
    ("[1]", "wrong_type"),
    ('{"value":1}', "wrong_type"),
]

# No JSON at all.
NOT_JSON = ["NaN", "Infinity", "-Infinity", "01", ".5", "1.", "+1", "0x10", "1_000", "1,5"]


def literals(table: list) -> list:
    return [(Literal(row[0]), *row[1:]) for row in table]


def is_money(value: Any) -> bool:
    """Exactly the currency's digits, no exponent."""
    return isinstance(value, Decimal) and value.as_tuple().exponent == -2
