"""Our log lines by the eyes of Elasticsearch and Kibana: what the index template makes of a field,
and what the saved objects ask for."""

import json
import re
from datetime import datetime
from functools import cache

from files import ROOT

RANGES = {"short": 2**15, "integer": 2**31, "long": 2**63}


def _leaves(properties: dict, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in properties.items():
        if "properties" in field:
            found |= _leaves(field["properties"], f"{prefix}{name}.")
        else:
            found[prefix + name] = field["type"]
    return found


@cache
def mapping() -> dict[str, str]:
    """Fields with dots, and their types."""
    file = ROOT / "monitoring/elasticsearch/index-template.json"
    return _leaves(json.loads(file.read_text())["template"]["mappings"]["properties"])


def _fits(value: object, type_: str) -> bool:
    if type_ == "date":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if type_ in RANGES:
        return type(value) is int and -RANGES[type_] <= value < RANGES[type_]
    return type_ in ("keyword", "text") and isinstance(value, str)


def unmapped(line: dict) -> list[str]:
    """What the template does not name or would refuse. (Under "instapay." any scalar may come.)"""
    return [
        f"{name}={value!r}"
        for name, value in line.items()
        if not (
            _fits(value, mapping()[name])
            if name in mapping()
            else name.startswith("instapay.") and isinstance(value, (str, int, float))
        )
    ]


@cache
def saved_objects() -> dict[str, dict]:
    lines = (ROOT / "monitoring/kibana/instapay.ndjson").read_text().splitlines()
    objects = [json.loads(line) for line in lines]
    assert len({o["id"] for o in objects}) == len(objects)
    return {o["id"]: o for o in objects}


def query_of(saved: dict) -> str:
    source = json.loads(saved["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["language"] == "kuery"
    return source["query"]["query"]


def fields_asked(saved: dict) -> set[str]:
    """That a line needs in order to be found."""
    without_strings = re.sub(r'"[^"]*"', '""', query_of(saved))
    return set(re.findall(r"([a-z_@.]+)\s*(?::|[<>]=?)", without_strings))


def fields_shown(saved: dict) -> set[str]:
    state = json.loads(saved["attributes"].get("visState", "{}"))
    grouped = {agg["params"]["field"] for agg in state.get("aggs", []) if "field" in agg["params"]}
    return grouped | set(saved["attributes"].get("columns", []))
