"""Clients made from the served document do what people do, and read every answer by its type.

Each scenario registers two people, signs in, refreshes, pays with a key and again with the same
one, is refused, gives a part back, pages through the history, reads reports, and signs out.
"""

import json

import pytest
from generate import CLIENTS, run
from harness.users import unique_name

EXPECTED = {
    "paid": "12.345",
    "balance": "987.655",
    "replayed": True,
    "refused": "422 insufficient_funds 987.655",
    "refund": "2.000 1010.345 True",
    "history": "3 refund transfer opening",
    "own report": "989.655 989.655 day",
    # 12,360 months are more than a report may have, so the server chose years.
    "report": "year 1030 KWD",
    "ended": "401 refresh_token_invalid",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_made_from_the_served_document_works(client, platform, document, tmp_path):
    command = CLIENTS[client](document, tmp_path / "client")
    said = run(
        *command,
        cwd=tmp_path,
        API=platform.urls["gateway"],
        NAME=unique_name("c"),
        OPERATOR_EMAIL=platform.operator_email,
        OPERATOR_PASSWORD=platform.operator_password,
    )
    assert json.loads(said.splitlines()[-1]) == EXPECTED
