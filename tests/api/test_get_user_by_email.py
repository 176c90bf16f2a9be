"""GET /api/users/by-email/{email}."""

from urllib.parse import quote

import pytest
from harness.raw import exchange
from harness.users import unique_name


def find(viewer, email):
    return viewer.get(f"/api/users/by-email/{email}")


def test_others_see_the_public_part_only(user, payee):
    assert find(payee, user.email).ok() == {
        "id": user.id,
        "username": user.username,
        "displayName": user.username,
    }


def test_the_user_and_operators_see_everything(user, operator):
    whole = user.profile()
    assert find(user, user.email).ok() == whole
    assert find(operator, user.email).ok() == whole


def test_any_case(user, payee):
    assert find(payee, user.email.upper()).ok()["id"] == user.id


def test_percent_escapes_are_decoded_and_plus_stays_plus(new_user, payee):
    email = f"{unique_name()}+shop@example.com"
    shop = new_user(email=email)
    for written in (email, quote(email, safe=""), quote(email, safe="+"), quote(email, safe="@")):
        assert find(payee, written).ok()["id"] == shop.id, written


@pytest.mark.parametrize("email", ["nobody.at.all@example.com", "nobody%2Bx@example.com"])
def test_unknown_is_404(user, email):
    find(user, email).problem(404, "user_not_found")


@pytest.mark.parametrize("email", ["nonsense", "a%20b@example.com", "%40", "a%40", "x" * 300])
def test_what_is_no_email_is_refused(user, email):
    reply = find(user, email)
    assert reply.status in (404, 422), str(reply)
    assert reply.json["code"] in ("user_not_found", "validation_failed"), str(reply)


@pytest.mark.parametrize("email", ["%ff%fe@example.com", "%zz@example.com", "a%2@example.com"])
def test_broken_escapes_are_400(user, email):
    # Sent as written: httpx would mend them.

    reply = exchange(
        user.client.urls["user"],
        f"GET /api/users/by-email/{email} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Bearer {user.token}\r\n\r\n".encode(),
    )
    assert reply.status in (400, 422), reply
    assert reply.headers["content-type"] == "application/problem+json"
