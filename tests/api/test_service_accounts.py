"""Service accounts: who makes, changes and ends them, and what is left of them."""

import pytest
from harness.factors import aged, enrol, step_up
from harness.machines import LIMITS, OWN, PLATFORM, create, program, running
from harness.users import SETTLEMENT, again
from harness.waiting import wait_until

SERVICES = {
    "user": "/api/users/{id}/balance",
    "transaction": "/api/transactions/user/{id}",
    "reporting": "/api/reports/users/{id}",
}


def is_refused(program, owner, service):
    return program.get(SERVICES[service].format(id=owner.id)).status == 401


def test_one_is_made_shown_and_renamed(user):
    made = create(user, ["payments:write", "payments:read"], expiresAt="2030-01-01T00:00:00Z").ok(
        201
    )
    secret, account = made["clientSecret"], made["serviceAccount"]
    assert secret.startswith("instapay_sk_")
    assert account["name"] == "Web shop"
    assert account["scopes"] == ["payments:read", "payments:write"]
    assert account["limits"] == {
        "perRequest": 500,
        "perDay": 2000,
        "orderedToday": 0,
        "provenByFactor": False,
    }
    assert account["expiresAt"] == "2030-01-01T00:00:00.000000Z"
    assert (account["createdBy"], account["lastUsedAt"], account["revokedAt"]) == (
        user.id,
        None,
        None,
    )
    [credential] = account["credentials"]
    assert (credential["kind"], credential["publicKey"]) == ("secret", None)
    renamed = user.patch(f"{OWN}/{account['id']}", {"name": "  Till 2 "}).ok()
    assert (renamed["serviceAccount"]["name"], renamed["clientSecret"]) == ("Till 2", None)
    [listed] = user.get(OWN).ok()["data"]
    assert listed == {**account, "name": "Till 2"}
    assert secret not in user.get(OWN).text


def test_it_is_its_owners_alone(user, payee, operator):
    made = program(user, ["payments:read"])
    path = f"{OWN}/{made.id}"
    body = {"password": payee.password}
    assert payee.get(OWN).ok()["data"] == []
    for reply in (
        payee.patch(path, {"name": "Mine"}),
        payee.post(f"{path}/credentials", body),
        payee.delete(f"{path}/credentials/{made.credential()}"),
        payee.delete(path),
        # Nor are those of wallets the platform's.
        operator.delete(f"{PLATFORM}/{made.id}"),
        operator.patch(f"{PLATFORM}/{made.id}", {"name": "Ours"}),
    ):
        reply.problem(404, "service_account_not_found")
    made.sign_in()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": ""}, {"name": "required"}),
        ({"name": "x" * 65}, {"name": "too_long"}),
        ({"scopes": []}, {"scopes": "too_short"}),
        ({"scopes": ["payments:read", "payments:read"]}, {"scopes": "not_allowed"}),
        ({"scopes": ["actions:read"]}, {"scopes": "not_allowed"}),
        ({"scopes": [7]}, {"scopes": "not_allowed"}),
        ({"limits": LIMITS}, {"limits": "not_allowed"}),
        ({"scopes": ["payments:write"]}, {"limits": "required"}),
        (
            {"scopes": ["payments:write"], "limits": {"perRequest": 2, "perDay": 1}},
            {"limits.perDay": "out_of_range"},
        ),
        (
            {"scopes": ["payments:write"], "limits": {"perRequest": 0, "more": 1}},
            {
                "limits.perRequest": "out_of_range",
                "limits.perDay": "required",
                "limits.more": "unknown_field",
            },
        ),
        ({"expiresAt": "tomorrow"}, {"expiresAt": "invalid_format"}),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, {"expiresAt": "out_of_range"}),
        ({"expiresAt": "2099-01-01T00:00:00Z"}, {"expiresAt": "out_of_range"}),
        ({"publicKey": {"kty": "oct", "k": "AAAA"}}, {"publicKey": "invalid_format"}),
        ({"publicKey": "key"}, {"publicKey": "wrong_type"}),
    ],
)
def test_bad_input(user, change, wrong):
    body = {"name": "Shop", "scopes": ["payments:read"], "password": user.password, **change}
    user.post(OWN, body).problem(422, "validation_failed", wrong)


def test_a_password_and_a_fresh_factor_make_one(user):
    create(user, ["payments:read"], password="wrong").problem(401, "invalid_credentials")
    first = program(user, ["payments:write"])
    factors = enrol(user)
    # Confirming the app has proven the session: five minutes later that counts no more.
    old = aged(user)
    path = f"{OWN}/{first.id}"
    for reply in (
        create(old, ["payments:read"]),
        old.post(f"{path}/credentials", {"password": user.password}),
        old.delete(f"{path}/credentials/{first.credential()}"),
        old.delete(path),
    ):
        reply.problem(403, "step_up_required")
    step_up(user, factors.code())
    assert not first.account["limits"]["provenByFactor"]
    assert program(user, ["payments:write"]).account["limits"]["provenByFactor"]
    user.delete(path).ok(204)


def test_two_secrets_at_once_and_no_third(user):
    shop = program(user, ["payments:read"])
    path = f"{OWN}/{shop.id}/credentials"
    added = user.post(path, {"password": user.password}).ok(201)
    new_secret = added["clientSecret"]
    assert new_secret != shop.secret
    user.post(path, {"password": user.password}).problem(422, "credential_limit_exceeded")
    old_token, new_token = shop.sign_in(), shop.sign_in(new_secret)
    old, new = (credential["id"] for credential in added["serviceAccount"]["credentials"])
    user.delete(f"{path}/{old}").ok(204)
    assert shop.ask().status == 401
    shop.sign_in(new_secret)
    # What the removed secret got ends too; what the other got does not.
    assert is_refused(old_token, user, "user"), "the service that did it knows at once"
    for service in SERVICES:
        wait_until(lambda s=service: is_refused(old_token, user, s), 2, f"{service} knows")
        assert not is_refused(new_token, user, service)
    user.delete(f"{path}/{old}").problem(404, "service_account_not_found")
    [left] = user.get(OWN).ok()["data"]
    assert [credential["id"] for credential in left["credentials"]] == [new]
    assert left["lastUsedAt"] is not None


def test_what_is_revoked_ends_everywhere_within_two_seconds(user):
    shop = running(user, ["payments:read", "reports:read"])
    for service in SERVICES:
        assert not is_refused(shop, user, service)
    user.delete(f"{OWN}/{shop.id}").ok(204)
    for service in SERVICES:
        wait_until(lambda s=service: is_refused(shop, user, s), 2, f"{service} knows")
    path = SERVICES["user"].format(id=user.id)
    shop.get(path).problem(401, "token_revoked")
    assert shop.ask().json["error"] == "unauthorized_client"
    user.delete(f"{OWN}/{shop.id}").problem(404, "service_account_not_found")
    user.patch(f"{OWN}/{shop.id}", {"name": "Back"}).problem(404, "service_account_not_found")
    [listed] = user.get(OWN).ok()["data"]
    assert listed["revokedAt"] is not None


def test_there_are_so_many(user):
    made = [program(user, ["payments:read"]) for _ in range(20)]
    create(user, ["payments:read"]).problem(422, "service_account_limit_exceeded")
    user.delete(f"{OWN}/{made[0].id}").ok(204)
    create(user, ["payments:read"]).ok(201)


def test_freezing_halts_and_closing_ends(user, payee, operator):
    shop = running(user, ["payments:write", "payments:read"])
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    assert shop.ask().json["error"] == "unauthorized_client"
    shop.pay(user, payee, 1).problem(422, "sender_frozen")
    create(user, ["payments:read"]).problem(403, "account_frozen")
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    shop = shop.sign_in()
    shop.pay(user, payee, 1).ok(201)
    operator.patch(f"/api/users/{user.id}", {"status": "closed", "restTo": SETTLEMENT}).ok()
    assert shop.ask().json["error"] == "unauthorized_client"
    for service in SERVICES:
        wait_until(lambda s=service: is_refused(shop, user, s), 2, f"{service} knows")


def test_an_export_has_them_without_what_proves_them(user):
    shop = program(user, ["payments:read"])
    ended = program(user, ["reports:read"], name="Old books")
    user.delete(f"{OWN}/{ended.id}").ok(204)
    reply = user.get(f"/api/users/{user.id}/export")
    first, second = reply.ok()["serviceAccounts"]
    assert first == {k: v for k, v in shop.account.items() if k != "credentials"}
    assert (second["id"], second["name"]) == (ended.id, "Old books")
    assert second["revokedAt"] is not None
    assert "credential" not in reply.text


def test_erasure_takes_their_names(operator, new_user):
    person = new_user()
    shop = program(person, ["payments:read"], name="My little shop")
    operator.close_account(person).ok()
    operator.post(f"/api/users/{person.id}/erasure", {"reason": "asked"}).ok()
    exported = operator.get(f"/api/users/{person.id}/export").ok()["serviceAccounts"]
    assert [(a["id"], a["name"]) for a in exported] == [(shop.id, "Erased")]


# ---- of the platform


def test_operators_make_those_of_the_platform_and_the_log_tells(operator, auditor, user):
    create(user, ["reports:read"], PLATFORM).problem(403, "forbidden")
    create(auditor, ["reports:read"], PLATFORM).problem(403, "forbidden")
    for scope in ("payments:read", "payments:write", "refunds:write"):
        fields = {"limits": LIMITS} if scope == "payments:write" else {}
        refused = create(operator, [scope], PLATFORM, **fields)
        assert refused.problem(422, "validation_failed")["errors"][0]["field"] == "scopes"
    made = program(operator, ["reports:read"], PLATFORM, name="Warehouse")
    path = f"{PLATFORM}/{made.id}"
    operator.patch(path, {"name": "Data warehouse"}).ok()
    operator.post(f"{path}/credentials", {"password": operator.password}).ok(201)
    operator.delete(f"{path}/credentials/{made.credential()}").ok(204)
    assert made.id in [account["id"] for account in auditor.get(PLATFORM).ok()["data"]]
    operator.delete(path).ok(204)
    operator.delete(path).problem(404, "service_account_not_found")

    def logged():
        found = operator.get("/api/reports/actions", params={"subject": made.id}).ok()["data"]
        return found if len(found) == 5 else None

    actions = wait_until(logged, 10, "the log has them")
    assert {a["actor"]["id"] for a in actions} == {operator.id}
    assert {a["subject"]["displayName"] for a in actions} == {"Data warehouse"}
    changes = [a["change"]["serviceAccount"] for a in reversed(actions)]
    assert changes[0] == {
        "before": None,
        "after": {"name": "Warehouse", "scopes": "reports:read"},
    }
    assert changes[1] == {"name": "Data warehouse"}
    assert list(changes[2]) == ["credentialAdded"]
    assert changes[3] == {"credentialRemoved": made.credential()}
    assert changes[4] == {"revoked": True}


def test_another_session_sees_the_same(user):
    made = program(user, ["payments:read"])
    assert [account["id"] for account in again(user).get(OWN).ok()["data"]] == [made.id]
