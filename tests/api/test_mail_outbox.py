"""Mails: how they leave, and what happens when they cannot."""

import re
import signal

import pytest
from harness.mail import (
    ARRIVES_WITHIN_S,
    FROM,
    PASSWORD,
    PUBLIC_URL,
    MailServer,
    shown_mails,
    text_of,
    token_of,
    wait_for_mail,
    wait_for_state,
)
from harness.platform import Platform, private_dir
from harness.users import register
from harness.waiting import wait_until
from test_configuration import refused


@pytest.fixture
def mail_server(cluster):
    """Starts mail servers. What other tests left unsent would come to them, too."""
    cluster.sql("DELETE FROM mail_outbox")
    started = []

    def start(*args, **options):
        started.append(MailServer(*args, **options))
        return started[-1].start()

    yield start
    for server in started:
        server.stop()


def of(user):
    return f"kind = 'verify_email' AND user_id = '{user.id}'"


def row_of(cluster, user):
    (row,) = cluster.sql(
        f"SELECT *, next_attempt_at > now() AS leased FROM mail_outbox WHERE {of(user)}"
    )
    return row


def wait_for_failure(cluster, user):
    """The mail once an attempt has failed and that is written down."""

    def failed():
        row = row_of(cluster, user)
        return row if row["last_error"] else None

    return wait_until(failed, ARRIVES_WITHIN_S, "the attempt fails")


def hurry(cluster, user):
    """As if the time until the next attempt were over."""
    due = f"state = 'pending' AND {of(user)}"
    cluster.sql(f"UPDATE mail_outbox SET next_attempt_at = now() WHERE {due}")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_goes_by_tls_with_a_password(mail_server, launch, tls):
    server = mail_server(tls)
    user = register(launch("user", **server.settings()).client, displayName='Nour "<b>" O\'Neil')
    (message,) = server.wait_for(user.email)
    assert server.passwords == [PASSWORD]
    assert server.envelopes[0].mail_from == FROM
    assert message["From"].addresses[0].addr_spec == FROM
    assert message["To"].addresses[0].addr_spec == user.email
    assert message["To"].addresses[0].display_name == 'Nour "<b>" O\'Neil'
    assert message["Subject"] == "Confirm your e-mail address"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@pay.example.com>")
    assert message["Date"].datetime is not None
    assert message.get_content_type() == "multipart/alternative"
    plain, html = text_of(message), text_of(message, "html")
    assert f"{PUBLIC_URL}/verify-email#{token_of(plain)}" in plain
    assert f'href="{PUBLIC_URL}/verify-email#{token_of(plain)}"' in html
    assert "Nour &quot;&lt;b&gt;&quot; O&#39;Neil" in html
    assert "<b>" not in html


def test_arabic(mail_server, launch):
    server = mail_server()
    user = register(
        launch("user", **server.settings()).client, displayName="نور حسن", language="ar"
    )
    (message,) = server.wait_for(user.email)
    raw = server.envelopes[0].original_content
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert message["Subject"] == "أكّد بريدك الإلكتروني"
    assert message["To"].addresses[0].display_name == "نور حسن"
    assert message["Content-Language"] == "ar"
    assert "نور حسن" in text_of(message)
    assert '<html lang="ar" dir="rtl">' in text_of(message, "html")


def test_two_services_send_each_mail_once(mail_server, launch, cluster):
    server = mail_server()
    services = [launch("user", **server.settings()) for _ in range(2)]
    users = [register(services[i % 2].client) for i in range(12)]
    for user in users:
        server.wait_for(user.email)
        wait_for_state(cluster, of(user), "sent")
    assert all(len(server.to(user.email)) == 1 for user in users)
    ids = [message["Message-ID"] for message in server.messages]
    assert len(set(ids)) == len(ids)


def test_a_server_that_is_away_gets_the_mail_later(mail_server, launch, cluster):
    server = mail_server()
    service = launch("user", **server.settings())
    server.stop()
    user = register(service.client)
    row = wait_for_failure(cluster, user)
    assert (row["state"], row["attempts"]) == ("pending", "1")
    assert "SMTP 0" in row["last_error"]
    server.start()
    hurry(cluster, user)
    server.wait_for(user.email)
    assert wait_for_state(cluster, of(user), "sent")["attempts"] == "2"


@pytest.mark.parametrize("answer", ["451 try later", "RCPT 452 full", "RCPT 421 closing"])
def test_what_the_server_refuses_for_now_is_tried_again(mail_server, launch, cluster, answer):
    server = mail_server()
    server.answers.append(answer)
    user = register(launch("user", **server.settings()).client)
    wait_until(lambda: not server.answers, ARRIVES_WITHIN_S, "the server refuses")
    wait_for_failure(cluster, user)
    hurry(cluster, user)
    assert len(server.wait_for(user.email)) == 1
    assert wait_for_state(cluster, of(user), "sent")["attempts"] == "2"


@pytest.mark.parametrize("answer", ["550 no such mailbox", "RCPT 550 no such user"])
def test_what_the_server_refuses_for_ever_is_a_dead_letter(mail_server, launch, cluster, answer):
    server = mail_server()
    server.answers.append(answer)
    service = launch("user", **server.settings())
    user = register(service.client)
    row = wait_for_state(cluster, of(user), "dead")
    assert row["attempts"] == "1"
    assert "SMTP 550" in row["last_error"]
    assert "no such" not in row["last_error"]
    (dead,) = cluster.sql("SELECT count(*) FROM mail_outbox WHERE state = 'dead'")

    def shown():
        text = service.client.get("/metrics").text
        found = re.search(r"^instapay_mail_dead_letters (\d+)$", text, re.MULTILINE)
        return found and found[1] == dead["count"]

    wait_until(shown, ARRIVES_WITHIN_S, "the metric counts it")
    # Other mails go on.
    other = register(service.client)
    server.wait_for(other.email)


def test_after_ten_attempts_a_mail_is_given_up(mail_server, launch, cluster):
    server = mail_server()
    server.answers += ["451 try later"] * 2
    user = register(launch("user", **server.settings()).client)
    wait_until(lambda: len(server.answers) == 1, ARRIVES_WITHIN_S, "the first attempt")
    cluster.sql(f"UPDATE mail_outbox SET attempts = 9, next_attempt_at = now() WHERE {of(user)}")
    assert wait_for_state(cluster, of(user), "dead")["attempts"] == "10"
    assert server.to(user.email) == []


@pytest.mark.parametrize("how", ["unknown", "other name", "none offered"])
def test_nothing_is_sent_to_a_server_that_cannot_show_who_it_is(mail_server, launch, cluster, how):
    server = mail_server(
        "none" if how == "none offered" else "starttls", auth=how != "none offered"
    )
    settings = server.settings()
    if how == "unknown":
        settings["SMTP_CA_FILE"] = MailServer().certificate
    elif how == "other name":
        settings["SMTP_URL"] = f"smtp://127.0.0.2:{server.port}"
        server.stop()
        server.host = "127.0.0.2"
        server.start()
    user = register(launch("user", **settings).client)
    assert wait_for_failure(cluster, user)["state"] == "pending"
    assert server.connections > 0
    assert server.passwords == []
    assert server.messages == []


def test_a_wrong_password_is_tried_again_once_it_may_be_right(mail_server, launch, cluster):
    server = mail_server()
    user = register(launch("user", **server.settings(SMTP_PASSWORD="wrong")).client)
    wait_until(lambda: server.passwords, ARRIVES_WITHIN_S, "it signs in")
    assert wait_for_failure(cluster, user)["state"] == "pending"


def test_the_one_doubt_a_worker_that_dies_before_it_writes_down(mail_server, launch, cluster):
    """The server has the mail, and nobody knows: it goes again, as the same message."""
    server = mail_server()
    service = launch("user", **server.settings())
    server.hold.set()
    user = register(service.client)
    (first,) = server.wait_for(user.email)
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    server.hold.clear()
    row = row_of(cluster, user)
    # Until its lease is over nobody else takes it.
    assert (row["state"], row["attempts"], row["leased"]) == ("pending", "1", "t")
    launch("user", **server.settings())
    hurry(cluster, user)
    _, second = server.wait_for(user.email, 2)
    assert second["Message-ID"] == first["Message-ID"]
    assert wait_for_state(cluster, of(user), "sent")["attempts"] == "2"


def test_no_token_and_no_text_is_stored_or_logged(mail_server, launch, cluster):
    server = mail_server()
    service = launch("user", **server.settings())
    user = register(service.client)
    (message,) = server.wait_for(user.email)
    token = token_of(text_of(message))
    stored = cluster.sql(
        "SELECT o::text AS row FROM mail_outbox o UNION ALL SELECT t::text FROM mail_tokens t"
    )
    assert not [row for row in stored if token in row["row"]]
    wait_for_state(cluster, of(user), "sent")
    assert token not in service.log
    assert user.email not in service.log
    assert PASSWORD not in service.log


def test_without_a_mail_server_nothing_is_queued(launch, cluster):
    service = launch("user", INSTAPAY_ENV="staging")
    user = register(service.client)
    assert cluster.sql(f"SELECT * FROM mail_outbox WHERE {of(user)}") == []
    body = {"email": user.email}
    service.client.post("/api/users/password-reset", body).problem(501, "mail_not_configured")
    user.post(f"/api/users/{user.id}/verification-mail").problem(501, "mail_not_configured")
    service.client.get("/dev/mails").problem(404, "route_not_found")


def test_developers_see_mails_on_a_page(platform: Platform):
    user = platform.new_user(displayName="<i>Nour</i> & co")
    mail = wait_for_mail(platform, user.email)
    assert mail["text"].count("\u2068<i>Nour</i> & co\u2069") == 1
    page = platform.client.get("/dev/mails")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in page.headers["content-security-policy"]
    assert user.email in page.text
    assert "<i>Nour" not in page.text
    assert [shown["id"] for shown in shown_mails(platform, user.email)] == [mail["id"]]


GOOD = {
    "SMTP_URL": "smtp://mail.example.com:587",
    "MAIL_FROM": FROM,
    "PUBLIC_URL": PUBLIC_URL,
}
WRONG = [
    ({"MAIL_FROM": ""}, "MAIL_FROM"),
    ({"MAIL_FROM": "Mini <a@example.com>"}, "MAIL_FROM"),
    ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "pay.example.com"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://pay.example.com/?a=b"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://a@pay.example.com"}, "PUBLIC_URL"),
    ({"SMTP_URL": "http://mail.example.com"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://a:b@mail.example.com"}, "SMTP_URL"),
    ({"SMTP_URL": "smtps://mail.example.com", "SMTP_TLS": "off"}, "SMTP_TLS"),
    ({"SMTP_TLS": "off", "SMTP_USERNAME": "a", "SMTP_PASSWORD": "b"}, "SMTP_TLS"),
    ({"SMTP_TLS": "maybe"}, "SMTP_TLS"),
    ({"SMTP_USERNAME": "a"}, "SMTP_PASSWORD"),
    ({"SMTP_CA_FILE": str(private_dir() / "nothing")}, "SMTP_CA_FILE"),
    ({"OPENING_GRANT": "never"}, "OPENING_GRANT"),
    ({"INSTAPAY_ENV": "staging", "SMTP_URL": "", "OPENING_GRANT": "verification"}, "OPENING_GRANT"),
    (
        {"INSTAPAY_ENV": "staging", "SMTP_URL": "", "UNVERIFIED_DAILY_LIMIT": "10"},
        "UNVERIFIED_DAILY_LIMIT",
    ),
    ({"INSTAPAY_ENV": "production", "SMTP_TLS": "off"}, "SMTP_TLS"),
    ({"INSTAPAY_ENV": "production", "PUBLIC_URL": "http://pay.example.com"}, "PUBLIC_URL"),
]


@pytest.mark.parametrize(("settings", "named"), WRONG)
def test_a_wrong_setting_is_named(settings, named):
    said = refused("serve", "user", **{**GOOD, **settings})
    assert re.search(rf"\b{named}\b", said), said
