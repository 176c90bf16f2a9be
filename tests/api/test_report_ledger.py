"""GET /api/reports/ledger and GET /api/reports/services."""

from harness.platform import run


def test_are_for_operators_and_auditors(user, auditor):
    for path in ("/api/reports/ledger", "/api/reports/services"):
        auditor.get(path).ok()
        user.get(path).problem(403, "forbidden")


def test_the_books_balance_and_the_chains_grow(operator, user, payee):
    def chains():
        report = operator.get("/api/reports/ledger").ok()
        assert report["books"]["balanced"] is True
        assert report["books"]["sumOfBalances"] == 0
        return report, sum(chain["transfers"] for chain in report["chains"])

    _, before = chains()
    for _ in range(3):
        user.pay(payee, 1).ok(201)
    report, after = chains()
    assert after - before == 3
    assert report["queue"]["max"] > 0
    assert report["conflicts"]["unknownOutcomes"] >= report["conflicts"]["resolved"]


def test_the_services_are_up(operator):
    services = operator.get("/api/reports/services").ok()["data"]
    assert [item["service"] for item in services] == ["user", "transaction", "reporting"]
    for item in services:
        assert (item["status"], item["ready"]) == ("ok", True)
        assert set(item["checks"].values()) == {"ok"}
        assert item["version"] in run("--version").stdout
        (replica,) = item["replicas"]
        assert replica == {"address": "127.0.0.1", **{k: replica[k] for k in replica if k in item}}
        assert (replica["status"], replica["ready"]) == ("ok", True)
