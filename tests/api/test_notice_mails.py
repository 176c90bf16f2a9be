"""GET and PATCH /api/users/me/notices, and the mails that are made of them."""

import pytest
from harness.factors import enrol
from harness.mail import about, shown_mails, wait_for_mail, wait_for_state
from harness.notices import SETTINGS, settle
from harness.requests import act, ask
from harness.users import fresh_key, login
from harness.waiting import wait_until

DEFAULT = {
    "largePaymentFrom": None,
    "moneyIn": False,
    "requests": False,
    "dailySummary": False,
    "timeZone": "UTC",
    "summaryHour": 8,
    "mails": True,
    "pushMoney": True,
    "pushRequests": True,
    "pushPlanned": True,
    "pushAmounts": True,
}


def wanted(person):
    told = person.get(SETTINGS).ok()
    assert "new_device" in told.pop("always")
    return told


def mails_of(cluster, person, *kinds):
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return cluster.sql(
        f"SELECT kind, event_key FROM mail_outbox WHERE user_id = '{person.id}'"
        f" AND kind IN ({named}) ORDER BY created_at, event_key"
    )


def wait_for_mails(cluster, person, count, *kinds):
    def made():
        rows = mails_of(cluster, person, *kinds)
        return rows if len(rows) >= count else None

    rows = wait_until(made, 30, f"{count} mails")
    assert len(rows) == count
    return rows


def test_nothing_is_asked_for_until_somebody_does(user):
    assert wanted(user) == DEFAULT


def test_what_is_absent_stays(user):
    settle(user, largePaymentFrom="250.00", moneyIn=True)
    settle(user, requests=True, dailySummary=True, timeZone="Africa/Cairo", moneyIn=None)
    said = {"largePaymentFrom": 250, "moneyIn": True, "requests": True, "dailySummary": True}
    assert wanted(user) == {**DEFAULT, **said, "timeZone": "Africa/Cairo"}
    settle(user, largePaymentFrom=None, moneyIn=False)
    settle(user)
    off = {"largePaymentFrom": None, "moneyIn": False}
    assert wanted(user) == {**DEFAULT, **said, **off, "timeZone": "Africa/Cairo"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("largePaymentFrom", 0, "out_of_range"),
        ("largePaymentFrom", "1.001", "invalid_format"),
        ("largePaymentFrom", True, "wrong_type"),
        ("moneyIn", "yes", "wrong_type"),
        ("requests", 1, "wrong_type"),
        ("dailySummary", [], "wrong_type"),
        ("timeZone", "Cairo", "not_allowed"),
        ("timeZone", "x" * 65, "too_long"),
        ("pushMoney", "yes", "wrong_type"),
        ("newDevice", False, "unknown_field"),
    ],
)
def test_wrong_settings(user, field, value, code):
    user.patch(SETTINGS, {field: value}).problem(422, "validation_failed", {field: code})


def test_nothing_can_be_asked_for_where_no_mail_is_sent(launch):
    platform = launch("user", INSTAPAY_ENV="staging")
    person = platform.new_user()
    assert wanted(person)["mails"] is False
    for body in ({"moneyIn": True}, {"largePaymentFrom": 5}, {"dailySummary": True}):
        person.patch(SETTINGS, body).problem(501, "mail_not_configured")
    settle(person, timeZone="Africa/Cairo", moneyIn=False)


def test_a_large_payment_is_mailed_once(launch, cluster):
    """By whichever of three services, each of which sends mails."""
    first, *_ = services = [launch() for _ in range(3)]
    payer, payee = first.new_user(), first.new_user()
    settle(payer, largePaymentFrom="50.00")
    settle(payee, moneyIn=True)
    payer.pay(payee, "49.99").ok(201)
    paid = [payer.pay(payee, amount).ok(201)["id"] for amount in ("50.00", "80.00")]
    rows = wait_for_mails(cluster, payer, 2, "large_payment", "money_in")
    assert sorted(row["event_key"] for row in rows) == sorted(
        f"large_payment/{transfer}" for transfer in paid
    )
    wait_for_mails(cluster, payee, 3, "money_in", "large_payment")
    for row in rows:
        wait_for_state(cluster, f"event_key = '{row['event_key']}'", "sent")
    told = [mail for each in services for mail in shown_mails(each, payer.email)]
    large = [mail["text"] for mail in told if "large payment" in mail["subject"]]
    assert sorted("50.00 EGP" in text for text in large) == [False, True]
    assert sorted("80.00 EGP" in text for text in large) == [False, True]


def test_a_payment_while_nobody_followed_is_mailed_later(launch, cluster):
    platform = launch()
    payer, payee = platform.new_user(), platform.new_user()
    settle(payer, largePaymentFrom=10)
    platform.kill()
    other = launch(INSTAPAY_ENV="staging")  # sends no mails
    assert other.client.get("/health/ready", service="transaction").status == 200
    login(other.client, payer.email, payer.password).pay(payee, "20.00").ok(201)
    assert mails_of(cluster, payer, "large_payment") == []
    launch()
    wait_for_mails(cluster, payer, 1, "large_payment")


def test_requests_are_mailed_to_who_is_asked_and_who_asked(platform, user, new_user):
    friend = new_user()
    friend.pay(user, "1.00").ok(201)
    for person in (user, friend):
        settle(person, requests=True)
    asked = ask(user, friend, amount="3.00").ok(201)
    told = wait_for_mail(platform, friend.email, about("You are asked for money"))
    assert "3.00 EGP" in told["text"]
    act(user, asked, "remind").ok()
    wait_for_mail(platform, friend.email, about("Reminder of a request"))
    act(friend, asked, "decline").ok()
    wait_for_mail(platform, user.email, about("Your request was declined"))
    assert not [mail for mail in shown_mails(platform, user.email) if about("asked")(mail)]


def test_money_that_comes_very_often_is_mailed_so_often(launch, cluster):
    platform = launch()
    payer, payee = platform.new_user(), platform.new_user()
    settle(payee, moneyIn=True)
    transfers = [{"receiver_id": payee.id, "amount": "0.01"}] * 60
    body = {"atomic": True, "transfers": transfers}
    payer.post("/api/transactions/batch", body, key=fresh_key()).ok()
    wait_for_mails(cluster, payee, 50, "money_in")


def test_a_day_is_summed_up_once_and_only_when_something_happened(launch, cluster):
    platform = launch()
    busy, quiet = platform.new_user(), platform.new_user()
    for person in (busy, quiet):
        settle(person, dailySummary=True, timeZone="Pacific/Kiritimati")
    # Everything is of today: the day that is summed up is made to be it.
    cluster.sql(
        "CREATE OR REPLACE FUNCTION day_of(at timestamptz, zone text) RETURNS date LANGUAGE sql"
        " STABLE AS $$ SELECT (at AT TIME ZONE zone)::date + 1 $$"
    )
    try:
        busy.pay(quiet, "7.25").ok(201)
        due = "UPDATE notice_settings SET next_summary_at = now() WHERE user_id = '{}'"
        for _ in range(2):
            cluster.sql(due.format(busy.id))
            wait_for_mails(cluster, busy, 1, "daily_summary")
            wait_until(
                lambda: (
                    not cluster.sql("SELECT FROM notice_settings WHERE next_summary_at <= now()")
                ),
                20,
                "planned for tomorrow",
            )
        told = wait_for_mail(platform, busy.email, about("Your wallet yesterday"))
        assert "7.25 EGP" in told["text"]
        assert "1000.00 EGP" in told["text"]
        assert len(mails_of(cluster, busy, "daily_summary")) == 1
    finally:
        cluster.sql(
            "CREATE OR REPLACE FUNCTION day_of(at timestamptz, zone text) RETURNS date"
            " LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (at AT TIME ZONE zone)::date;"
            " EXCEPTION WHEN invalid_parameter_value THEN"
            " RETURN (at AT TIME ZONE 'UTC')::date; END $$"
        )


def test_of_who_was_erased_nothing_is_kept(launch, cluster):
    platform = launch()
    person, rest = platform.new_user(), platform.new_user()
    settle(person, largePaymentFrom=10, moneyIn=True, dailySummary=True)
    up_to = person.get("/api/notifications").ok()["upTo"]
    person.put("/api/notifications/read", {"upTo": up_to}).ok()
    person.pay(rest, "1000.00").ok(201)
    cluster.sql(f"INSERT INTO user_events (user_id, kind) VALUES ('{person.id}', 'app_added')")
    platform.operator().patch(f"/api/users/{person.id}", {"status": "closed"}).ok()
    done = platform.run("erase-user", person.email, "--reason", "Asked for")
    assert done.returncode == 0, done.stderr
    for table in ("user_events", "notice_reads", "notice_settings"):
        assert cluster.sql(f"SELECT 1 AS x FROM {table} WHERE user_id = '{person.id}'") == []


def test_the_export_has_what_was_asked_for_and_what_was_done(platform, user):
    enrol(user)
    settle(user, largePaymentFrom="12.50", timeZone="Africa/Cairo")
    told = user.get(f"/api/users/{user.id}/export").ok()["notices"]
    assert (told["largePaymentFrom"], told["timeZone"]) == (12.5, "Africa/Cairo")
    assert [event["kind"] for event in told["events"]] == ["app_added"]
