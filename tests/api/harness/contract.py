"""The OpenAPI document as the tests see it."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from harness.platform import ROOT

FILE = ROOT / "api/openapi.yaml"
METHODS = ("get", "put", "post", "patch", "delete")
SERVICE_OF_TAG = {
    "users": "user",
    "transactions": "transaction",
    "requests": "transaction",
    "notifications": "transaction",
    "splits": "transaction",
    "schedules": "transaction",
    "mandates": "transaction",
    "holds": "transaction",
    "reports": "reporting",
}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    service: str
    protected: bool
    has_body: bool  # of JSON

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def example_path(self) -> str:
        path = self.path.replace("{email}", "somebody@example.com")
        path = path.replace("{username}", "somebody")
        for name in ("{id}", "{user_id}", "{session_id}", "{credential_id}", "{draw_id}"):
            path = path.replace(name, str(uuid.UUID(int=7)))
        return path


@cache
def document() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())


@cache
def operations() -> list[Operation]:
    found = []
    for path, item in document()["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                found.append(
                    Operation(
                        method.upper(),
                        path,
                        SERVICE_OF_TAG.get(operation["tags"][0], "every"),
                        operation.get("security") != [],
                        "application/json" in operation.get("requestBody", {}).get("content", ()),
                    )
                )
    return found


def of_services() -> list[Operation]:
    return [operation for operation in operations() if operation.service != "every"]
