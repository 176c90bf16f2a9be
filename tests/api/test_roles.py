"""Staff roles: every endpoint and every role, and what each may do to somebody else's account."""

import json
import uuid

import pytest
from harness.platform import run
from harness.users import fresh_key, login

ROLES = ["user", "auditor", "support", "treasury", "admin", "operator"]
STAFF = set(ROLES) - {"user"}
# Whom a route lets in; docs/security.md says why.
WHO = {
    "anyone": set(ROLES),
    "user": set(ROLES),
    "look": STAFF,
    "money": {"treasury", "operator"},
    "limits": {"treasury", "operator"},
    "erase": {"admin", "operator"},
    "programs": {"admin", "operator"},
}
# Said once more by name, so that a route that loses its guard is found.
GUARDED = {
    "look": {
        *("list_users", "search_transfers", "list_platform_accounts", "report_transactions"),
        *("list_actions", "report_system", "report_ledger", "report_services"),
        *("list_approvals", "get_approval", "approve_proposal", "refuse_proposal"),
        *("withdraw_proposal", "authorize_proposal", "sign_proposal"),
    },
    "money": {"adjust_balance"},
    "limits": {"set_limits"},
    "erase": {"erase_user"},
    "programs": {
        *("create_platform_account", "rename_platform_account", "revoke_platform_account"),
        *("add_platform_credential", "remove_platform_credential"),
    },
}
SERVICE = {name: name for name in ("user", "transaction", "reporting")}
ROUTES = [route for route in json.loads(run("routes", "--json").stdout) if "access" in route]


@pytest.fixture(scope="module")
def staff(platform, operator):
    people = {"operator": operator}
    for role in ROLES[:-1]:
        person = platform.new_user()
        operator.patch(f"/api/users/{person.id}", {"role": role}).ok()
        people[role] = login(platform.client, person.email, person.password)
    return people


def test_each_guarded_route_is_named_here():
    found = {access: set() for access in GUARDED}
    for route in ROUTES:
        if route["access"] in found:
            found[route["access"]].add(route["handler"])
    assert found == GUARDED


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_whom_it_should(staff, role):
    """The role is asked before anything is read: who passes is told what else is wrong."""
    person = login(staff[role].client, staff[role].email, staff[role].password)
    for route in ROUTES:
        if route["handler"] in ("logout_user", "stream_entries", "end_sessions", "freeze_wallet"):
            continue
        path = route["path"]
        for name in ("{id}", "{user_id}", "{session_id}", "{credential_id}"):
            path = path.replace(name, str(uuid.UUID(int=7)))
        path = path.replace("{email}", "nobody@example.com").replace("{username}", "nobody")
        reply = person.client.send(
            route["method"], path, token=person.token, service=SERVICE.get(route["service"])
        )
        refused = reply.status == 403 and reply.json["detail"] == "Your role may not do this."
        assert refused == (role not in WHO[route["access"]]), f"{route}: {reply}"


def patch(**changes):
    return lambda by, whom, heir: by.patch(f"/api/users/{whom.id}", changes)


def close_to(by, whom, heir):
    body = {"status": "closed", "restTo": heir.id}
    return by.patch(f"/api/users/{whom.id}", body)


def refund(by, whom, heir):
    paid = whom.pay(heir, 1).ok(201)
    return by.post(f"/api/transactions/{paid['id']}/refund", {}, key=fresh_key())


def sessions(method):
    return lambda by, whom, _: getattr(by, method)(f"/api/users/{whom.id}/sessions")


# What the routes leave to the handler.
ACTIONS = {
    "freeze": (patch(status="frozen"), {"support", "operator"}),
    "see sessions": (sessions("get"), {"support", "operator"}),
    "end sessions": (sessions("delete"), {"support", "operator"}),
    "rename": (patch(displayName="Renamed"), {"admin", "operator"}),
    "role": (patch(role="auditor"), {"admin", "operator"}),
    "close with money": (close_to, {"treasury", "operator"}),
    "refund": (refund, {"treasury", "operator"}),
    "export": (
        lambda by, whom, _: by.get(f"/api/users/{whom.id}/export"),
        {"admin", "operator"},
    ),
    "look": (lambda by, whom, _: by.get(f"/api/users/{whom.id}/balance"), STAFF),
    "history": (lambda by, whom, _: by.get(f"/api/transactions/user/{whom.id}"), STAFF),
    "report": (lambda by, whom, _: by.get(f"/api/reports/users/{whom.id}"), STAFF),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_each_may_do_the_least_they_need(staff, new_user, action, role):
    act, allowed = ACTIONS[action]
    reply = act(staff[role], new_user(), new_user())
    assert (reply.status < 300) == (role in allowed), str(reply)
    if reply.status >= 300:
        assert reply.status in (403, 404), str(reply)


def test_who_freezes_does_not_open_what_was_closed(staff, operator, user):
    operator.close_account(user).ok()
    path = f"/api/users/{user.id}"
    for status in ("active", "frozen"):
        staff["support"].patch(path, {"status": status}).problem(403, "forbidden")
    staff["treasury"].patch(path, {"status": "active"}).ok()


@pytest.mark.parametrize("role", sorted(STAFF))
def test_nobody_acts_on_their_own_wallet(staff, role):
    me = staff[role]
    path = f"/api/users/{me.id}"
    for changes in ({"status": "frozen"}, {"status": "closed"}, {"role": "user"}):
        me.patch(path, changes).problem(403, "forbidden")
    me.adjust(me, 5).problem(403, "forbidden")
    me.put(f"{path}/limits", {"perDay": 1}).problem(403, "forbidden")
    me.post(f"{path}/erasure", {"reason": "me"}).problem(403, "forbidden")


def test_a_role_that_ends_ends_its_tokens(operator, new_user, client):
    person = new_user()
    operator.patch(f"/api/users/{person.id}", {"role": "treasury", "reason": "Joined"}).ok()
    person = login(client, person.email, person.password)
    operator.patch(f"/api/users/{person.id}", {"role": "support"}).ok()
    person.get("/api/users").problem(401, "token_expired")


def test_somebody_who_may_change_roles_stays(launch, cluster):
    bank = launch()
    operator = bank.operator()
    cluster.sql(f"UPDATE users SET role = 'operator' WHERE id = '{operator.id}' RETURNING 1")
    admin = bank.new_user()
    operator.patch(f"/api/users/{admin.id}", {"role": "admin"}).ok()
    admin = login(bank.client, admin.email, admin.password)
    others = cluster.sql(
        "SELECT id FROM users WHERE role IN ('operator', 'admin') AND id NOT IN "
        f"('{operator.id}', '{admin.id}')"
    )
    for other in others:
        operator.patch(f"/api/users/{other['id']}", {"role": "user"})
    admin.patch(f"/api/users/{operator.id}", {"role": "user"}).ok()
    operator.patch(f"/api/users/{admin.id}", {"role": "user"}).problem(401, "token_expired")
    treasury = bank.new_user()
    admin.patch(f"/api/users/{treasury.id}", {"role": "treasury"}).ok()
    treasury = login(bank.client, treasury.email, treasury.password)
    treasury.close_account(admin).problem(403, "forbidden")
    admin.patch(f"/api/users/{operator.id}", {"role": "operator"}).ok()
