"""The operator's pages are complete: every setting, every alert, nothing that is not there."""

import re

import pytest
from files import COMPOSE_FILES, ROOT, rules, succeeds
from harness.platform import BINARY

DOC = (ROOT / "docs/operations.md").read_text()
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text()


def test_every_setting_is_explained() -> None:
    listed = re.findall(r"^  ([A-Z_]+) ", succeeds(BINARY, "config"), re.MULTILINE)
    assert len(listed) > 20
    assert [name for name in listed if f"| `{name}`" not in DOC] == []
    of_the_program = DOC.split("\nIn the images ")[0]
    explained = re.findall(r"^\| `([A-Z_]+)`", of_the_program, re.MULTILINE)
    assert [name for name in explained if name not in listed] == []


@pytest.mark.parametrize("rule", rules("alerts.yml"), ids=lambda rule: rule["alert"])
def test_every_alert_has_a_runbook(rule: dict) -> None:
    name = rule["alert"]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{name.lower()}"
    section = re.search(rf"^## {name}\n(.+)", RUNBOOKS, re.MULTILINE)
    assert section and len(section[1]) > 40


def test_variables_of_compose_are_named() -> None:
    used = set()
    for file in (*COMPOSE_FILES, "deploy/compose/platform.yml", "monitoring/compose.yml"):
        used |= set(re.findall(r"\$\{([A-Z_]+):?-", (ROOT / file).read_text()))
    assert [name for name in sorted(used) if f"`{name}`" not in DOC] == []
