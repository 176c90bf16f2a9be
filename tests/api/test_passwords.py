"""Passwords: one word is one password however it is typed, and what is guessed first is refused."""

import unicodedata

import pytest
from harness.users import login, unique_name

# é composed or not, an Arabic ligature or its letters, full width or half, a special blank or a
# plain one.
WORDS = ["café crème 7", "\ufefbم عليكم ٧٧", "ｐａｓｔ　ｈａｌｆ", "ﬁve ﬂowers", "Å ångström"]


def body(password, **fields):
    name = unique_name()
    return {"username": name, "email": f"{name}@example.com", "password": password, **fields}


def sign_in(client, email, password):
    return client.post("/api/users/login", {"email": email, "password": password})


@pytest.mark.parametrize("word", WORDS)
def test_every_form_of_a_word_is_one_password(client, word):
    forms = {word} | {unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert len(forms) > 1
    for chosen in forms:
        sent = body(chosen)
        client.post("/api/users/register", sent).ok(201)
        for typed in forms:
            sign_in(client, sent["email"], typed).ok()
        sign_in(client, sent["email"], chosen + "x").problem(401, "invalid_credentials")


def test_a_change_of_password_reads_both_alike(client, user):
    path = f"/api/users/{user.id}/password"
    nfc, nfd = (unicodedata.normalize(form, "séjour à Zürich") for form in ("NFC", "NFD"))
    user.put(path, {"currentPassword": user.password, "newPassword": nfd}).ok(204)
    user.put(path, {"currentPassword": nfc, "newPassword": "another one 77"}).ok(204)
    sign_in(client, user.email, "another one 77").ok()


def test_hashes_of_before_keep_working_and_are_replaced(launch, cluster):
    """They were made of the password as it was sent."""
    platform = launch()
    user = platform.new_user()
    nfc, nfd = (unicodedata.normalize(form, "séjour à Zürich") for form in ("NFC", "NFD"))
    cluster.sql("CREATE EXTENSION IF NOT EXISTS pgcrypto")
    cluster.sql(
        f"UPDATE users SET password_hash = crypt('{nfd}', gen_salt('bf', 5)) WHERE id = '{user.id}'"
    )
    sign_in(platform.client, user.email, nfc).problem(401, "invalid_credentials")
    sign_in(platform.client, user.email, nfd).ok()
    sign_in(platform.client, user.email, nfc).ok()
    sign_in(platform.client, user.email, nfd).ok()


@pytest.mark.parametrize(
    "password",
    [
        *("password", "Password1!", "P@ssw0rd", "12345678", "qwertyuiop", "iloveyou", "letmein1"),
        *("aaaaaaaa", "        ", "drowssap", "x" * 72, "ｐａｓｓｗｏｒｄ"),
    ],
)
def test_common_ones_are_refused(client, user, password):
    client.post("/api/users/register", body(password)).problem(
        422, "validation_failed", {"password": "too_common"}
    )
    user.put(
        f"/api/users/{user.id}/password",
        {"currentPassword": user.password, "newPassword": password},
    ).problem(422, "validation_failed", {"newPassword": "too_common"})


def test_so_are_ones_own_names(client, new_user):
    own = {"username": unique_name("nourhassan"), "displayName": "Nour Hassan"}
    for password in (own["username"], "NourHassan", "hassannour1", "Nour Hassan"):
        client.post("/api/users/register", body(password, **own)).problem(
            422, "validation_failed", {"password": "too_common"}
        )
    user = new_user(displayName="Nour Hassan")
    for password in (user.username, user.email, "nourhassan"):
        user.put(
            f"/api/users/{user.id}/password",
            {"currentPassword": user.password, "newPassword": password},
        ).problem(422, "validation_failed", {"newPassword": "too_common"})


def test_one_that_was_set_before_the_rule_still_opens(launch, cluster):
    platform = launch()
    user = platform.new_user()
    cluster.sql("CREATE EXTENSION IF NOT EXISTS pgcrypto")
    cluster.sql(
        "UPDATE users SET password_hash = crypt('password', gen_salt('bf', 5)) "
        f"WHERE id = '{user.id}'"
    )
    login(platform.client, user.email, "password")
