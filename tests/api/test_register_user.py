"""POST /api/users/register."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.amounts import is_money
from harness.users import OPENING_BALANCE, login, unique_name

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z")


def body(**changes):
    name = unique_name()
    fields = {"username": name, "email": f"{name}@example.com", "password": "eight bytes"}
    fields.update(changes)
    return {field: value for field, value in fields.items() if value is not ...}


def test_opens_an_account_with_the_opening_balance(client):
    sent = body()
    reply = client.post("/api/users/register", sent)
    user = reply.ok(201)
    assert set(user) == {
        *("id", "username", "displayName", "email", "role", "status", "balance", "currency"),
        *("createdAt", "updatedAt"),
    }
    assert user["username"] == sent["username"]
    assert user["displayName"] == sent["username"]
    assert user["email"] == sent["email"]
    assert (user["role"], user["status"], user["currency"]) == ("user", "active", "EGP")
    assert user["balance"] == OPENING_BALANCE
    assert is_money(user["balance"])
    assert '"balance":1000.00' in reply.text.replace(" ", "")
    assert TIME.fullmatch(user["createdAt"])
    assert TIME.fullmatch(user["updatedAt"])
    assert user["id"][14] == "7", "ids are UUID v7"
    assert "password" not in reply.text


def test_the_opening_balance_is_a_ledger_entry(user):
    (entry,) = user.history()
    assert entry["kind"] == "opening"
    assert entry["direction"] == "in"
    assert entry["amount"] == entry["balanceAfter"] == OPENING_BALANCE
    assert entry["receiverId"] == user.id
    assert entry["counterparty"] is None


def test_email_and_username_are_stored_in_lower_case(client):
    name = unique_name()
    sent = body(username=name.upper(), email=f"{name.upper()}@Example.COM")
    user = client.post("/api/users/register", sent).ok(201)
    assert (user["username"], user["email"]) == (name, f"{name}@example.com")
    login(client, sent["email"], sent["password"])


def test_the_ends_of_text_fields_are_trimmed_but_never_the_password(client):
    name = unique_name()
    sent = body(username=f" {name} ", email=f" {name}@example.com ", password="  padded  ")
    user = client.post("/api/users/register", sent).ok(201)
    assert (user["username"], user["email"]) == (name, f"{name}@example.com")
    login(client, user["email"], "  padded  ")
    client.post("/api/users/login", {"email": user["email"], "password": "padded"}).problem(
        401, "invalid_credentials"
    )


@pytest.mark.parametrize(
    "display_name", ["A", "Nour Hassan", "نور حسن", "李小龙", "x" * 64, "é" * 64, "😀" * 64]
)
def test_display_names_that_are_good(client, display_name):
    user = client.post("/api/users/register", body(displayName=display_name)).ok(201)
    assert user["displayName"] == display_name


LONGEST = "Vq1hZ0mJwTn8yKx4RbLdOeN7sGf2uPcYiWzA5oXE3kDtQvHlMj6SuVq1hZ0mJwTn8yKx4RbL"


@pytest.mark.parametrize(
    "password", ["8 chars!", LONGEST, "éàüöß" * 7, "😀🚀🌵🎈🐫🌙🍉🎲", 'quote"back\\slash/']
)
def test_passwords_of_8_characters_to_72_bytes(client, password):
    user = client.post("/api/users/register", body(password=password)).ok(201)
    login(client, user["email"], password)


@pytest.mark.parametrize(
    "local", ["plus+tag", "dots.in.it", "under_score", "da-sh", "o'neill", "x" * 40, "1234567"]
)
def test_emails_that_are_good(client, local):
    email = f"{local}.{unique_name()}@mail.example.co.uk"
    assert client.post("/api/users/register", body(email=email)).ok(201)["email"] == email


BAD = [
    ({"username": ...}, {"username": "required"}),
    ({"username": ""}, {"username": "required"}),
    ({"username": None}, {"username": "wrong_type"}),
    ({"username": 7}, {"username": "wrong_type"}),
    ({"username": ["a"]}, {"username": "wrong_type"}),
    ({"username": "ab"}, {"username": "too_short"}),
    ({"username": "a" * 33}, {"username": "too_long"}),
    ({"username": "_abc"}, {"username": "invalid_format"}),
    ({"username": "-abc"}, {"username": "invalid_format"}),
    ({"username": ".abc"}, {"username": "invalid_format"}),
    ({"username": "a b c"}, {"username": "invalid_format"}),
    ({"username": "a@bcd"}, {"username": "invalid_format"}),
    ({"username": "näme"}, {"username": "invalid_format"}),
    ({"username": "abc\u0000"}, {"username": "invalid_format"}),
    ({"username": "ab\u202ec"}, {"username": "invalid_format"}),
    ({"email": ...}, {"email": "required"}),
    ({"email": ""}, {"email": "required"}),
    ({"email": None}, {"email": "wrong_type"}),
    ({"email": 1}, {"email": "wrong_type"}),
    ({"email": "nobody"}, {"email": "invalid_format"}),
    ({"email": "@example.com"}, {"email": "invalid_format"}),
    ({"email": "nobody@"}, {"email": "invalid_format"}),
    ({"email": "a@b@example.com"}, {"email": "invalid_format"}),
    ({"email": "a b@example.com"}, {"email": "invalid_format"}),
    ({"email": "a@exa mple.com"}, {"email": "invalid_format"}),
    ({"email": "a@example..com"}, {"email": "invalid_format"}),
    ({"email": "a@-example.com"}, {"email": "invalid_format"}),
    ({"email": "a@example.com\r\nBcc: b@example.com"}, {"email": "invalid_format"}),
    ({"email": "a\u0000@example.com"}, {"email": "invalid_format"}),
    ({"email": "<a@example.com>"}, {"email": "invalid_format"}),
    ({"email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com"}, {"email": "too_long"}),
    ({"password": ...}, {"password": "required"}),
    ({"password": None}, {"password": "wrong_type"}),
    ({"password": 12345678}, {"password": "wrong_type"}),
    ({"password": ""}, {"password": "too_short"}),
    ({"password": "7 bytes"}, {"password": "too_short"}),
    ({"password": "x" * 73}, {"password": "too_long"}),
    ({"password": "é" * 37}, {"password": "too_long"}),
    ({"password": "😀" * 7}, {"password": "too_short"}),
    # What counts is the form that is hashed: this character alone becomes 18, of 33 bytes.
    ({"password": "ﷺ" * 3}, {"password": "too_long"}),
    # bcrypt would stop reading at the NUL: any text after it would log in.
    ({"password": "secret\u0000rest"}, {"password": "invalid_format"}),
    ({"displayName": ""}, {"displayName": "required"}),
    ({"displayName": "   "}, {"displayName": "required"}),
    ({"displayName": 5}, {"displayName": "wrong_type"}),
    ({"displayName": "x" * 65}, {"displayName": "too_long"}),
    ({"displayName": "a\nb"}, {"displayName": "invalid_format"}),
    ({"displayName": "a\u0000b"}, {"displayName": "invalid_format"}),
    ({"balance": 5}, {"balance": "unknown_field"}),
    ({"role": "operator"}, {"role": "unknown_field"}),
    ({"Email": "x@example.com"}, {"Email": "unknown_field"}),
    (
        {"username": "", "email": "nobody", "password": "short", "extra": 1},
        {
            "username": "required",
            "email": "invalid_format",
            "password": "too_short",
            "extra": "unknown_field",
        },
    ),
]


@pytest.mark.parametrize(("changes", "fields"), BAD)
def test_refuses_bad_fields_all_at_once(client, changes, fields):
    reply = client.post("/api/users/register", body(**changes))
    reply.problem(422, "validation_failed", fields)


def test_the_refusal_of_a_password_says_the_rule(client):
    for password in ("short", "x" * 73):
        (error,) = client.post("/api/users/register", body(password=password)).json["errors"]
        rule = "72 bytes" if len(password) > 72 else "8 characters"
        assert rule in error["detail"], error


def test_a_taken_email_or_username_is_said(client):
    first = body()
    client.post("/api/users/register", first).ok(201)
    again = body(email=first["email"].upper())
    client.post("/api/users/register", again).problem(409, "email_taken")
    again = body(username=first["username"].upper())
    client.post("/api/users/register", again).problem(409, "username_taken")


@pytest.mark.parametrize(
    ("same", "code"), [("email", "email_taken"), ("username", "username_taken")]
)
def test_of_many_registrations_at_once_one_wins(client, same, code):
    first = body()
    bodies = [body(**{same: first[same]}) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda sent: client.post("/api/users/register", sent), bodies))
    created = [reply.json for reply in replies if reply.status == 201]
    assert len(created) == 1, [str(reply) for reply in replies]
    for reply in replies:
        if reply.status != 201:
            reply.problem(409, code)
    winner = login(client, created[0]["email"], "eight bytes")
    assert winner.balance() == Decimal("1000.00"), "one opening grant, not eight"
    assert len(winner.history()) == 1
