"""Names that people pay to: reserved ones, renames, what a payer is shown, what cannot be seen."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.users import register, unique_name

RENAMES = 2  # in 30 days


def rename(user, username, by=None):
    return (by or user).patch(f"/api/users/{user.id}", {"username": username})


def look_up(viewer, username):
    return viewer.get(f"/api/users/by-username/{username}")


def pay_id(payer, receiver_id, amount=1, **fields):
    body = {"sender_email": payer.email, "receiver_id": receiver_id, "amount": amount, **fields}
    return payer.post("/api/transactions", body)


# ---- who gets paid


def test_who_was_reviewed_is_paid_whoever_has_the_name_by_now(client, new_user):
    payer, real, stranger = new_user(), new_user(), new_user()
    wanted = real.username
    reviewed = look_up(payer, wanted).ok()
    rename(real, unique_name("moved")).ok()
    rename(stranger, wanted).problem(409, "username_taken", {"username": "username_taken"})
    assert pay_id(payer, reviewed["id"], 5).ok(201)["receiverId"] == real.id
    body = {"sender_email": payer.email, "receiver_username": wanted, "amount": 5}
    payer.post("/api/transactions", body).problem(404, "payee_not_found")
    assert (real.balance(), stranger.balance()) == (1005, 1000)


def test_each_payment_of_a_batch_by_id(user, payee, new_user):
    other = new_user()
    transfers = [
        {"receiver_id": payee.id, "amount": 1},
        {"receiver_id": other.id.upper(), "amount": 2},
        {"receiver_id": user.id, "amount": 1},
        {"receiver_id": "00000000-0000-0000-0000-000000000002", "amount": 1},
        {"receiver_id": "019aa4c2-5b7d-7f12-8c44-91d2e3f4a5b6", "amount": 1},
        {"receiver_email": other.email, "amount": 3},
        {"receiver_username": payee.username, "amount": 4},
    ]
    done = user.post("/api/transactions/batch", {"transfers": transfers}).ok()
    codes = [result.get("error", {}).get("code") for result in done["results"]]
    assert codes == [None, None, "self_transfer", "payee_not_found", "payee_not_found", None, None]
    assert (payee.balance(), other.balance()) == (1005, 1005)


@pytest.mark.parametrize(
    "account", ["00000000-0000-0000-0000-000000000001", "019aa4c2-5b7d-7f12-8c44-91d2e3f4a5b6"]
)
def test_nobodys_id_is_404(user, account):
    pay_id(user, account).problem(404, "payee_not_found")


ONE_WAY = [
    ({"receiver_id": "x"}, {"receiver_id": "invalid_format"}),
    ({"receiver_id": None}, {"receiver_id": "wrong_type"}),
    ({"receiver_id": ""}, {"receiver_id": "required"}),
    ({"receiver_email": "a@example.com"}, {"receiver_email": "unknown_field"}),
    ({"receiver_username": "amal"}, {"receiver_username": "unknown_field"}),
    (
        {"receiver_username": "amal", "receiver_email": "a@example.com"},
        {"receiver_username": "unknown_field", "receiver_email": "unknown_field"},
    ),
]


@pytest.mark.parametrize(("changes", "fields"), ONE_WAY)
def test_the_receiver_is_named_in_one_way(user, payee, changes, fields):
    reply = pay_id(user, **{"receiver_id": payee.id, **changes})
    reply.problem(422, "validation_failed", fields)


def test_a_payment_by_id_is_found_again_by_its_key(user, payee):
    body = {"sender_email": user.email, "receiver_id": payee.id, "amount": 1}
    first = user.post("/api/transactions", body, key="by-id").ok(201)
    rename(payee, unique_name("moved")).ok()
    again = user.post("/api/transactions", {**body, "receiver_id": payee.id.upper()}, key="by-id")
    assert again.ok(201) == first
    by_name = {"sender_email": user.email, "receiver_email": payee.email, "amount": 1}
    user.post("/api/transactions", by_name, key="by-id").problem(422, "idempotency_key_reused")
    assert payee.balance() == 1001


# ---- released names


def test_a_released_username_is_its_former_owners_for_12_months(client, new_user, operator):
    owner, stranger = new_user(), new_user()
    first = owner.username
    rename(owner, unique_name("moved")).ok()
    rename(stranger, first).problem(409, "username_taken")
    rename(stranger, first, by=operator).problem(409, "username_taken")
    body = {"username": first, "email": f"{first}2@example.com", "password": "correct horse 7"}
    client.post("/api/users/register", body).problem(409, "username_taken")
    assert rename(owner, first).ok()["username"] == first


def test_after_12_months_it_is_free(launch, cluster):
    platform = launch()
    owner, stranger = platform.new_user(), platform.new_user()
    first = owner.username
    rename(owner, unique_name("moved")).ok()
    age(cluster, owner, "12 months 1 second")
    assert rename(stranger, first).ok()["username"] == first
    rename(owner, first).problem(409, "username_taken")


def age(cluster, user, by):
    """As if the user's renames were that much older."""
    cluster.sql(
        "ALTER TABLE username_releases DISABLE TRIGGER username_releases_append_only;"
        f"UPDATE username_releases SET released_at = released_at - interval '{by}'"
        f" WHERE user_id = '{user.id}';"
        "ALTER TABLE username_releases ENABLE TRIGGER username_releases_append_only"
    )


def test_an_erased_username_stays_reserved(client, operator, new_user):
    gone = new_user()
    name = gone.username
    operator.adjust(gone, -1000).ok()
    operator.patch(f"/api/users/{gone.id}", {"status": "closed"}).ok()
    operator.post(f"/api/users/{gone.id}/erasure", {"reason": "asked"}).ok()
    body = {"username": name, "email": f"{name}2@example.com", "password": "correct horse 7"}
    client.post("/api/users/register", body).problem(409, "username_taken")


def test_who_gives_a_name_up_and_who_wants_it_race(client, new_user):
    """However the two meet, the name goes to nobody else."""
    for _ in range(5):
        owner, rivals = new_user(), [new_user() for _ in range(3)]
        name = owner.username
        with ThreadPoolExecutor(6) as pool:
            moved = pool.submit(rename, owner, unique_name("moved"))
            taken = [pool.submit(rename, rival, name) for rival in rivals]
            body = {"username": name, "email": f"{name}3@example.com", "password": "correct horse"}
            registered = pool.submit(client.post, "/api/users/register", body)
        moved.result().ok()
        assert [reply.result().status for reply in taken] == [409] * 3
        registered.result().problem(409, "username_taken")


# ---- renames


def test_a_username_is_changed_twice_in_30_days(launch, cluster):
    platform = launch()
    user, operator = platform.new_user(), platform.operator()
    for _ in range(RENAMES):
        rename(user, unique_name("again")).ok()
    refused = rename(user, unique_name("again")).problem(422, "rename_limit_exceeded")
    assert refused["resetsAt"] > user.profile()["updatedAt"]
    user.patch(f"/api/users/{user.id}", {"displayName": "Still allowed"}).ok()
    rename(user, unique_name("byop"), by=operator).ok()
    rename(user, unique_name("again")).problem(422, "rename_limit_exceeded")
    age(cluster, user, "31 days")
    rename(user, unique_name("again")).ok()


def test_renames_at_once_are_counted_too(new_user):
    user = new_user()
    names = [unique_name("many") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda name: rename(user, name), names))
    assert sorted(reply.status for reply in replies) == [200] * RENAMES + [422] * (6 - RENAMES)


def test_a_payer_is_shown_when_a_name_was_changed_and_not_what_it_was(user, new_user):
    payee = new_user(displayName="Nour")
    old = payee.username
    assert "renamedAt" not in user.get(f"/api/users/{payee.id}").ok()
    changed = rename(payee, unique_name("new")).ok()
    for path in (f"{payee.id}", f"by-email/{payee.email}", f"by-username/{changed['username']}"):
        reply = user.get(f"/api/users/{path}")
        assert reply.ok()["renamedAt"] == changed["renamedAt"]
        assert f'"{old}"' not in reply.text
    payee.patch(f"/api/users/{payee.id}", {"displayName": "Somebody"}).ok()
    assert user.get(f"/api/users/{payee.id}").ok()["renamedAt"] > changed["renamedAt"]


def test_a_frozen_user_changes_no_names(client, user, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    rename(user, unique_name("cold")).problem(403, "account_frozen")
    user.patch(f"/api/users/{user.id}", {"displayName": "New"}).problem(403, "account_frozen")
    rename(user, unique_name("byop"), by=operator).ok()
    body = {"currentPassword": user.password, "newPassword": "another passphrase"}
    assert user.put(f"/api/users/{user.id}/password", body).status in (200, 204)


# ---- names of the platform

RESERVED = [
    *("admin", "support", "operator", "instapay", "mini-instapay", "root", "system", "security"),
    *(
        "help",
        "billing",
        "official",
        "4dm1n",
        "adm1n",
        "admin1",
        "a.d.m.i.n",
        "sup.port",
        "supp0rt",
    ),
    *("5upport", "0perator", "lnstapay", "1nstapay", "insta_pay", "adrnin", "admiin", "suppport"),
    *("ADMIN", "admin.cairo", "the-operator", "0fficial", "secur1ty", "instapay.eg", "help-desk"),
]


@pytest.mark.parametrize("name", RESERVED)
def test_names_of_the_platform_are_nobodys(client, user, operator, name):
    body = {"username": name, "email": f"{unique_name()}@example.com", "password": "correct horse"}
    client.post("/api/users/register", body).problem(
        422, "validation_failed", {"username": "reserved"}
    )
    for by in (user, operator):
        rename(user, name, by=by).problem(422, "validation_failed", {"username": "reserved"})


@pytest.mark.parametrize("name", ["InstaPay Support", "Ѕupport", "ａｄｍｉｎ", "Help", "Аdmin"])
def test_display_names_of_the_platform_are_nobodys(user, name):
    user.patch(f"/api/users/{user.id}", {"displayName": name}).problem(
        422, "validation_failed", {"displayName": "reserved"}
    )


@pytest.mark.parametrize("name", ["admin", "lnstapay"])
def test_nor_those_of_operators(platform, name):
    made = platform.run(
        *("operator", "create", "--email", f"{unique_name()}@example.com", "--username", name),
        OPERATOR_PASSWORD="a long passphrase",
    )
    assert made.returncode != 0
    assert "kept for the platform" in made.stderr


# ---- what cannot be seen

UNSEEN = [
    *("\u00a0", "\u3000", "\u200d", "\u200c", "\u3164", "\uffa0", "\u115f", "\u1160", "\u2800"),
    *("\u00ad", "\u034f", "\ufe0f", "\u180e", "\u2003", "\u061c", "\u2060", "\ufeff", "\ue000"),
    *("\U000e0041", "\U000e0001", "\U000e0100", "\U0001d159", "\u0378", "\ufdd0"),
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_a_name_can_be_seen(client, user, payee, unseen):
    for name in (unseen, unseen * 3, f" {unseen} "):
        reply = user.patch(f"/api/users/{user.id}", {"displayName": name})
        assert reply.status == 422, str(reply)
        if len(name.strip()) > 0:
            user.pay(payee, 1, note=name).problem(422, "validation_failed")
    reply = user.patch(f"/api/users/{user.id}", {"displayName": f"Omar{unseen}"})
    assert reply.status == 422 or reply.ok()["displayName"] == "Omar"


def test_names_are_stored_as_they_look(user):
    def stored(name):
        return user.patch(f"/api/users/{user.id}", {"displayName": name}).ok()["displayName"]

    assert stored("\u3000Omar \u00a0 Sherif\u2003") == "Omar Sherif"
    assert stored("Ｏｍａｒ") == "Omar"
    assert stored("می\u200cخواهم") == "می\u200cخواهم"
    assert stored("👩\u200d💻 Ada") == "👩\u200d💻 Ada"


def test_the_reason_of_an_operator_is_text_too(operator, user):
    body = {"amount": 1, "reason": "gift\u2800\u00ad"}
    operator.put(f"/api/users/{user.id}/balance", body).problem(
        422, "validation_failed", {"reason": "invalid_format"}
    )


# ---- names that look alike


def test_a_payer_is_told_of_a_name_like_that_of_somebody_they_paid(client, user, new_user):
    real = new_user(displayName="Omar Sherif")
    fake = new_user(displayName="Оmar  Sherif")  # the first letter is Cyrillic
    assert "looksLike" not in user.get(f"/api/users/{fake.id}").ok()
    user.pay(real, 1).ok(201)
    seen = user.get(f"/api/users/by-username/{fake.username}").ok()
    assert seen["looksLike"] == {
        "id": real.id,
        "username": real.username,
        "displayName": "Omar Sherif",
    }
    assert "looksLike" not in user.get(f"/api/users/{real.id}").ok()
    assert "looksLike" not in real.get(f"/api/users/{fake.id}").ok()


# ---- e-mail


def test_an_email_is_the_same_in_any_case_everywhere(client, payee):
    name = unique_name()
    owner = register(client, email=f"\u00a0{name.upper()}@EXAMPLE.com ")
    assert owner.email == f"{name}@example.com"
    client.post(
        "/api/users/login", {"email": f" {name}@Example.COM\u3000", "password": owner.password}
    ).ok()
    assert payee.get(f"/api/users/by-email/{name.upper()}@example.com").ok()["id"] == owner.id
    assert payee.get(f"/api/users/by-email/%20{name}@example.com").ok()["id"] == owner.id
    assert payee.pay(f"{name.upper()}@example.com", 1).ok(201)["receiverId"] == owner.id
    for other in (f"{name}+tag@example.com", f"{name[0]}.{name[1:]}@example.com"):
        payee.pay(other, 1).problem(404, "payee_not_found")
