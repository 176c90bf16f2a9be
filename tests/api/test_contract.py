"""api/openapi.yaml against the services' own route tables, and as it is served."""

import json
import re

import pytest
import yaml
from harness.contract import FILE, document, operations
from harness.platform import run

SERVICES = ["user", "transaction", "reporting"]


def nameless(path):
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.fixture(scope="module")
def routes():
    done = run("routes", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_lists_exactly_the_routes(routes, service):
    served = {
        (route["method"], nameless(route["path"]))
        for route in routes
        if route["service"] in (service, "every")
    }
    documented = {
        (operation.method, nameless(operation.path))
        for operation in operations()
        if operation.service in (service, "every")
    }
    assert served - documented == set(), "served but not documented"
    assert documented - served == set(), "documented but not served"


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_every_service_serves_the_document(client, service):
    reply = client.get("/openapi.yaml", service=service)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("application/yaml")
    assert reply.text == FILE.read_text()


def test_every_operation_has_a_name_a_summary_and_answers():
    names = []
    for item in document()["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                continue
            names.append(operation["operationId"])
            assert operation["summary"], operation
            assert any(status.startswith("2") for status in operation["responses"]), operation
    assert len(names) == len(set(names))


def test_every_error_code_is_some_operations_answer_or_of_every_path():
    codes = document()["components"]["schemas"]["ErrorCode"]["enum"]
    assert len(codes) == len(set(codes))
    text = yaml.dump(document())
    unused = {code for code in codes if text.count(code) < 2}
    assert unused == set()


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_the_docs_page_works_offline(client, service):
    reply = client.get("/docs", service=service)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in reply.headers
    loaded = re.findall(r"""(?:src|href)\s*=\s*["']([^"'#]+)""", reply.text)
    assert not [link for link in loaded if re.match(r"(https?:)?//", link)], loaded
