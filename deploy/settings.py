#!/usr/bin/env python3
"""Writes the table of settings in docs/operations.md from `instapay config --json`.

settings.py EXECUTABLE          writes it
settings.py EXECUTABLE --check  only says, by its status, whether it is current (tests/deploy asks)
"""

import json
import subprocess
import sys
from pathlib import Path

DOC = Path(__file__).resolve().parents[1] / "docs/operations.md"
HEAD = "| variable | default | what | used by | production |\n|---|---|---|---|---|\n"
END = "\n\nIn the images "
SERVICES = ["user", "transaction", "reporting"]
COMMANDS = ["migrate", "audit", "seed", "heads"]


def users(names: list[str]) -> str:
    """`serve all` is all services in one: it is named where nobody else is."""
    if names == ["all"]:
        return "`serve all`"
    rest = [name for name in names if name != "all"]
    if rest == SERVICES + COMMANDS:
        return "everybody"
    if rest[:3] == SERVICES:
        return ", ".join(["services", *rest[3:]])
    return ", ".join(rest)


def demand(setting: dict) -> str:
    parts = []
    if setting["requiredBy"]:
        same = set(setting["requiredBy"]) == set(setting["usedBy"])
        parts.append("required" if same else f"required by {users(setting['requiredBy'])}")
    if setting["demand"]:
        parts.append(setting["demand"])
    return "; ".join(parts)


def row(setting: dict) -> str:
    name = f"`{setting['name']}`"
    if setting["secret"]:
        name += f" (or `{setting['name']}_FILE`)"
    default = f"`{setting['default']}`" if setting["default"] else ""
    cells = (name, default, setting["help"], users(setting["usedBy"]), demand(setting))
    return "| " + " | ".join(cells) + " |\n"


def main() -> int:
    listed = subprocess.run(
        [sys.argv[1], "config", "--json"], check=True, capture_output=True, text=True
    )
    table = HEAD + "".join(row(setting) for setting in json.loads(listed.stdout)["data"])
    text = DOC.read_text()
    begin = text.index("| variable | default | what |")
    end = text.index(END, begin)
    new = text[:begin] + table.rstrip("\n") + text[end:]
    if "--check" in sys.argv:
        return 0 if new == text else 1
    DOC.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
