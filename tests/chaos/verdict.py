"""Holds what the bank's people were told against the books."""

from collections import defaultdict

from bank import Bank
from harness.postgres import Cluster

_ENTRIES = """
SELECT note, kind, transfer_id, account_id AS payer, counterparty_id AS payee, -amount AS amount
FROM entries WHERE amount < 0 AND kind <> 3
"""


def differences(bank: Bank, cluster: Cluster) -> list[str]:
    found = list(bank.unexpected)
    books = defaultdict(list)
    for row in cluster.sql(_ENTRIES):
        books[row["note"]].append(row)
    asked = set()
    for request in bank.requests:
        for order in request.orders:
            asked.add(order.note)
            there = books.get(order.note, [])
            name = f"{order.note} ({request.path}, key {request.key}, doubted {request.doubted})"
            if len(there) > 1:
                found.append(f"{name}: applied {len(there)} times")
            if order.acknowledged is not None:
                _check_acknowledged(name, order, there, found)
            elif order.refused is not None and there:
                found.append(f"{name}: refused ({order.refused}) and applied")
            elif not request.doubted and there:
                found.append(f"{name}: never accepted, and applied")
    strangers = set(books) - asked
    found += [f"{note}: nobody asked for it" for note in sorted(strangers)[:5]]
    found += _people(bank, cluster) + _sums(cluster)
    return found


def _check_acknowledged(name, order, there, found) -> None:
    if not there:
        found.append(f"{name}: acknowledged and not there")
        return
    row = there[0]
    if row["transfer_id"] != order.acknowledged:
        found.append(f"{name}: acknowledged as {order.acknowledged}, is {row['transfer_id']}")
    told = (str(order.amount_minor), order.payer, order.payee)
    if (row["amount"], row["payer"], row["payee"]) != told:
        found.append(f"{name}: acknowledged as {told}, is {row}")


def _people(bank: Bank, cluster: Cluster) -> list[str]:
    rows = cluster.sql(
        "SELECT u.email, count(DISTINCT a.id) AS wallets, count(e.account_id) AS grants"
        " FROM users u LEFT JOIN accounts a ON a.id = u.id"
        " LEFT JOIN entries e ON e.account_id = u.id AND e.kind = 3 GROUP BY u.email"
    )
    by_email = {row["email"]: (row["wallets"], row["grants"]) for row in rows}
    found = []
    for registration in bank.registrations:
        email = registration.person.email
        if registration.settled and by_email.get(email) != ("1", "1"):
            found.append(f"{email}: registered, has {by_email.get(email)} wallets and grants")
    found += [
        f"{email}: {has} wallets and grants"
        for email, has in by_email.items()
        if has != ("1", "1") and not email.startswith("operator")
    ]
    return found


def _sums(cluster: Cluster) -> list[str]:
    (row,) = cluster.sql(
        "SELECT sum(balance) AS total, min(balance) FILTER (WHERE kind = 0) AS lowest,"
        " (SELECT sum(amount) FROM entries) AS entries,"
        " (SELECT count(*) FROM (SELECT 1 FROM entries WHERE idempotency_key IS NOT NULL"
        "  GROUP BY account_id, idempotency_key HAVING count(*) > 1) x) AS twice,"
        " (SELECT count(*) FROM accounts a WHERE balance <> (SELECT coalesce(sum(amount), 0)"
        "  FROM entries e WHERE e.account_id = a.id)) AS wrong FROM accounts"
    )
    found = []
    if (row["total"], row["entries"]) != ("0", "0"):
        found.append(f"money was made or lost: {row}")
    if int(row["lowest"]) < 0:
        found.append(f"a negative balance: {row}")
    if row["twice"] != "0":
        found.append(f"keys applied twice: {row}")
    if row["wrong"] != "0":
        found.append(f"balances that are not their entries: {row}")
    return found
