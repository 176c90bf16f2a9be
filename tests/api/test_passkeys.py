"""Passkeys (WebAuthn Level 2): registering them, and signing in without a password."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import aged, challenge_of, factors_of, renew, session_of
from harness.keys import b64url, claims_of
from harness.passkeys import (
    BE,
    BS,
    ED,
    EDDSA,
    ES256,
    RS256,
    UP,
    UV,
    add,
    b64url_decode,
    begin,
    cbor,
    new_passkey,
    present,
    register,
    second_step,
    second_step_options,
    sign_in,
    sign_in_options,
    step_up_options,
)
from harness.users import User, again

FACTORS = "/api/users/me/factors"
OTHER_ORIGIN = {"origin": "https://evil.example"}


# ---- registering


def test_the_browser_is_asked_for_a_passkey_that_signs_in_by_itself(platform, user):
    reply = begin(user)
    asked = reply.ok()
    assert reply.headers["cache-control"] == "no-store"
    assert asked["expiresIn"] == 300
    key = asked["publicKey"]
    assert len(b64url_decode(key.pop("challenge"))) >= 32
    assert b64url_decode(key["user"].pop("id")).hex() == user.id.replace("-", "")
    assert key == {
        "rp": {"id": "localhost", "name": "Mini-InstaPay"},
        "user": {"name": user.email, "displayName": user.profile()["displayName"]},
        "timeout": 300_000,
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (ES256, EDDSA, RS256)],
        "excludeCredentials": [],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_algorithm_registers_and_signs_in(platform, user, algorithm):
    passkey = new_passkey(platform, algorithm=algorithm)
    register(user, passkey)
    assert sign_in(user, passkey).me()["id"] == user.id


def test_self_attestation_is_checked(platform, user):
    passkey = new_passkey(platform)
    bad = passkey.create(begin(user).ok(), fmt="packed", statement={"alg": ES256, "sig": b"no"})
    add(user, bad).problem(401, "passkey_invalid")
    add(user, passkey.create(begin(user).ok(), fmt="packed")).ok(201)


def test_the_first_factor_brings_recovery_codes(client, user, passkey):
    first = add(user, passkey.create(begin(user).ok()), "Nour's phone").ok(201)
    assert len(set(first["recoveryCodes"])) == 10
    assert set(first["passkey"]) == {
        *("id", "name", "createdAt", "lastUsedAt", "backedUp", "copiedAt")
    }
    # Access tokens of before do not know of it.
    user.get("/api/users/me").problem(401, "token_expired")
    renew(user)
    shown = factors_of(user)
    assert shown["passkeys"] == [first["passkey"]]
    assert (shown["totp"], shown["recoveryCodesLeft"]) == (None, 10)
    assert session_of(user)["factor"] == "passkey"
    body = {"email": user.email, "password": user.password}
    refused = client.post("/api/users/login", body).problem(401, "second_factor_required")
    assert refused["accepts"] == ["passkey", "recovery_code"]


def test_several_are_told_apart(platform, holder, passkey):
    other = new_passkey(platform, flags=UP | UV)
    asked = begin(holder).ok()
    assert asked["publicKey"]["excludeCredentials"] == [
        {"type": "public-key", "id": b64url(passkey.id), "transports": ["hybrid", "internal"]}
    ]
    added = add(holder, other.create(asked), "  Security   key ").ok(201)
    assert added["recoveryCodes"] is None
    assert [key["name"] for key in factors_of(holder)["passkeys"]] == ["Phone", "Security key"]
    assert [key["backedUp"] for key in factors_of(holder)["passkeys"]] == [True, False]
    path = f"{FACTORS}/passkeys/{added['passkey']['id']}"
    assert holder.patch(path, {"name": "Blue key"}).ok()["name"] == "Blue key"
    sign_in(holder, other)
    used = {key["name"]: key["lastUsedAt"] is not None for key in factors_of(holder)["passkeys"]}
    assert used == {"Phone": False, "Blue key": True}


def test_one_is_registered_once(platform, holder, passkey, new_user):
    add(holder, passkey.create(begin(holder).ok())).problem(409, "factor_exists")
    stranger = new_user()
    same = copy.copy(passkey)
    add(stranger, same.create(begin(stranger).ok())).problem(409, "factor_exists")
    assert sign_in(holder, passkey).me()["id"] == holder.id


def test_there_is_a_limit(platform, user):
    for n in range(19):
        passkey = new_passkey(platform)
        added = add(user, passkey.create(begin(user).ok()), f"Key {n}").ok(201)
        if added["recoveryCodes"]:
            renew(user)
    # Of many at once one is the twentieth.
    asked = [begin(user).ok() for _ in range(4)]
    answers = [new_passkey(platform).create(options) for options in asked]
    with ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda answer: add(user, answer), answers))
    assert sorted(reply.status for reply in replies) == [201, 422, 422, 422]
    assert {r.json["code"] for r in replies if r.status == 422} == {"passkey_limit_exceeded"}
    begin(user).problem(422, "passkey_limit_exceeded")


def test_adding_asks_for_the_password_and_a_factor(platform, user, holder, passkey):
    wrong = User(**{**holder.__dict__, "password": "not the password"})
    begin(wrong).problem(401, "invalid_credentials")
    begin(aged(holder)).problem(403, "step_up_required")
    # Nor does an authenticator app get round it.
    old = aged(holder)
    body = {"password": holder.password}
    old.post(f"{FACTORS}/totp", body).problem(403, "step_up_required")
    holder.post(f"{FACTORS}/totp", body).ok(201)


def flags(value):
    return {"flags": value}


BAD_REGISTRATIONS = {
    "another origin": {"client": OTHER_ORIGIN},
    "an origin below": {"client": {"origin": "http://localhost.evil.example"}},
    "inside another page": {"client": {"crossOrigin": True}},
    "a page around it": {"client": {"topOrigin": "https://evil.example"}},
    "another ceremony": {"client": {"type": "webauthn.get"}},
    "no type": {"client": {"type": None}},
    "another domain": {"rp_id": "evil.example"},
    "nobody there": flags(UV | BE),
    "nobody verified": flags(UP | BE),
    "backed up and not eligible": flags(UP | UV | BS),
    "extensions that are not there": flags(UP | UV | ED),
    "extensions that are no map": {"flags": UP | UV | ED, "after": cbor(1)},
    "something after it": {"after": b"\x00"},
    "something after extensions": {"flags": UP | UV | ED, "after": cbor({}) + b"\x00"},
    "an id longer than there is": {"id_length": 1023},
    "no id": {"id_length": 0},
    "an attestation that was not asked for": {"fmt": "fido-u2f", "statement": {"sig": b"x"}},
    "a statement of none": {"statement": {"sig": b"x"}},
    "no key": {"key": b""},
    "half a key": {"key": cbor({1: 2, 3: ES256, -1: 1, -2: bytes(32)})},
    "a point that is not on the curve": {
        "key": cbor({1: 2, 3: ES256, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32})
    },
    "a key of ES384": {"key": cbor({1: 2, 3: -35, -1: 2, -2: bytes(48), -3: bytes(48)})},
    "another curve": {"key": cbor({1: 2, 3: ES256, -1: 3, -2: bytes(32), -3: bytes(32)})},
    "a secret in the key": {"key": cbor({1: 1, 3: EDDSA, -1: 6, -2: bytes(32), -4: bytes(32)})},
    "a short RSA key": {"key": cbor({1: 3, 3: RS256, -1: b"\xff" * 128, -2: b"\x01\x00\x01"})},
    "another exponent": {"key": cbor({1: 3, 3: RS256, -1: b"\xff" * 256, -2: b"\x03"})},
    "an endless key": {"key": b"\xbf\x01\x02\xff"},
}


@pytest.mark.parametrize("what", BAD_REGISTRATIONS)
def test_refuses_a_registration_with(platform, user, what):
    passkey = new_passkey(platform)
    answer = passkey.create(begin(user).ok(), **BAD_REGISTRATIONS[what])
    add(user, answer).problem(401, "passkey_invalid")
    assert factors_of(user)["passkeys"] == []


def test_extensions_may_be_there(platform, user):
    passkey = new_passkey(platform)
    extensions = cbor({"credProtect": 2, "more": {"deep": {"er": b"x"}}})
    answer = passkey.create(begin(user).ok(), flags=UP | UV | ED, after=extensions)
    passkey.flags = UP | UV
    add(user, answer).ok(201)
    body = passkey.get(sign_in_options(user.client), flags=UP | UV | ED, after=extensions)
    present(user.client, body).ok()


def test_a_challenge_is_of_one_session_and_answered_once(platform, user, new_user):
    other = new_user()
    for asked_by, answered_by in ((other, user), (again(user), user)):
        answer = new_passkey(platform).create(begin(asked_by).ok())
        add(answered_by, answer).problem(401, "challenge_invalid")
    options = begin(user).ok()
    first, second = (new_passkey(platform).create(options) for _ in range(2))
    add(user, first).ok(201)
    renew(user)
    add(user, second).problem(401, "challenge_invalid")
    # Nor one of another purpose.
    answer = new_passkey(platform).create(
        {"publicKey": {**options["publicKey"], **sign_in_options(user.client)["publicKey"]}}
    )
    add(user, answer).problem(401, "challenge_invalid")


# ---- signing in without a password


def test_a_passkey_signs_in_and_counts_as_a_factor(client, holder, passkey):
    options = sign_in_options(client)["publicKey"]
    assert (options["rpId"], options["allowCredentials"]) == ("localhost", [])
    assert options["userVerification"] == "required"
    fresh = sign_in(holder, passkey)
    claims = claims_of(fresh.token)
    assert claims["amr"] == ["pop", "mfa"]
    assert claims["factors"]["enrolled"] is True
    assert session_of(fresh)["factor"] == "passkey"
    # What asks for a factor goes on: it was shown just now.
    rules = fresh.put(f"{FACTORS}/step-up", {"above": 1})
    assert rules.ok()["stepUp"]["above"] == 1
    renew(fresh)
    fresh.get("/api/users/me").ok()


def test_browsers_get_a_cookie(client, holder, passkey):
    headers = {"X-Session-Transport": "cookie"}
    reply = present(client, passkey.get(sign_in_options(client)), headers=headers)
    assert "refreshToken" not in reply.ok()
    assert "HttpOnly" in reply.headers["set-cookie"]


BAD_ASSERTIONS = {
    "another origin": {"client": OTHER_ORIGIN},
    "inside another page": {"client": {"crossOrigin": True}},
    "a crossOrigin that is no boolean": {"client": {"crossOrigin": "false"}},
    "a page around it": {"client": {"topOrigin": "https://evil.example"}},
    "another ceremony": {"client": {"type": "webauthn.create"}},
    "another domain": {"rp_id": "evil.example"},
    "nobody there": flags(UV | BE | BS),
    "nobody verified": flags(UP | BE | BS),
    "another nature": flags(UP | UV),
    "something after it": {"after": b"\x00"},
    "another person": {"handle": b"\x00" * 16},
    "nobody": {"handle": b"\x00"},
}


@pytest.mark.parametrize("what", BAD_ASSERTIONS)
def test_refuses_a_sign_in_with(client, holder, passkey, what):
    answer = passkey.get(sign_in_options(client), **BAD_ASSERTIONS[what])
    present(client, answer).problem(401, "passkey_invalid")


def test_what_was_signed_cannot_be_changed(client, holder, passkey):
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        answer = passkey.get(sign_in_options(client))
        raw = b64url_decode(answer["response"][part])
        if part == "clientDataJSON":
            changed = json.dumps({**json.loads(raw), "more": 1}).encode()
        else:
            changed = raw[:-1] + bytes([raw[-1] ^ 1])
        answer["response"][part] = b64url(changed)
        present(client, answer).problem(401, "passkey_invalid")


def test_the_key_of_another_passkey_is_no_use(platform, client, holder, passkey):
    thief = new_passkey(platform, id=passkey.id, user_handle=passkey.user_handle)
    present(client, thief.get(sign_in_options(client))).problem(401, "passkey_invalid")
    unknown = new_passkey(platform, user_handle=passkey.user_handle)
    present(client, unknown.get(sign_in_options(client))).problem(401, "passkey_invalid")


def test_without_a_name_the_passkey_has_to_say_whose_it_is(client, holder, passkey):
    answer = passkey.get(sign_in_options(client))
    answer["response"]["userHandle"] = None
    present(client, answer).problem(401, "passkey_invalid")


def test_a_sign_in_is_answered_once(client, holder, passkey):
    answer = passkey.get(sign_in_options(client))
    with ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda _: present(client, answer), range(6)))
    assert sorted(reply.status for reply in replies) == [200, 401, 401, 401, 401, 401]
    assert {r.json["code"] for r in replies if r.status == 401} == {"challenge_invalid"}


def test_a_challenge_is_for_one_purpose(client, holder, passkey):
    challenge = challenge_of(holder)
    for options in (
        begin(holder).ok(),
        step_up_options(holder),
        second_step_options(holder, challenge).ok(),
    ):
        present(client, passkey.get(options)).problem(401, "challenge_invalid")
    answer = passkey.get(sign_in_options(client))
    second_step(holder, challenge, answer).problem(401, "challenge_invalid")
    shown = holder.post("/api/users/me/step-up", {"passkey": answer})
    shown.problem(401, "challenge_invalid")
    present(client, answer).ok()


def test_challenges_are_ours_and_new(client, holder, passkey):
    for challenge in ("", b64url(b"x" * 56), b64url(bytes(16)), "not base64url!"):
        answer = passkey.get({"publicKey": {"challenge": challenge}})
        assert present(client, answer).status == 401
    options = sign_in_options(client)
    raw = bytearray(b64url_decode(options["publicKey"]["challenge"]))
    raw[23] ^= 64  # of the time until which it is good
    options["publicKey"]["challenge"] = b64url(bytes(raw))
    present(client, passkey.get(options)).problem(401, "challenge_invalid")


def test_a_counter_that_goes_back_is_told(platform, client, user):
    passkey = new_passkey(platform, counter=5)
    register(user, passkey)
    copied = copy.copy(passkey)
    sign_in(user, passkey)
    sign_in(user, passkey)
    refused = present(client, copied.get(sign_in_options(client)))
    assert "copy" in refused.problem(401, "passkey_copied")["detail"]
    same = passkey.get(sign_in_options(client), counts=False)
    present(client, same).problem(401, "passkey_copied")
    zero = copy.copy(passkey)
    zero.counter = 0
    present(client, zero.get(sign_in_options(client))).problem(401, "passkey_copied")
    assert factors_of(user)["passkeys"][0]["copiedAt"]
    assert "somebody may have a copy" in platform.log
    # The one that is ahead goes on.
    sign_in(user, passkey)


def test_two_services_accept_one_answer_once(launch):
    """What was answered is in the database, whichever process is asked."""
    users = launch("user", PUBLIC_URL="http://localhost:8080")
    other = launch("user", PUBLIC_URL="http://localhost:8080")
    user = users.new_user()
    passkey = new_passkey(users)
    register(user, passkey)
    answer = passkey.get(sign_in_options(other.client))
    present(users.client, answer).ok()
    present(other.client, answer).problem(401, "challenge_invalid")


def test_guessing_is_slowed_down(launch):
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="3")
    user, passkey = platform.new_user(), new_passkey(platform)
    register(user, passkey)
    for _ in range(3):
        answer = passkey.get(sign_in_options(user.client), client=OTHER_ORIGIN)
        present(user.client, answer).problem(401, "passkey_invalid")
    answer = passkey.get(sign_in_options(user.client))
    present(user.client, answer).problem(429, "login_throttled")


def test_frozen_signs_in_and_closed_does_not(client, operator, holder, passkey):
    operator.patch(f"/api/users/{holder.id}", {"status": "frozen"}).ok()
    sign_in(holder, passkey)
    operator.close_account(holder).ok()
    answer = passkey.get(sign_in_options(client))
    present(client, answer).problem(403, "account_closed")
    operator.post(f"/api/users/{holder.id}/erasure", {"reason": "asked for"}).ok()
    present(client, passkey.get(sign_in_options(client))).problem(401, "passkey_invalid")


def test_a_changed_password_leaves_passkeys_alone(client, holder, passkey):
    body = {"currentPassword": holder.password, "newPassword": "a new passphrase"}
    holder.put(f"/api/users/{holder.id}/password", body).ok(204)
    sign_in(holder, passkey).get("/api/users/me").ok()


# ---- what is sent

LARGE = b64url(bytes(9000))
BAD_ANSWERS = [
    ({}, {"passkey": "required"}),
    ({"passkey": []}, {"passkey": "wrong_type"}),
    ({"passkey": {}}, {"passkey.id": "required", "passkey.response": "required"}),
    ({"passkey": {"id": 1, "response": {}}}, None),
    ({"passkey": {"id": "AA==", "response": 1}}, None),
    ({"passkey": None, "code": "123456"}, None),
]


@pytest.mark.parametrize(("sent", "fields"), BAD_ANSWERS)
def test_refuses_bad_answers(client, sent, fields):
    client.post("/api/users/login/passkey", sent).problem(422, "validation_failed", fields)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_every_part_has_a_limit(client, passkey, part):
    answer = passkey.get({"publicKey": {"challenge": "AAAA"}}, handle=b"x")
    for wrong, code in ((LARGE, "too_long"), ("A", "invalid_format"), (1, "wrong_type")):
        bad = copy.deepcopy(answer)
        bad["response"][part] = wrong
        fields = {f"passkey.response.{part}": code}
        present(client, bad).problem(422, "validation_failed", fields)
    answer["id"] = LARGE
    present(client, answer).problem(422, "validation_failed", {"passkey.id": "too_long"})


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\u202eb", 1, None])
def test_refuses_bad_names(holder, passkey, name):
    path = f"{FACTORS}/passkeys/{passkey.info['id']}"
    holder.patch(path, {"name": name}).problem(422, "validation_failed")
