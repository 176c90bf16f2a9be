"""api/openapi.yaml as JSON, its decimals as they are written: 1000.00 stays 1000.00."""

import json
import re
import sys
from pathlib import Path

import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's own scalars only: a date is a string, and so is `on`."""

    yaml_implicit_resolvers: dict = {}


class Decimal(str):
    """A number as it was written."""


for name, pattern, first in (
    ("null", r"(null|~|)\Z", "n~"),
    ("bool", r"(true|false)\Z", "tf"),
    ("int", r"-?\d+\Z", "-0123456789"),
    ("float", r"-?\d+\.\d+\Z", "-0123456789"),
):
    characters = [*first, ""] if name == "null" else list(first)
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), characters)


def mapping(loader: Loader, node: yaml.MappingNode) -> dict:
    """A key that comes twice is a mistake: one of the two would be lost without a word."""
    pairs = [(loader.construct_object(key), value) for key, value in node.value]
    for i, (key, value) in enumerate(pairs):
        if key in dict(pairs[:i]):
            sys.exit(f"{value.start_mark}: {key} comes twice")
    return {key: loader.construct_object(value, deep=True) for key, value in pairs}


Loader.add_constructor("tag:yaml.org,2002:map", mapping)
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(node.value))


def dump(value) -> str:
    if isinstance(value, dict):
        members = (f"{json.dumps(str(key))}:{dump(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


source, target = map(Path, sys.argv[1:])
target.write_text(dump(yaml.load(source.read_text("utf-8"), Loader)), "utf-8")
