"""The scenario with the client that openapi-python-client makes."""

import json
import os

from instapay_attrs import AuthenticatedClient, Client
from instapay_attrs.api.reports import report_transactions, report_user
from instapay_attrs.api.transactions import create_refund, create_transfer, list_transfers
from instapay_attrs.api.users import login_user, logout_user, refresh_session, register_user
from instapay_attrs.models import (
    CreateRefundRequest,
    CreateTransferRequest,
    LoginRequest,
    Problem,
    RefreshRequest,
    RegisterRequest,
)
from instapay_attrs.types import UNSET

API, NAME, PASSWORD = os.environ["API"], os.environ["NAME"], "correct horse battery"
anybody = Client(API)


def sign_in(email, password=PASSWORD):
    return login_user.sync(client=anybody, body=LoginRequest(email, password))


def person(letter):
    name = NAME + letter
    body = RegisterRequest(name, f"{name}@example.com", PASSWORD)
    register_user.sync(client=anybody, body=body)
    return sign_in(body.email)


def holding(session):
    return AuthenticatedClient(API, token=session.access_token)


payer, payee = person("a"), person("b")
body = RefreshRequest(refresh_token=payer.refresh_token)
fresh = refresh_session.sync(client=anybody, body=body)
mine, theirs = holding(fresh), holding(payee)


def pay(amount, key):
    return create_transfer.sync(
        client=mine,
        body=CreateTransferRequest(
            payer.user.email, amount=amount, receiver_email=payee.user.email, note="Tea"
        ),
        idempotency_key=key,
    )


paid, again, refused = pay("12.345", "first"), pay(12.345, "first"), pay("999999", "second")
assert isinstance(refused, Problem)
refund = create_refund.sync(
    paid.id, client=theirs, body=CreateRefundRequest(amount="2"), idempotency_key="back"
)
pages, kinds, cursor = 0, [], UNSET
while cursor is not None:
    page = list_transfers.sync(payer.user.id, client=mine, limit=1, cursor=cursor)
    pages, kinds, cursor = pages + 1, kinds + [item.kind for item in page.data], page.next_cursor
own = report_user.sync(payer.user.id, client=mine)
staff = holding(sign_in(os.environ["OPERATOR_EMAIL"], os.environ["OPERATOR_PASSWORD"]))
report = report_transactions.sync(client=staff, start_date="1970-01-01", end_date="2999-12-31")
logout_user.sync_detailed(client=anybody, body=RefreshRequest(refresh_token=fresh.refresh_token))
ended = refresh_session.sync(client=anybody, body=RefreshRequest(refresh_token=fresh.refresh_token))
print(
    json.dumps(
        {
            "paid": f"{paid.amount:.3f}",
            "balance": f"{paid.balance:.3f}",
            "replayed": again.id == paid.id,
            "refused": f"{refused.status} {refused.code} {refused.left:.3f}",
            "refund": f"{refund.amount:.3f} {refund.balance:.3f} {refund.refund_of == paid.id}",
            "history": f"{pages} {' '.join(kinds)}",
            "own report": f"{own.net:.3f} {own.closing_balance:.3f} {own.group_by}",
            "report": f"{report.group_by} {len(report.series)} {report.currency}",
            "ended": f"{ended.status} {ended.code}",
        }
    )
)
