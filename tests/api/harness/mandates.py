"""Drawing by mandates."""

from typing import Any

from harness.client import Reply
from harness.postgres import Cluster
from harness.users import User, fresh_key

CAIRO = "Africa/Cairo"


def propose(
    payee: User, payer: Any, per_draw: Any = 100, per_month: Any = 250, *,
    key: str | None = None, **fields: Any,
) -> Reply:  # fmt: skip
    """The payer is a user, or a name."""
    body = {"from": getattr(payer, "id", payer), "perDraw": per_draw, "perMonth": per_month}
    return payee.post("/api/mandates", {**body, **fields}, key=key or fresh_key())


def accept(payer: User, mandate: dict, zone: str = CAIRO) -> Reply:
    return payer.post(f"/api/mandates/{mandate['id']}/accept", {"timeZone": zone})


def act(person: User, mandate: dict, verb: str) -> Reply:
    """Decline or cancel."""
    return person.post(f"/api/mandates/{mandate['id']}/{verb}")


def agreed(payee: User, payer: User, *limits: Any, **fields: Any) -> dict:
    return accept(payer, propose(payee, payer, *limits, **fields).ok(201)).ok()


def draw(
    payee: User, mandate: dict, amount: Any = 50, *, key: str | None = None, **fields: Any
) -> Reply:
    path = f"/api/mandates/{mandate['id']}/draws"
    return payee.post(path, {"amount": amount, **fields}, key=key or fresh_key())


def refuse(person: User, drawn: dict) -> Reply:
    return person.post(f"/api/mandates/draws/{drawn['id']}/cancel")


def look(person: User, mandate: dict) -> dict:
    return person.get(f"/api/mandates/{mandate['id']}").ok()


def look_at_draw(person: User, drawn: dict) -> dict:
    return person.get(f"/api/mandates/draws/{drawn['id']}").ok()


def make_due(cluster: Cluster, *draws: dict, since: str = "1 second") -> None:
    """As if they had been announced long enough before."""
    ids = ",".join(f"'{drawn['id']}'" for drawn in draws)
    cluster.sql(
        "SET session_replication_role = replica; UPDATE mandate_draws d "
        f"SET due_at = now() - interval '{since}', try_at = now(), "
        "announced_at = now() - interval '2 days', month = month_of(now(), m.time_zone) "
        f"FROM mandates m WHERE m.id = d.mandate_id AND d.id IN ({ids}) AND d.status = 0; SELECT 1"
    )
