"""The currency as the services tell it, and the document that is served with it."""

import re

import pytest
import yaml
from harness.platform import Platform

SERVICES = ["user", "transaction", "reporting", "gateway"]


@pytest.mark.parametrize("service", SERVICES)
def test_everybody_may_ask_every_service(client, service):
    reply = client.get("/api/currency", service=service)
    assert reply.status == 200
    assert reply.text == (
        '{"code":"EGP","name":"Egyptian Pound","digits":2,"maximum":90000000000000.00}'
    )


@pytest.mark.parametrize(
    ("code", "name", "balance", "smallest", "too_small"),
    [
        ("JPY", "Yen", "1000", "1", "0.1"),
        ("KWD", "Kuwaiti Dinar", "1000.000", "0.001", "0.0001"),
        ("IQD", "Iraqi Dinar", "1000.000", "0.001", "0.0001"),
        ("CLF", "Unidad de Fomento", "1000.0000", "0.0001", "0.00001"),
    ],
)
def test_the_answers_and_the_document_are_true_for_the_currency(
    code, name, balance, smallest, too_small
):
    platform = Platform(CURRENCY=code)
    try:
        platform.start()
        told = platform.client.get("/api/currency").json
        assert (told["code"], told["name"]) == (code, name)
        # BaseLoader keeps numbers as they are written.
        document = yaml.load(platform.client.get("/openapi.yaml").text, Loader=yaml.BaseLoader)
        schemas = document["components"]["schemas"]
        request = schemas["AmountRequest"]["oneOf"][1]["pattern"]
        assert re.fullmatch(request, smallest)
        assert not re.fullmatch(request, too_small)
        payer, payee = platform.new_user(), platform.new_user()
        assert f'"balance":{balance}' in payer.get("/api/users/me").text
        payer.pay(payee, smallest).ok(201)
        assert payer.pay(payee, too_small).status == 422
        example = document["paths"]["/api/transactions"]["post"]["requestBody"]["content"][
            "application/json"
        ]["examples"]
        for each in example.values():
            assert payer.pay(payee, each["value"]["amount"]).status == 201
    finally:
        platform.remove()
