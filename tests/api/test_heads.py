"""`instapay heads` and `audit --heads`: what was noted outside the database shows what its own rows
cannot, and tells a failover from a hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.keys import SigningKey
from harness.platform import Platform, migrate
from harness.postgres import Cluster
from harness.standby import Standby
from harness.waiting import wait_until

CAUGHT_UP_WITHIN_S = 30
LAST = "SELECT chain_id, seq, transfer_count FROM ledger_batches ORDER BY committed_at DESC LIMIT 1"


@pytest.fixture(scope="module")
def _cluster() -> Iterator[Cluster]:
    """Of these tests alone: they do what nobody can put right again."""
    own = Cluster()
    migrate(own.url)
    yield own
    own.remove()


class Place:
    """A platform that has ended; its last batch, in its only chain, was one payment."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform, self.folder = platform, folder
        self.jwks = folder / "receipt-jwks.json"
        self.jwks.write_text(platform.client.get("/.well-known/receipt-jwks.json").text)
        user, payee = platform.new_user(), platform.new_user()
        user.pay(payee, 5).ok(201)
        platform.stop()

    def note(self, *arguments: str, **settings: str) -> list[Path]:
        """All that were noted until now."""
        done = self.platform.run("heads", "--folder", str(self.folder), *arguments, **settings)
        assert done.returncode == 0, done.stderr
        return sorted(self.folder.glob("heads-*.jwt"))

    def audit(self, *files: Path, **settings: str) -> tuple[int, dict]:
        compared = ["--jwks", str(self.jwks), "--heads", *map(str, files)] if files else []
        done = self.platform.run("audit", "--json", *compared, **settings)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def place(launch, tmp_path: Path) -> Place:
    return Place(launch(COMMITTERS="1"), tmp_path)


def remove(cluster: Cluster, chain: str, first: str) -> None:
    """The end of a chain, as somebody who may do everything and knows what belongs together."""
    where = f"chain_id = {chain} AND {{}} >= {first}"
    cluster.sql(
        "SET session_replication_role = replica;"
        f"DELETE FROM entries WHERE {where.format('batch_seq')};"
        f"DELETE FROM ledger_batches WHERE {where.format('seq')};"
        "DELETE FROM mail_outbox;"  # of people whose accounts go
        "DELETE FROM accounts a WHERE kind = 0"
        " AND NOT EXISTS (SELECT FROM entries e WHERE e.account_id = a.id)"
    )


def test_what_was_noted_stands(place, launch):
    files = place.note()
    assert len(files) == 1
    again = launch()
    again.new_user().pay(again.new_user(), 7).ok(201)
    again.stop()
    files = place.note()
    assert len(files) == 2, "each has a name of its own"
    code, verdict = place.audit(*files)
    assert (code, verdict["balanced"]) == (0, True)
    heads = verdict["heads"]
    assert heads == {
        "verdict": "agree",
        "difference": None,
        "file": None,
        "files": 2,
        "chains": verdict["chains"],
    }
    assert "heads" not in place.audit()[1]


def test_an_end_that_was_cut_off_is_found(place, cluster):
    (file,) = place.note()
    (last,) = cluster.sql(LAST)
    assert last["transfer_count"] == "1"
    remove(cluster, last["chain_id"], last["seq"])
    assert place.audit()[1]["balanced"] is True, "its own rows do not show it"
    code, verdict = place.audit(file)
    assert (code, verdict["balanced"], verdict["heads"]["verdict"]) == (1, True, "tampered")
    assert verdict["heads"]["file"] == str(file)
    assert f"batch {last['seq']} of chain {last['chain_id']}," in verdict["heads"]["difference"]
    said = place.platform.run("audit", "--jwks", str(place.jwks), "--heads", str(file))
    assert said.returncode == 1
    assert "THE BOOKS ARE NOT THOSE THAT WERE NOTED" in said.stdout
    noted_as_good = place.platform.run(
        *("audit", "--record", "--jwks", str(place.jwks), "--heads", str(file))
    )
    assert noted_as_good.returncode == 1
    assert cluster.sql("SELECT job FROM job_runs WHERE job = 'audit'") == []


def test_a_batch_that_was_written_anew_is_found(place, launch, cluster):
    (file,) = place.note()
    (last,) = cluster.sql(LAST)
    chain, seq = int(last["chain_id"]), int(last["seq"])
    remove(cluster, last["chain_id"], "1")
    cluster.sql(f"SELECT setval('ledger_chain_ids', {chain}, false)")
    again = launch(COMMITTERS="1")
    user, payee = again.new_user(), again.new_user()
    for _ in range(seq):
        user.pay(payee, 9).ok(201)
    again.stop()
    code, verdict = place.audit(file)
    assert (code, verdict["balanced"]) == (1, True), verdict
    assert verdict["heads"]["verdict"] == "tampered"
    assert f"batch {seq} of chain {chain}," in verdict["heads"]["difference"]


def test_a_failover_that_lost_the_end_is_told_apart(place, launch, cluster):
    standby = Standby(cluster)
    try:
        old = place.note()
        behind = "SELECT count(*) AS n FROM pg_stat_replication WHERE replay_lsn = sent_lsn"
        wait_until(lambda: cluster.sql(behind) == [{"n": "1"}], CAUGHT_UP_WITHIN_S, "it is there")
        standby.stop()
        again = launch(COMMITTERS="1")
        again.new_user().pay(again.new_user(), 7).ok(201)
        again.stop()
        (last,) = cluster.sql(LAST)
        new = [file for file in place.note() if file not in old]
        cluster.stop("immediate")
        standby.start()
        standby.promote()
        there = {"DATABASE_URL": standby.url}
        assert place.audit(*old, **there)[0] == 0
        code, verdict = place.audit(*old, *new, **there)
        assert (code, verdict["balanced"], verdict["heads"]["verdict"]) == (1, True, "lost")
        assert f"chain {last['chain_id']}," in verdict["heads"]["difference"]
        assert "timeline 1 then, 2 now" in verdict["heads"]["difference"]
    finally:
        standby.remove()


def test_only_what_is_due(place, cluster):
    cluster.sql("DELETE FROM job_runs")  # what other tests noted
    first = place.note()

    if_due = ("--due-after", "3600", "--record")
    assert place.note(*if_due) == first
    cluster.sql("INSERT INTO job_runs (job, succeeded_at) VALUES ('backup', now() + '2 s')")
    assert len(place.note(*if_due)) == 2, "a backup has succeeded since"
    assert cluster.sql("SELECT job FROM job_runs WHERE job = 'heads'") == [{"job": "heads"}]


def test_what_proves_nothing_is_refused(place, tmp_path):
    (file,) = place.note()
    forged = place.note(RECEIPT_PRIVATE_KEY=SigningKey("ES256").pem)[-1]
    changed = tmp_path / "changed"
    text = file.read_text()
    changed.write_text(text[:200] + ("A" if text[200] != "A" else "B") + text[201:])
    empty = tmp_path / "empty"
    empty.write_text("")
    for bad in (forged, changed, empty, tmp_path / "nowhere", place.jwks):
        done = place.platform.run("audit", "--jwks", str(place.jwks), "--heads", str(bad))
        assert done.returncode == 1, bad
        assert str(bad) in done.stderr, done.stderr
    assert place.platform.run("audit", "--heads", str(file)).returncode == 2, "by whose key?"
    unsigned = place.platform.run("heads", INSTAPAY_ENV="production", RECEIPT_PRIVATE_KEY="")
    assert unsigned.returncode != 0
    assert "RECEIPT_PRIVATE_KEY" in unsigned.stderr
