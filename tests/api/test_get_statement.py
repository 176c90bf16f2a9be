"""GET /api/reports/users/{user_id}/statement: who, which parameters, and that every format says the
same, read back by other people's parsers."""

import csv
import hashlib
import io
import json
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import jwt
import mt940
import pytest
from harness.keys import b64url, claims_of, header_of
from harness.papers import attached, code_on, texts_of
from harness.platform import RECEIPT_KEY, Platform
from harness.users import User, register
from lxml import etree
from ofxtools.Parser import OFXTree

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
KEY = jwt.PyJWK(RECEIPT_KEY.published).key
SCHEMA = Path(__file__).parent / "schemas/camt.053.001.08.xsd"
TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "pdf": "application/pdf",
    "camt053": "application/xml",
    "mt940": "text/plain; charset=us-ascii",
    "ofx": "application/x-ofx",
}
EXTENSIONS = {"csv": "csv", "pdf": "pdf", "camt053": "xml", "mt940": "sta", "ofx": "ofx"}


def get(by: User, identifier, **params):
    return by.get(f"/api/reports/users/{identifier}/statement", params=params)


def file_of(by: User, **params: str) -> bytes:
    reply = get(by, by.id, **params)
    assert reply.status == 200, str(reply)
    assert reply.headers["content-type"] == TYPES[params["format"]]
    name = reply.headers["content-disposition"]
    assert name.startswith(f'attachment; filename="statement-{by.username}-')
    assert name.endswith(f'.{EXTENSIONS[params["format"]]}"')
    assert datetime.fromisoformat(reply.headers["x-as-of"])
    return reply.content


@dataclass
class Read:
    """What a format says."""

    opening: Decimal
    amounts: list[Decimal]
    closing: Decimal
    ids: list[str]


def read_csv(content: bytes) -> Read:
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    entries = [row for row in rows if row["type"] == "entry"]
    assert [rows[0]["type"], rows[-1]["type"]] == ["opening", "closing"]
    assert len(entries) == len(rows) - 2
    return Read(
        Decimal(rows[0]["balance"]),
        [Decimal(row["amount"]) for row in entries],
        Decimal(rows[-1]["balance"]),
        [row["transactionId"] for row in entries],
    )


def signed(element) -> Decimal:
    amount = Decimal(element.findtext(f"{{{CAMT}}}Amt"))
    return amount if element.findtext(f"{{{CAMT}}}CdtDbtInd") == "CRDT" else -amount


def read_camt053(content: bytes) -> Read:
    document = etree.fromstring(content)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(document)
    (statement,) = document.iter(f"{{{CAMT}}}Stmt")
    balances = {
        balance.findtext(f".//{{{CAMT}}}Cd"): signed(balance)
        for balance in statement.iter(f"{{{CAMT}}}Bal")
    }
    entries = statement.findall(f"{{{CAMT}}}Ntry")
    assert int(statement.findtext(f".//{{{CAMT}}}TtlNtries/{{{CAMT}}}NbOfNtries")) == len(entries)
    return Read(
        balances["OPBD"],
        [signed(entry) for entry in entries],
        balances["CLBD"],
        [str(uuid.UUID(entry.findtext(f"{{{CAMT}}}NtryRef"))) for entry in entries],
    )


def read_mt940(content: bytes) -> Read:
    parsed = mt940.parse(content.decode("ascii"))
    return Read(
        parsed.data["final_opening_balance"].amount.amount,
        [entry.data["amount"].amount for entry in parsed.transactions],
        parsed.data["final_closing_balance"].amount.amount,
        [
            str(uuid.UUID(entry.data["customer_reference"] + entry.data["bank_reference"]))
            for entry in parsed.transactions
        ],
    )


def read_ofx(content: bytes) -> Read:
    tree = OFXTree()
    tree.parse(io.BytesIO(content))
    (statement,) = tree.convert().statements
    return Read(
        statement.ballist[0].value,
        [entry.trnamt for entry in statement.transactions],
        statement.ledgerbal.balamt,
        [entry.fitid for entry in statement.transactions],
    )


READERS = {"csv": read_csv, "camt053": read_camt053, "mt940": read_mt940, "ofx": read_ofx}


@pytest.fixture
def busy(client, payee) -> User:
    """Everything that may stand in a statement, and names that read from the right."""
    user = register(client, displayName="أمل حسن")
    named = register(client, displayName="كريم عبد الرحمن")
    user.pay(payee, "120.50", note='Rent & "more" <12>\U0001f3e0').ok(201)
    user.pay(named, "0.01", note="إيجار شهر نوفمبر، flat 12").ok(201)
    back = named.pay(user, "7.25", note="=1+1 " + "W" * 135).ok(201)
    user.post(f"/api/transactions/{back['id']}/refund", {"amount": "0.25"}).ok(201)
    payee.pay(user, "33").ok(201)
    return user


def test_every_format_says_the_same(busy):
    history = list(reversed(busy.history()))
    expected = [e["amount"] if e["direction"] == "in" else -e["amount"] for e in history]
    for name, read in READERS.items():
        found = read(file_of(busy, format=name, tz="Africa/Cairo"))
        assert found.amounts == expected, name
        assert found.ids == [entry["id"] for entry in history], name
        assert found.opening == 0, name
        assert found.opening + sum(found.amounts) == found.closing == busy.balance(), name


def test_the_csv_is_as_people_wrote_it(busy):
    content = file_of(busy, format="csv")
    rows = {row["note"]: row for row in csv.DictReader(io.StringIO(content.decode(), newline=""))}
    assert rows["إيجار شهر نوفمبر، flat 12"]["counterparty"] == "كريم عبد الرحمن"
    assert 'Rent & "more" <12>\U0001f3e0' in rows
    assert "'=1+1 " + "W" * 135 in rows  # no formula


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_paper(busy, lang):
    pdf = file_of(busy, format="pdf", lang=lang, tz="Africa/Cairo")
    text = unicodedata.normalize("NFKC", "\n".join(texts_of(pdf)))
    for amount in ("-120.50", "+7.25", "-0.25", "+33.00", f"{busy.balance()}", "1000.00"):
        assert amount in text, amount
    assert ("Account statement" in text) == (lang == "en")
    assert ("Page 1 of" in text) == (lang == "en")
    # Letters of a shaped name may come in the order in which they are seen.
    assert any(name in text for name in ("كريم", "كريم"[::-1])), text
    csv_inside = attached(pdf, "statement.csv")
    assert read_csv(csv_inside).closing == busy.balance()

    link, _, scanned = code_on(pdf).partition("#")
    assert link.endswith("/verify")
    assert scanned == attached(pdf, "statement.jws").decode()
    assert header_of(scanned) == {"alg": "ES256", "typ": "statement+jwt", "kid": RECEIPT_KEY.kid}
    claims = claims_of(scanned)
    assert jwt.decode(scanned, KEY, algorithms=["ES256"]) == claims
    # A larger balance, under the same signature.
    richer = {**claims, "closing": "9999.00"}
    head, _, signature = scanned.split(".")
    forged = ".".join((head, b64url(json.dumps(richer).encode()), signature))
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(forged, KEY, algorithms=["ES256"])
    assert claims == {
        "iss": "instapay",
        "iat": claims["iat"],
        "version": 1,
        "holder": "أ*** ح***",
        "start": claims["start"],
        "end": claims["end"],
        "tz": "Africa/Cairo",
        "currency": "EGP",
        "opening": "0.00",
        "closing": f"{busy.balance()}",
        "entries": 6,
        "sha256": b64url(hashlib.sha256(csv_inside).digest()),
    }


def test_pages_are_numbered(user, payee):
    for _ in range(2):
        transfers = [
            {"receiver_email": payee.email, "amount": "0.01", "note": "n" * 140} for _ in range(30)
        ]
        user.post("/api/transactions/batch", {"transfers": transfers}, key=uuid.uuid4().hex).ok()
    texts = texts_of(file_of(user, format="pdf"))
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
    assert sum(text.count("-0.01") for text in texts) == 60


def test_a_range_is_of_the_users_days(user, payee):
    """One that ended before: the balances of its ends, and nothing of what came later."""
    user.pay(payee, 5).ok(201)
    today = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    for name, read in READERS.items():
        past = {"startDate": "2001-01-01", "endDate": "2001-01-31", "tz": "Pacific/Kiritimati"}
        empty = read(file_of(user, format=name, **past))
        assert (empty.opening, empty.amounts, empty.closing) == (0, [], 0), name
        now = {"startDate": str(today), "endDate": str(today), "tz": "Pacific/Kiritimati"}
        full = read(file_of(user, format=name, **now))
        assert (full.opening, full.amounts, full.closing) == (0, [1000, -5], 995), name
        later = {"startDate": str(today + timedelta(days=2)), "tz": "Pacific/Kiritimati"}
        later["endDate"] = later["startDate"]
        to_come = read(file_of(user, format=name, **later))
        assert (to_come.opening, to_come.amounts, to_come.closing) == (995, [], 995), name
    assert "No entries" in texts_of(file_of(user, format="pdf", **past))[0]


def test_what_is_before_the_range_is_its_opening_balance(user, payee):
    user.pay(payee, 5).ok(201)
    last = user.pay(payee, "1.5").ok(201)
    user.pay(payee, 9).ok(201)
    second = next(e for e in user.history() if e["id"] == last["id"])
    third = user.history()[0]
    range_ = {"startDate": second["createdAt"], "endDate": third["createdAt"]}
    for name, read in READERS.items():
        found = read(file_of(user, format=name, **range_))
        assert (found.opening, found.closing) == (995, Decimal("993.5")), name
        assert found.ids == [last["id"]], name


def test_is_ones_own(user, payee, operator, auditor):
    get(user, user.id, format="csv")
    for somebody in (payee, operator, auditor):
        get(somebody, user.id).problem(403, "forbidden")
    user.client.get(f"/api/reports/users/{user.id}/statement").problem(401, "token_missing")


BAD = [
    ({"startDate": "x"}, {"startDate": "invalid_format"}),
    ({"endDate": "2026-99-01"}, {"endDate": "invalid_format"}),
    ({"startDate": "2026-02-02", "endDate": "2026-02-01"}, {"startDate": "out_of_range"}),
    ({"tz": "Nowhere"}, {"tz": "not_allowed"}),
    ({"format": "json"}, {"format": "not_allowed"}),
    ({"lang": "fr"}, {"lang": "not_allowed"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(user, params, fields):
    get(user, user.id, **params).problem(422, "validation_failed", fields)


def test_a_year_at_most(user):
    leap_year = {"startDate": "2024-01-01", "endDate": "2024-12-31", "tz": "Africa/Cairo"}
    assert get(user, user.id, **leap_year).status == 200
    longer = {"startDate": "2024-01-01", "endDate": "2025-01-02"}
    get(user, user.id, **longer).problem(422, "range_too_wide")


def test_paper_has_fewer_entries_than_files(launch):
    """Past the limit it is refused, never cut."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    transfers = [{"receiver_email": payee.email, "amount": "0.01"}] * 1_000
    for _ in range(3):
        body = {"transfers": transfers}
        user.post("/api/transactions/batch", body, key=uuid.uuid4().hex).ok()
    get(user, user.id, format="pdf").problem(422, "range_too_wide")
    found = read_camt053(file_of(user, format="camt053"))
    assert (len(found.ids), found.closing) == (3_001, 970)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "7"), ("KWD", "7.125")])
def test_currencies_of_other_digits(currency, amount):
    """Its own cluster: a deployment has one currency."""
    platform = Platform(CURRENCY=currency)
    try:
        platform.start()
        user, payee = platform.new_user(), platform.new_user()
        user.pay(payee, amount).ok(201)
        for name, read in READERS.items():
            found = read(file_of(user, format=name))
            assert found.amounts == [1000, -Decimal(amount)], name
            assert found.closing == 1000 - Decimal(amount), name
        assert f"-{amount}" in texts_of(file_of(user, format="pdf"))[0]
        platform.stop()
    finally:
        platform.remove()


def test_what_mt940_cannot_hold_is_said(launch):
    platform = launch(OPENING_BALANCE="1000000000000", TRANSFER_LIMIT="0")
    user = platform.new_user()
    get(user, user.id, format="mt940").problem(422, "validation_failed", {"format": "out_of_range"})
    assert read_camt053(file_of(user, format="camt053")).closing == 10**12


def test_dates_are_those_of_the_zone(user):
    (entry,) = user.history()
    booked = datetime.fromisoformat(entry["createdAt"])
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        there = booked.astimezone(ZoneInfo(zone))
        content = file_of(user, format="csv", tz=zone).decode()
        assert there.isoformat(timespec="microseconds") in content
        parsed = mt940.parse(file_of(user, format="mt940", tz=zone).decode())
        assert parsed.transactions[0].data["date"] == date(there.year, there.month, there.day)
