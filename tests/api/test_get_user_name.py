"""GET /api/users/{id}/name: who a payment link names, without a token."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest


def path(identifier):
    return f"/api/users/{identifier}/name"


def test_says_who_it_is_and_nothing_else(client, user):
    found = client.get(path(user.id)).ok()
    assert found == {"id": user.id, "username": user.username, "displayName": user.username}
    assert client.get(path(user.id.upper())).ok() == found


def test_who_cannot_be_paid_for_good_is_not_shown(client, user, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "r"}).ok()
    client.get(path(user.id)).ok()
    rest = {"restTo": "00000000-0000-0000-0000-000000000002"}
    operator.patch(f"/api/users/{user.id}", {"status": "closed", "reason": "r", **rest}).ok()
    client.get(path(user.id)).problem(404, "user_not_found")


def test_unknown_is_404(client, user):
    (opening,) = user.history()
    for identifier in (uuid.uuid4(), opening["senderId"]):
        client.get(path(identifier)).problem(404, "user_not_found")


@pytest.mark.parametrize("identifier", ["1", "nour", "nour@example.com", "0" * 36])
def test_only_an_id_will_do(client, identifier):
    client.get(path(identifier)).problem(422, "validation_failed", {"id": "invalid_format"})


def test_an_address_cannot_ask_without_end(launch):
    platform = launch(RATE_LIMIT_ADDRESS_PER_S="5")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: platform.client.get(path(uuid.uuid4())), range(60)))
    refused = [reply for reply in replies if reply.status == 429]
    assert refused
    for reply in refused:
        reply.problem(429, "rate_limited")
