"""The gateway: everything under one address, as a browser sees it."""

from decimal import Decimal

import pytest
from harness.client import Client
from harness.contract import of_services
from harness.exact_json import Literal
from harness.users import register


@pytest.fixture(scope="module")
def front(platform):
    url = platform.urls["gateway"]
    client = Client({"user": url, "transaction": url, "reporting": url})
    yield client
    client.close()


def test_a_whole_story_through_the_gateway(front):
    user, payee = register(front), register(front)
    done = user.pay(payee, "120.50", key="story-1").ok(201)
    assert user.pay(payee, "120.50", key="story-1").headers["idempotent-replayed"] == "true"
    assert payee.history()[0]["id"] == done["id"]
    report = payee.get(f"/api/reports/users/{payee.id}").ok()
    assert report["net"] == Decimal("1120.50")


@pytest.mark.parametrize("operation", of_services(), ids=str)
def test_every_route_is_there(front, operation):
    body = {"body": Literal("{}")} if operation.has_body else {}
    reply = front.send(operation.method, operation.example_path(), **body)
    expected = 401 if operation.protected else 422 if operation.has_body else 200
    if operation.path == "/oauth/token":
        expected = 400  # not a form
    if reply.status == 404 and "{" in operation.path and not operation.protected:
        assert reply.json["code"] != "route_not_found", str(reply)  # nobody has that id
    else:
        assert reply.status == expected, str(reply)


def test_a_health_answer(front):
    assert front.get("/health").status == 200


def test_unknown_api_paths_are_problems_not_pages(front):
    front.get("/api/nothing").problem(404, "route_not_found")
