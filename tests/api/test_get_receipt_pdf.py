"""GET /api/transactions/{id}/receipt.pdf: the facts on paper, and the signed receipt inside."""

import json
import unicodedata
import uuid

import jwt
import pytest
from harness.keys import claims_of, header_of
from harness.papers import attached, code_on, texts_of
from harness.platform import RECEIPT_KEY, run
from harness.users import User, register

KEY = jwt.PyJWK(RECEIPT_KEY.published).key


def pdf_of(by: User, identifier: str, **params: str) -> bytes:
    reply = by.get(f"/api/transactions/{identifier}/receipt.pdf", params=params)
    assert reply.status == 200, str(reply)
    assert reply.headers["content-type"] == "application/pdf"
    name = f'attachment; filename="receipt-{identifier}.pdf"'
    assert reply.headers["content-disposition"] == name
    return reply.content


def text_of(pdf: bytes) -> str:
    (text,) = texts_of(pdf)
    return unicodedata.normalize("NFKC", text)


@pytest.fixture
def named(client) -> User:
    return register(client, displayName="كريم عبد الرحمن")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_says_who_paid_whom_and_proves_it(platform, user, named, operator, lang):
    paid = user.pay(named, "12.30", note="Rent <12> & more").ok(201)
    keys = platform.dir / f"receipt-jwks-{lang}.json"
    keys.write_text(platform.client.get("/.well-known/receipt-jwks.json").text)
    for viewer in (user, named, operator):
        pdf = pdf_of(viewer, paid["id"], lang=lang, tz="Africa/Cairo")
        text = text_of(pdf)
        for said in ("12.30 EGP", "Rent <12> & more", user.username, paid["id"], "Africa/Cairo"):
            assert said in text, said
        assert "987.70" not in text, "a balance is nobody's business"
        assert any(name in text for name in ("كريم", "كريم"[::-1])), text
        assert ("Payment receipt" in text) == (lang == "en")

        receipt = attached(pdf, "receipt.jws").decode()
        claims = claims_of(receipt)
        assert claims["transaction"]["id"] == paid["id"]
        assert set(claims["sender"]) == set(claims["receiver"]) == {"hash"}
        checked = run("verify-receipt", "-", "--jwks", str(keys), stdin=receipt)
        assert checked.returncode == 0, checked.stdout

        link, _, token = code_on(pdf).partition("#")
        assert link.endswith("/verify")
        kid = RECEIPT_KEY.kid
        assert header_of(token) == {"alg": "ES256", "typ": "payment+jwt", "kid": kid}
        said = jwt.decode(token, KEY, algorithms=["ES256"])
        assert said == {
            "iss": "instapay",
            "iat": said["iat"],
            "version": 1,
            "id": paid["id"],
            "amount": "12.30",
            "currency": "EGP",
            "kind": "transfer",
            "payer": f"{user.username[0]}***",
            "payee": "ك*** ع*** ا***",
            "createdAt": paid["createdAt"],
        }


def test_of_every_kind(platform, user, payee, operator):
    (opening,) = user.history()
    done = user.pay(payee, 5).ok(201)
    refund = payee.post(f"/api/transactions/{done['id']}/refund", {"amount": 2}).ok(201)
    operator.adjust(user, 7).ok()
    for transaction, kind in (
        (opening, "Opening credit"),
        (refund, "Refund"),
        (user.history()[0], "Adjustment"),
    ):
        text = text_of(pdf_of(user, transaction["id"]))
        assert kind in text
        assert (done["id"] in text) == (transaction is refund)
        # The issuer; and the other side, where that is the platform itself.
        assert text.count("Mini-InstaPay") == (1 if transaction is refund else 2)


def test_somebody_elses_does_not_exist(user, payee, new_user):
    paid = user.pay(payee, 5).ok(201)
    for identifier in (paid["id"], uuid.uuid4()):
        new_user().get(f"/api/transactions/{identifier}/receipt.pdf").problem(
            404, "transaction_not_found"
        )


@pytest.mark.parametrize(("params", "field"), [({"lang": "fr"}, "lang"), ({"tz": "Nowhere"}, "tz")])
def test_bad_input(user, params, field):
    (opening,) = user.history()
    path = f"/api/transactions/{opening['id']}/receipt.pdf"
    user.get(path, params=params).problem(422, "validation_failed", {field: "not_allowed"})
    user.get("/api/transactions/1/receipt.pdf").problem(
        422, "validation_failed", {"id": "invalid_format"}
    )


def test_a_changed_summary_is_not_signed(user, payee):
    paid = user.pay(payee, 5).ok(201)
    pdf = pdf_of(user, paid["id"])
    receipt = attached(pdf, "receipt.jws").decode()
    head, _, signature = receipt.split(".")
    claims = claims_of(receipt)
    claims["transaction"]["amount"] = "5000.00"
    payload = jwt.utils.base64url_encode(json.dumps(claims).encode()).decode()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{payload}.{signature}", KEY, algorithms=["ES256"])
