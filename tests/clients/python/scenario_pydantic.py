"""The scenario with the Python client that openapi-generator makes."""

import json
import os

import instapay_pydantic as api

API, NAME, PASSWORD = os.environ["API"], os.environ["NAME"], "correct horse battery"


def client(token=None):
    return api.ApiClient(api.Configuration(host=API, access_token=token))


anybody = api.UsersApi(client())


def sign_in(email, password=PASSWORD):
    return anybody.login_user(api.LoginRequest(email=email, password=password))


def person(letter):
    name = NAME + letter
    email = f"{name}@example.com"
    anybody.register_user(api.RegisterRequest(username=name, email=email, password=PASSWORD))
    return sign_in(email)


def refusal(call):
    try:
        call()
    except api.ApiException as error:
        return error.data
    raise AssertionError("it was not refused")


payer, payee = person("a"), person("b")
fresh = anybody.refresh_session(api.RefreshRequest(refresh_token=payer.refresh_token))
mine = api.TransactionsApi(client(fresh.access_token))
theirs = api.TransactionsApi(client(payee.access_token))


def pay(amount, key):
    body = api.CreateTransferRequest(
        sender_email=payer.user.email,
        receiver_email=payee.user.email,
        amount=api.AmountRequest(amount),
        note="Tea",
    )
    return mine.create_transfer(body, idempotency_key=key)


paid, again = pay("12.345", "first"), pay("12.345", "first")
refused = refusal(lambda: pay("999999", "second"))
refund = theirs.create_refund(
    paid.id,
    api.CreateRefundRequest(amount=api.AmountRequest("2")),
    idempotency_key="back",
)
pages, kinds, cursor = 0, [], None
while pages == 0 or cursor is not None:
    page = mine.list_transfers(payer.user.id, limit=1, cursor=cursor)
    kinds += [item.kind.value for item in page.data]
    pages, cursor = pages + 1, page.next_cursor
own = api.ReportsApi(client(fresh.access_token)).report_user(payer.user.id)
operator = sign_in(os.environ["OPERATOR_EMAIL"], os.environ["OPERATOR_PASSWORD"])
report = api.ReportsApi(client(operator.access_token)).report_transactions(
    start_date="1970-01-01", end_date="2999-12-31"
)
anybody.logout_user(api.RefreshRequest(refresh_token=fresh.refresh_token))
ended = refusal(
    lambda: anybody.refresh_session(api.RefreshRequest(refresh_token=fresh.refresh_token))
)
print(
    json.dumps(
        {
            "paid": f"{paid.amount:.3f}",
            "balance": f"{paid.balance:.3f}",
            "replayed": again.id == paid.id,
            "refused": f"{refused.status} {refused.code.value} {refused.left:.3f}",
            "refund": f"{refund.amount:.3f} {refund.balance:.3f} {refund.refund_of == paid.id}",
            "history": f"{pages} {' '.join(kinds)}",
            "own report": f"{own.net:.3f} {own.closing_balance:.3f} {own.group_by.value}",
            "report": f"{report.group_by.value} {len(report.series)} {report.currency}",
            "ended": f"{ended.status} {ended.code.value}",
        }
    )
)
