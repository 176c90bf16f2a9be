"""Holds what the bank's people were told against the books."""

from collections import defaultdict

from bank import Bank
from harness.postgres import Cluster

_ENTRIES = """
SELECT note, kind, transfer_id, account_id AS payer, counterparty_id AS payee, -amount AS amount,
       coalesce(refund_of::text, '') AS refund_of
FROM entries WHERE amount < 0 AND kind <> 3
"""

# Of what somebody got or gave, as told by either side: how much of it went the other way again.
_REFUNDED = """
SELECT o.transfer_id, o.account_id, abs(o.amount) AS amount, abs(sum(r.amount)) AS refunded
FROM entries o JOIN entries r ON r.account_id = o.account_id AND r.refund_of = o.transfer_id
GROUP BY o.transfer_id, o.account_id, o.amount
"""

# Each side of a refund names a transfer that the same two have made, the other way round.
_ASTRAY = """
SELECT r.transfer_id, r.account_id, r.refund_of
FROM entries r
LEFT JOIN entries o ON o.account_id = r.account_id AND o.transfer_id = r.refund_of
WHERE (r.kind = 2) <> (r.refund_of IS NOT NULL)
   OR (r.kind = 2 AND (o.kind = 1 AND o.counterparty_id = r.counterparty_id
                       AND sign(o.amount) = -sign(r.amount)) IS NOT TRUE)
"""

# Holds are what the entries say: never more taken than was held, nothing after the end, and what is
# open is held, no more and no less.
_HELD_WRONGLY = """
SELECT h.id, h.amount, h.captured, sum(-e.amount) AS taken
FROM holds h LEFT JOIN entries e ON e.account_id = h.payer_id AND e.reference = h.id AND e.kind = 8
GROUP BY h.id
HAVING coalesce(sum(-e.amount), 0) <> h.captured OR h.captured > h.amount
    OR max(e.created_at) >= h.expires_at
UNION ALL
SELECT a.id, a.held, a.balance, coalesce(sum(h.amount - h.captured), 0)
FROM account_states a LEFT JOIN holds h ON h.payer_id = a.id AND h.status = 0
GROUP BY a.id, a.held, a.balance
HAVING a.held <> coalesce(sum(h.amount - h.captured), 0) OR (a.held > a.balance AND a.held > 0)
"""

_KINDS = {"transfer": "1", "refund": "2", "adjustment": "4", "capture": "8"}


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
            if order.of_request is not None:
                # Others who were asked have the same note.
                there = [row for row in there if row["payer"] == order.payer]
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
    found += (
        _requests(bank, cluster) + _refunds(bank, cluster) + _people(bank, cluster) + _sums(cluster)
    )
    found += [f"a hold, or what an account holds: {row}" for row in cluster.sql(_HELD_WRONGLY)]
    return found


def _check_acknowledged(name, order, there, found) -> None:
    if not there:
        found.append(f"{name}: acknowledged and not there")
        return
    row = there[0]
    if row["transfer_id"] != order.acknowledged:
        found.append(f"{name}: acknowledged as {order.acknowledged}, is {row['transfer_id']}")
    told = {
        "amount": str(order.amount_minor),
        "payer": order.payer,
        "payee": order.payee,
        "kind": _KINDS[order.kind],
        "refund_of": order.refund_of or "",
    }
    if {column: row[column] for column in told} != told:
        found.append(f"{name}: acknowledged as {told}, is {row}")


def _requests(bank: Bank, cluster: Cluster) -> list[str]:
    """Paid once is paid once, what was cancelled is not paid, and each says what it is."""
    rows = cluster.sql(
        "SELECT r.id, r.status, coalesce(r.transfer_id::text, '') AS transfer_id,"
        " (SELECT count(*) FROM entries e WHERE e.reference = r.id AND e.amount > 0) AS payments"
        " FROM payment_requests r"
    )
    by_id = {row["id"]: row for row in rows}
    orders = [order for request in bank.requests for order in request.orders]
    paid = {order.of_request: order.acknowledged for order in orders if order.acknowledged}
    # Of a payment that was never answered either may be so.
    unsure = {order.of_request for order in orders if not order.acknowledged and not order.refused}
    found = []
    for asked in bank.asked:
        row = by_id.get(asked.id)
        told = (
            "4" if asked.cancelled else "1" if asked.id in paid else "0",
            paid.get(asked.id, ""),
        )
        if row is None or (
            (row["status"], row["transfer_id"]) != told
            and not (told[0] == "0" and asked.id in unsure)
        ):
            found.append(f"request {asked.id}: told {told}, is {row}")
        elif row["payments"] != str(int(row["status"] == "1")):
            found.append(f"request {asked.id}: {row['payments']} payments")
    return found


def _refunds(bank: Bank, cluster: Cluster) -> list[str]:
    refunded = cluster.sql(_REFUNDED)
    found = [
        f"more was given back than paid: {row}"
        for row in refunded
        if int(row["refunded"]) > int(row["amount"])
    ]
    remains = {row["transfer_id"] for row in refunded if row["refunded"] != row["amount"]}
    orders = [order for request in bank.requests for order in request.orders]
    found += [
        f"{order.note}: gave back all of {order.refund_of}, and something remains"
        for order in orders
        if order.asked_for_all and order.acknowledged and order.refund_of in remains
    ]
    return found + [f"a refund that is not linked: {row}" for row in cluster.sql(_ASTRAY)]


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
        "  GROUP BY coalesce(actor_id, account_id), idempotency_key HAVING count(*) > 1) x)"
        " AS twice, (SELECT count(*) FROM account_states a WHERE (balance, seq) <>"
        "  (SELECT coalesce(sum(amount), 0), count(*) FROM entries e WHERE e.account_id = a.id))"
        " AS wrong,"
        " (SELECT count(*) FROM awaited_entries) AS awaited FROM account_states"
    )
    found = []
    if (row["total"], row["entries"]) != ("0", "0"):
        found.append(f"money was made or lost: {row}")
    if int(row["lowest"]) < 0:
        found.append(f"a negative balance: {row}")
    if row["twice"] != "0":
        found.append(f"keys applied twice: {row}")
    if row["wrong"] != "0":
        found.append(f"balances or numbers that are not their entries': {row}")
    if row["awaited"] != "0":
        found.append(f"entries still wait for the one before: {row}")
    return found
