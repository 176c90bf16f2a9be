"""Web Push: the browsers that are registered, and what reaches them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import enrol
from harness.keys import SigningKey, b64url
from harness.notices import settle
from harness.platform import VAPID_KEY
from harness.push import PATH, Browser, PushService, devices, plain, raw, turn_on
from harness.requests import act, ask
from harness.users import fresh_key, login
from harness.waiting import wait_until
from test_configuration import refused

SAFETY = "An authenticator app was added to your wallet"


@pytest.fixture
def push_service():
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def mona(platform):
    return platform.new_user(displayName="Mona Hassan")


@pytest.fixture
def omar(platform):
    return platform.new_user(displayName="Omar Sherif")


def again(person):
    """The same person in another session."""
    return login(person.client, person.email, person.password)


def test_a_browser_is_registered_listed_and_removed(user, push_service):
    assert raw(devices(user)["publicKey"])[0] == 4
    assert devices(user)["data"] == []
    browser = Browser(push_service)
    told = user.post(PATH, browser.subscription()).ok()
    assert told == devices(user)["data"][0]
    assert (told["current"], told["lastSuccessAt"]) == (True, None)
    assert "httpx" in told["userAgent"]
    assert user.post(PATH, browser.subscription()).ok() == told, "repeating it changes nothing"
    other = again(user)
    assert [one["current"] for one in devices(other)["data"]] == [False]
    assert user.get(f"/api/users/{user.id}/export").ok()["pushSubscriptions"] == [
        {**told, "current": False}
    ]
    for _ in range(2):
        assert other.delete(f"{PATH}/{told['id']}").status == 204
    assert devices(user)["data"] == []


def test_nobody_removes_the_browser_of_somebody_else(user, new_user, push_service):
    turn_on(user, push_service)
    (mine,) = devices(user)["data"]
    assert new_user().delete(f"{PATH}/{mine['id']}").status == 204
    assert devices(user)["data"] == [mine]
    user.delete(f"{PATH}/nonsense").problem(422, "validation_failed")


def test_a_session_has_one_browser(user, push_service):
    first = turn_on(user, push_service)
    second = turn_on(user, push_service)
    assert len(devices(user)["data"]) == 1
    enrol(user)
    second.wait_for(SAFETY)
    assert first.pushes == []


def test_money_is_told_at_once_and_once(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    paid = omar.pay(mona, "12.50", note="Lunch").ok(201)
    (told,) = browser.wait_for("Omar Sherif sent you 12.50 EGP")
    (push,) = browser.pushes
    assert told["title"] == "Money in your wallet"
    assert told["url"] == f"/activity/{paid['id']}"
    assert (told["lang"], told["dir"]) == ("en", "ltr")
    assert abs(told["at"] / 1000 - time.time()) < 60
    assert told["tag"] == push.headers["topic"]
    assert "Lunch" not in str(told), "what others wrote is for the wallet"
    assert push.headers["urgency"] == "high"
    assert int(push.headers["ttl"]) <= 3600
    assert push.claims["sub"].startswith(("http", "mailto:"))
    assert push.key == devices(mona)["publicKey"]
    wait_until(lambda: devices(mona)["data"][0]["lastSuccessAt"], 20, "it is written down")


def test_each_browser_is_told_once_whoever_sends(launch, push_service):
    first, *_ = [launch() for _ in range(3)]
    mona, omar = first.new_user(), first.new_user(displayName="Omar Sherif")
    browsers = [turn_on(mona, push_service), turn_on(again(mona), push_service)]
    amounts = [f"{number}.00" for number in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        for done in pool.map(lambda amount: omar.pay(mona, amount), amounts):
            done.ok(201)
    enrol(mona)
    for browser in browsers:
        browser.wait_for(*(f"Omar Sherif sent you {amount} EGP" for amount in amounts), SAFETY)
        assert len(browser.pushes) == len(amounts) + 1
        assert len({push.headers["topic"] for push in browser.pushes}) == len(amounts) + 1


def test_it_is_said_in_the_language_of_the_reader(platform, omar, push_service):
    mona = platform.new_user(language="ar")
    browser = turn_on(mona, push_service)
    omar.pay(mona, "3.00").ok(201)
    (told,) = browser.wait_for("وصلك 3.00 EGP من Omar Sherif")
    assert (told["title"], told["lang"], told["dir"]) == ("مال في محفظتك", "ar", "rtl")


def test_a_locked_screen_shows_no_names_and_amounts_to_who_wants_that(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    settle(mona, pushAmounts=False)
    omar.pay(mona, "12.50").ok(201)
    (told,) = browser.wait_for("Open your wallet to read it.")
    assert "Omar" not in str(told)
    assert "12" not in told["body"]
    enrol(mona)
    browser.wait_for("Open your wallet to read it.", SAFETY)


def test_what_is_not_wanted_is_not_told_but_what_concerns_safety_is(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    settle(mona, pushMoney=False, pushRequests=False)
    omar.pay(mona, "1.00").ok(201)
    ask(omar, mona, amount="2.00").ok(201)
    enrol(mona)
    # What happened before was looked at by then.
    browser.wait_for(SAFETY)
    settle(mona, pushRequests=True)
    ask(omar, mona, amount="3.00").ok(201)
    told = browser.wait_for("Omar Sherif asks you for 3.00 EGP", SAFETY)
    assert [one["url"] for one in told if one["body"] == SAFETY] == ["/settings/security"]


def test_a_reminder_replaces_what_it_reminds_of(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    omar.pay(mona, "1.00").ok(201)
    asked = ask(omar, mona, amount="4.00").ok(201)
    money, first = "Omar Sherif sent you 1.00 EGP", "Omar Sherif asks you for 4.00 EGP"
    browser.wait_for(money, first)
    act(omar, asked, "remind").ok()
    reminder = "Omar Sherif reminds you to pay 4.00 EGP"
    told = {plain(one["body"]): one for one in browser.wait_for(money, first, reminder)}
    assert told[first]["tag"] == told[reminder]["tag"] != told[money]["tag"]
    assert told[first]["id"] != told[reminder]["id"]
    assert told[reminder]["url"] == f"/requests/{asked['id']}"


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(mona, omar, push_service, status):
    browser = turn_on(mona, push_service)
    push_service.answers = [(status, {})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    other = turn_on(again(mona), push_service)
    enrol(mona)
    other.wait_for(SAFETY)
    assert len(browser.pushes) == 1
    assert len(devices(mona)["data"]) == 1


def test_a_session_that_ends_takes_its_browser_along(mona, push_service):
    browser, stays = turn_on(mona, push_service), again(mona)
    other = turn_on(stays, push_service)
    mona.post("/api/users/logout", {"refreshToken": mona.refresh_token}).ok(204)
    enrol(stays)
    other.wait_for(SAFETY)
    assert browser.pushes == []
    assert [one["current"] for one in devices(stays)["data"]] == [True]


def test_freezing_ends_the_other_browsers_and_tells_this_one(mona, push_service):
    other = turn_on(again(mona), push_service)
    browser = turn_on(mona, push_service)
    mona.post("/api/users/me/freeze").ok()
    browser.wait_for("You froze your wallet")
    assert other.pushes == []
    assert len(devices(mona)["data"]) == 1


def test_closing_and_erasing_leave_nothing(launch, cluster, push_service):
    platform = launch()
    mona, rest = platform.new_user(), platform.new_user()
    turn_on(mona, push_service)
    mona.pay(rest, "1000.00").ok(201)
    count = f"SELECT count(*) AS n FROM push_subscriptions WHERE user_id = '{mona.id}'"
    assert cluster.sql(count) == [{"n": "1"}]
    platform.operator().patch(f"/api/users/{mona.id}", {"status": "closed"}).ok()
    assert cluster.sql(count) == [{"n": "0"}]
    done = platform.run("erase-user", mona.email, "--reason", "Asked for")
    assert done.returncode == 0, done.stderr
    kept = f"SELECT 1 AS x FROM push_outbox WHERE user_id = '{mona.id}'"
    assert cluster.sql(kept) == []


def test_a_browser_moves_over_to_who_signs_in_there(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    moved = omar.post(PATH, browser.subscription()).ok()
    assert [one["id"] for one in devices(omar)["data"]] == [moved["id"]]
    assert devices(mona)["data"] == []
    enrol(mona)
    mona.pay(omar, "5.00").ok(201)
    browser.wait_for("Mona Hassan sent you 5.00 EGP")
    assert len(browser.pushes) == 1


def test_who_knows_an_address_alone_takes_no_browser_away(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    keys = Browser(push_service).subscription()["keys"]
    taken = omar.post(PATH, browser.subscription(keys=keys))
    taken.problem(422, "validation_failed", {"endpoint": "taken"})
    assert len(devices(mona)["data"]) == 1


def test_registering_goes_on_in_a_new_session(mona, omar, push_service):
    browser = turn_on(mona, push_service)
    later = again(mona)
    first, second = devices(mona)["data"][0], later.post(PATH, browser.subscription()).ok()
    assert (second["id"], second["createdAt"]) == (first["id"], first["createdAt"])
    mona.post("/api/users/logout", {"refreshToken": mona.refresh_token}).ok(204)
    omar.pay(later, "2.00").ok(201)
    browser.wait_for("Omar Sherif sent you 2.00 EGP")


def test_signing_out_while_registering_leaves_no_browser(launch, cluster, push_service):
    mona = launch().new_user()
    for _ in range(8):
        session, browser = again(mona), Browser(push_service)
        with ThreadPoolExecutor(2) as pool:
            registering = pool.submit(session.post, PATH, browser.subscription())
            ending = pool.submit(
                session.post, "/api/users/logout", {"refreshToken": session.refresh_token}
            )
        assert registering.result().status in (200, 401)
        ending.result().ok(204)
    left = f"SELECT 1 AS x FROM push_subscriptions WHERE user_id = '{mona.id}'"
    assert cluster.sql(left) == []


def test_of_too_many_browsers_the_first_goes(mona, push_service):
    sessions = [again(mona) for _ in range(21)]
    for session in sessions:
        turn_on(session, push_service)
    assert len(devices(mona)["data"]) == 20
    assert not any(one["current"] for one in devices(sessions[0])["data"])
    assert any(one["current"] for one in devices(sessions[-1])["data"])


ON_NO_CURVE = b"\4" + bytes(31) + b"\1" + bytes(31) + b"\1"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"endpoint": None}, {"endpoint": "wrong_type"}),
        ({"endpoint": 5}, {"endpoint": "wrong_type"}),
        ({"endpoint": "http://127.0.0.1/" + "x" * 1024}, {"endpoint": "too_long"}),
        ({"keys": None}, {"keys": "wrong_type"}),
        ({"keys": []}, {"keys": "wrong_type"}),
        ({"applicationServerKey": 5}, {"applicationServerKey": "wrong_type"}),
        ({"keys": {}}, {"keys.p256dh": "required", "keys.auth": "required"}),
    ],
)
def test_wrong_bodies(user, push_service, changes, errors):
    body = Browser(push_service).subscription(**changes)
    user.post(PATH, body).problem(422, "validation_failed", errors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("p256dh", "!"),
        ("p256dh", b64url(bytes(65))),
        ("p256dh", b64url(ON_NO_CURVE)),
        ("p256dh", b64url(b"\2" + bytes(32))),
        ("auth", b64url(bytes(15))),
        ("auth", b64url(bytes(17))),
        ("auth", "a b"),
    ],
)
def test_wrong_keys(user, push_service, name, value):
    body = Browser(push_service).subscription()
    body["keys"][name] = value
    user.post(PATH, body).problem(422, "validation_failed", {f"keys.{name}": "invalid_format"})


FOREIGN = (
    "http://push.example.com/a",
    "https://push.example.com:8443/a",
    "https://user@push.example.com/a",
    "https://push.example.com/a#b",
    "https://push.example.com.evil.example/a",
    "https://evil.example/push.example.com",
    "https://evilpush.example.com/a",
    "https://example.org/a",
    "https://127.0.0.1/a",
    "https://[::1]/a",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706433/a",
    "https://0x7f.1/a",
    "https://localhost/a",
    "ftp://push.example.com/a",
    "//push.example.com/a",
    "not an address",
)


def test_only_known_push_services_are_taken(launch, push_service):
    person = launch("user", PUSH_HOSTS="push.example.com,*.example.org").new_user()
    for endpoint in FOREIGN:
        body = Browser(push_service).subscription(endpoint=endpoint)
        refusal = {"endpoint": "not_allowed"}
        person.post(PATH, body).problem(422, "validation_failed", refusal)
    for endpoint in ("https://push.example.com/a?b=c", "https://a.b.example.org:443/x"):
        person.post(PATH, Browser(push_service).subscription(endpoint=endpoint)).ok()
    assert len(devices(person)["data"]) == 1


def test_where_nothing_is_pushed_nothing_is_registered(launch, push_service):
    person = launch("user", PUSH_HOSTS="none").new_user()
    assert devices(person)["publicKey"] is None
    body = Browser(push_service).subscription()
    person.post(PATH, body).problem(422, "validation_failed", {"endpoint": "not_allowed"})


def test_a_new_key_leaves_the_browsers_of_the_old_one(launch, push_service):
    new = SigningKey("ES256")
    first = launch()
    mona = first.new_user()
    browser, old_key = turn_on(mona, push_service), devices(mona)["publicKey"]
    first.kill()
    second = launch(VAPID_PRIVATE_KEY=new.pem + VAPID_KEY.pem)
    mona = login(second.client, mona.email, mona.password)
    key = devices(mona)["publicKey"]
    assert key != old_key
    other = turn_on(mona, push_service)
    # One that subscribed while another replica offered the old key, and one that nobody offered.
    late = Browser(push_service)
    again(mona).post(PATH, late.subscription(applicationServerKey=old_key)).ok()
    foreign = late.subscription(applicationServerKey=b64url(late.point))
    refusal = {"applicationServerKey": "not_allowed"}
    mona.post(PATH, foreign).problem(422, "validation_failed", refusal)
    enrol(mona)
    browser.wait_for(SAFETY)
    other.wait_for(SAFETY)
    late.wait_for(SAFETY)
    assert {push.key for push in late.pushes} == {old_key}
    assert {push.key for push in browser.pushes} == {old_key}
    assert {push.key for push in other.pushes} == {key}


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"VAPID_PRIVATE_KEY": "not a key"}, "VAPID_PRIVATE_KEY"),
        ({"VAPID_PRIVATE_KEY": SigningKey().pem}, "VAPID_PRIVATE_KEY"),
        ({"RECEIPT_PRIVATE_KEY": VAPID_KEY.pem}, "VAPID_PRIVATE_KEY"),
        ({"JWT_PRIVATE_KEY": VAPID_KEY.pem}, "VAPID_PRIVATE_KEY"),
        ({"INSTAPAY_ENV": "staging", "VAPID_PRIVATE_KEY": ""}, "VAPID_PRIVATE_KEY"),
        ({"PUSH_HOSTS": "https://push.example.com"}, "PUSH_HOSTS"),
        ({"PUSH_HOSTS": "10.0.0.1"}, "PUSH_HOSTS"),
        ({"PUSH_HOSTS": "*"}, "PUSH_HOSTS"),
        ({"PUSH_HOSTS": "none,push.example.com"}, "PUSH_HOSTS"),
        # Of this host only while developing.
        ({"INSTAPAY_ENV": "staging", "PUSH_HOSTS": "127.0.0.1"}, "PUSH_HOSTS"),
        ({"INSTAPAY_ENV": "staging", "PUSH_HOSTS": "localhost"}, "PUSH_HOSTS"),
    ],
)
def test_wrong_settings(settings, name):
    assert name in refused(**settings)


def test_many_payments_are_pushed_so_often(mona, omar, push_service):
    settle(mona, pushAmounts=False)
    browser = turn_on(mona, push_service)
    transfers = [{"receiver_id": mona.id, "amount": "0.01"}] * 220
    omar.post("/api/transactions/batch", {"transfers": transfers}, key=fresh_key()).ok()
    told = ["Open your wallet to read it."] * 200
    browser.wait_for(*told)
    omar.pay(mona, "0.01").ok(201)
    enrol(mona)
    browser.wait_for(*told, SAFETY)
