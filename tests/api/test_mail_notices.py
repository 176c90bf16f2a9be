"""Mails that tell of what was done to an account: they cannot be turned off."""

from harness.factors import enrol, sign_in
from harness.mail import about, wait_for_mail, wait_for_state
from harness.passkeys import register, remove, step_up
from harness.users import login

COOKIE = {"X-Session-Transport": "cookie"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def kinds_of(cluster, user):
    rows = cluster.sql(
        f"SELECT kind FROM mail_outbox WHERE user_id = '{user.id}' AND kind <> 'verify_email'"
        " ORDER BY created_at, id"
    )
    return [row["kind"] for row in rows]


def settle(cluster, user):
    """As if the user had registered a while ago."""
    older = "created_at = created_at - interval '1 hour'"
    cluster.sql(f"UPDATE users SET {older} WHERE id = '{user.id}'")


def test_a_device_that_is_not_known(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    # Whoever has only just registered knows of their own devices.
    login(platform.client, user.email, user.password, headers={"User-Agent": "their phone"})
    assert kinds_of(cluster, user) == []
    settle(cluster, user)
    for _ in range(2):  # the like is known from then on
        login(platform.client, user.email, user.password, headers={"User-Agent": FIREFOX})
        assert kinds_of(cluster, user) == ["new_device"]
    row = wait_for_state(cluster, f"kind = 'new_device' AND user_id = '{user.id}'", "sent")
    assert row["details"] == "Firefox · Linux, 127.0.0.1"


def test_a_browser_that_was_signed_in_before_is_known(launch, cluster):
    platform = launch("user", TRUSTED_PROXIES="127.0.0.0/8")
    user = platform.new_user()
    settle(cluster, user)
    body = {"email": user.email, "password": user.password}

    def from_network(address, **headers):
        headers = {**COOKIE, "X-Forwarded-For": address, **headers}
        return platform.client.post("/api/users/login", body, headers=headers)

    first = from_network("198.51.100.7")
    first.ok()
    (device,) = [
        line.split(";")[0]
        for line in first.headers.get_list("set-cookie")
        if line.startswith("instapay_device=")
    ]
    assert kinds_of(cluster, user) == ["new_device"]
    from_network("203.0.113.5", Cookie=device).ok()
    assert kinds_of(cluster, user) == ["new_device"]
    from_network("192.0.2.9").ok()
    assert kinds_of(cluster, user) == ["new_device"] * 2


def test_an_app_and_its_removal(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    factors = enrol(user)
    assert kinds_of(cluster, user) == ["app_added"]
    settle(cluster, user)
    sign_in(user, factors.code())
    body = {"password": user.password, "code": factors.recovery_code()}
    user.post("/api/users/me/factors/removal", body).ok(204)
    assert kinds_of(cluster, user) == ["app_added", "factors_removed"]
    wait_for_state(cluster, f"kind = 'factors_removed' AND user_id = '{user.id}'", "sent")


def test_a_passkey_and_its_removal(platform, user, passkey):
    """Of the shared platform: passkeys need its domain. The mails are those that developers see."""
    added = register(user, passkey, "My phone")
    told = wait_for_mail(platform, user.email, about("A passkey was added"))
    assert "My phone" in told["text"]
    step_up(user, passkey)
    remove(user, added["passkey"]).ok(204)
    told = wait_for_mail(platform, user.email, about("A passkey was removed"))
    assert "My phone" in told["text"]


def test_an_operator_who_removes_a_factor(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    enrol(user)
    done = platform.run("operator", "remove-factor", "--email", user.email)
    assert done.returncode == 0, done.stderr
    assert kinds_of(cluster, user) == ["app_added", "factors_removed"]


def test_where_no_mail_is_sent_nothing_is_queued(launch, cluster):
    platform = launch("user", INSTAPAY_ENV="staging")
    user = platform.new_user()
    settle(cluster, user)
    login(platform.client, user.email, user.password, headers={"User-Agent": FIREFOX})
    enrol(user)
    assert kinds_of(cluster, user) == []
