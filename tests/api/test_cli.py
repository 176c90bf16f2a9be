"""The sub-commands that an operator uses."""

import json
import re

import pytest
from harness.factors import enrol
from harness.keys import claims_of
from harness.platform import migrate, run
from harness.postgres import Cluster
from harness.users import again, login, unique_name
from harness.waiting import wait_until

COMMANDS = [
    *(["serve"], ["serve", "all"], ["migrate"], ["seed"], ["operator"], ["operator", "create"]),
    ["operator", "remove-factor"],
    *(["operator", "reset-password"], ["audit"], ["health"], ["config"], ["token"], ["routes"]),
    ["verify-receipt"],
    *(["rebuild-reports"], ["rebuild-search"]),
    ["keygen"],
]


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_command_has_help(command):
    done = run(*command, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize(
    ("command", "known"),
    [(["adit"], "audit"), (["serve", "everything"], "all"), (["operator", "mak"], "create")],
)
def test_a_mistyped_command_is_named(command, known):
    done = run(*command)
    assert done.returncode == 2
    assert f"There is no subcommand '{command[-1]}'" in done.stderr
    assert known in done.stderr.partition("(there are ")[2]


@pytest.mark.parametrize(
    ("command", "known"), [([], "migrate"), (["serve"], "all"), (["operator"], "create")]
)
def test_who_names_no_command_is_told_which_there_are(command, known):
    done = run(*command)
    assert done.returncode == 2
    assert known in done.stderr.partition("A subcommand is required (there are ")[2]


@pytest.mark.parametrize(
    ("purpose", "setting", "kty"),
    [
        ([], "JWT_PRIVATE_KEY", "RSA"),
        (["tokens"], "JWT_PRIVATE_KEY", "RSA"),
        (["receipts"], "RECEIPT_PRIVATE_KEY", "EC"),
        (["pushes"], "VAPID_PRIVATE_KEY", "VAPID"),
    ],
)
def test_keygen(launch, purpose, setting, kty):
    made = [run("keygen", *purpose) for _ in range(2)]
    assert [done.returncode for done in made] == [0, 0]
    assert made[0].stdout != made[1].stdout
    platform = launch(**{setting: made[0].stdout + made[1].stdout})
    where = {"RSA": "/.well-known/jwks.json", "EC": "/.well-known/receipt-jwks.json"}.get(kty)
    if where:
        assert [key["kty"] for key in platform.client.get(where).ok()["keys"]] == [kty, kty]
    user, payee = platform.new_user(), platform.new_user()
    paid = user.pay(payee, 1).ok(201)
    assert user.get(f"/api/transactions/{paid['id']}/receipt").status == 200


def test_keygen_for_nothing_known():
    done = run("keygen", "passwords")
    assert done.returncode == 2
    assert "tokens" in done.stderr
    assert "receipts" in done.stderr


def test_version():
    done = run("--version")
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


def seeded(accounts, transfers, **settings):
    size = ("--accounts", str(accounts), "--transfers", str(transfers), "--days", "2")
    return run("seed", *size, timeout_s=110, **settings)


@pytest.fixture
def empty_cluster():
    own = Cluster()
    yield own
    own.remove()


def test_seed_sends_nothing_that_is_refused(empty_cluster):
    url = empty_cluster.url
    done = seeded(12, 3000, DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 users and 3000 transfers" in done.stdout
    kinds = empty_cluster.sql("SELECT count(*) FROM entries WHERE amount < 0 GROUP BY kind")
    assert sorted(int(row["count"]) for row in kinds) == [12, 3000]
    assert run("audit", DATABASE_URL=url).returncode == 0
    # Again, with one more: nothing of it is half there.
    more = seeded(13, 10, DATABASE_URL=url)
    assert more.returncode == 1
    assert "there already" in more.stderr
    assert empty_cluster.sql("SELECT count(*) FROM users") == [{"count": "12"}]


def test_seed_fails_when_what_it_sends_is_refused(empty_cluster):
    url = empty_cluster.url
    migrate(url)
    empty_cluster.sql("ALTER TABLE entries ADD CONSTRAINT small CHECK (abs(amount) < 100)")
    done = seeded(12, 5, DATABASE_URL=url)
    assert done.returncode == 1, done.stdout
    assert re.search(r"(\d+) of \1 orders were refused, the first as internal_error", done.stderr)


def test_seed_says_when_nobody_would_have_anything_to_send(cluster):
    done = seeded(12, 5, DATABASE_URL=cluster.url, OPENING_BALANCE="0")
    assert done.returncode == 1
    assert "OPENING_BALANCE is 0" in done.stderr


def test_demo_over_data_says_that_it_loads_nothing(launch, cluster):
    prepared = launch()
    prepared.new_user()
    prepared.stop()
    platform = launch(wait=False)
    platform.arguments = ("--demo",)
    platform.start()
    said = "users are there already, so no demonstration data was loaded"
    wait_until(lambda: said in platform.log, 30, "it is said")


def test_migrate_says_the_status(platform):
    done = platform.run("migrate", "--status")
    assert done.returncode == 0, done.stderr
    assert "0001" in done.stdout
    again = platform.run("migrate")
    assert again.returncode == 0, again.stderr


def test_operator_create(platform, client):
    name = unique_name("op")
    settings = {"OPERATOR_EMAIL": "", "OPERATOR_PASSWORD": "a good passphrase"}
    command = ("operator", "create", "--email", f"{name}@example.com", "--username", name)
    done = platform.run(*command, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a good passphrase" not in done.stdout + done.stderr
    created = login(client, f"{name}@example.com", "a good passphrase")
    assert created.profile()["role"] == "operator"
    again = platform.run(*command, **settings)
    assert again.returncode != 0
    assert again.stderr.strip()


def test_operator_create_with_a_password_file(platform, client):
    name = unique_name("op")
    file = platform.dir / "password"
    file.write_text("from a file\n")
    done = platform.run(
        *("operator", "create", "--email", f"{name}@example.com", "--username", name),
        *("--password-file", str(file)),
        OPERATOR_PASSWORD="",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    login(client, f"{name}@example.com", "from a file")


@pytest.mark.parametrize("password", ["short", "x" * 73, ""])
def test_operator_create_refuses_a_bad_password(platform, password):
    name = unique_name("op")
    done = platform.run(
        *("operator", "create", "--email", f"{name}@example.com", "--username", name),
        OPERATOR_PASSWORD=password,
    )
    assert done.returncode != 0
    assert "password" in done.stderr.lower()


def test_operator_reset_password_ends_the_sessions_and_tells(launch, cluster):
    platform = launch()
    client, user = platform.client, platform.new_user()

    def reset(password):
        return platform.run(
            "operator", "reset-password", "--email", user.email, OPERATOR_PASSWORD=password
        )

    refused = reset(user.email)
    assert refused.returncode == 1
    assert "guessed first" in refused.stderr
    done = reset("a new passphrase")
    assert done.returncode == 0, done.stdout + done.stderr
    assert cluster.sql(
        f"SELECT 1 FROM mail_outbox WHERE user_id = '{user.id}' AND kind = 'password_changed'"
    )
    login(client, user.email, "a new passphrase")
    client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).problem(
        401, "refresh_token_invalid"
    )


def test_operator_remove_factor(platform, client, user):
    def remove():
        return platform.run("operator", "remove-factor", "--email", user.email)

    done = remove()
    assert done.returncode == 1
    assert "has no second factor" in done.stderr
    enrol(user)
    done = remove()
    assert done.returncode == 0, done.stdout + done.stderr
    again(user)
    client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).problem(
        401, "refresh_token_invalid"
    )
    nobody = platform.run("operator", "remove-factor", "--email", "nobody.at.all@example.com")
    assert "there is no user" in nobody.stderr


def test_token(platform, client, user):
    done = platform.run("token", user.email)
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    assert claims_of(token)["sub"] == user.id
    assert client.get("/api/users/me", token=token).ok()["email"] == user.email
    assert platform.run("token", "nobody.at.all@example.com").returncode != 0
    enrol(user)
    token = platform.run("token", user.email).stdout.strip()
    assert client.get("/api/users/me", token=token).ok()["id"] == user.id


def test_token_refuses_in_production(platform, user):
    done = platform.run("token", user.email, INSTAPAY_ENV="production")
    assert done.returncode != 0
    assert "production" in done.stderr


def test_rebuild_search_finds_the_same_again(platform, operator, user, payee):
    word = unique_name("again")
    paid = user.pay(payee, 1, note=word).ok(201)["id"]

    def found():
        page = operator.get("/api/transactions", params={"q": word}).ok()
        return [item["id"] for item in page["data"]]

    assert found() == [paid]
    done = platform.run("rebuild-search")
    assert done.returncode == 0, done.stderr
    assert "the rows of the search are made of" in done.stdout
    assert found() == [paid]


def test_audit_says_that_the_books_balance(platform, user, payee):
    user.pay(payee, 1).ok(201)
    done = platform.run("audit")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "balance" in done.stdout.lower()
    verdict = json.loads(platform.run("audit", "--json").stdout)
    assert isinstance(verdict, dict)


def test_audit_finds_what_was_changed(launch, cluster):
    """And says which; put right again, so that later tests find the books in order."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    user.pay(payee, 5).ok(201)
    platform.stop()
    # As somebody with all rights would, past the triggers that refuse it.
    change = (
        "SET session_replication_role = replica; "
        f"UPDATE entries SET balance_after = balance_after %s "
        f"WHERE account_id = '{user.id}' AND seq = 2"
    )
    cluster.sql(change % "+ 1")
    try:
        done = platform.run("audit")
        assert done.returncode == 1, done.stdout + done.stderr
        assert user.id in done.stdout + done.stderr
    finally:
        cluster.sql(change % "- 1")
    assert platform.run("audit").returncode == 0


def test_routes(platform):
    routes = json.loads(run("routes", "--json").stdout)
    assert {"service": "user", "method": "GET", "path": "/api/users/{id}"} in [
        {name: route[name] for name in ("service", "method", "path")} for route in routes
    ]
