"""Three nodes, one of which is always the one to lose. Each test says for how long nobody paid."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.postgres import freeze, signal_all
from harness.waiting import wait_until
from town import CLIENT_THREADS, Town
from verdict import differences

PAYS_AGAIN_S = 60
MISSING = ": acknowledged and not there"


class Episode:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.began = time.monotonic()
        self.must_miss = 0

    def fault(self) -> None:
        """It comes now: what is measured is measured from here."""
        self.began = time.monotonic()

    def until_paid(self) -> float:
        """Seconds until payments flow again."""
        self.town.pays(50, PAYS_AGAIN_S)
        return self.town.silence(self.began)


@contextmanager
def open_town(town: Town, figures: list[str], what: str) -> Iterator[Episode]:
    """People pay all the time; at the end everything that they were told is so."""
    bank = town.bank
    asked, met = len(bank.requests), bank.setbacks.copy()
    bank.start(CLIENT_THREADS, f"e{len(figures)}c")
    try:
        town.pays(50, PAYS_AGAIN_S)
        episode = Episode(town)
        yield episode
        town.trio.wait_healthy()
        bank.pays_again(PAYS_AGAIN_S)
        silences = " ".join(
            f"{name} {town.silence(episode.began, url):.1f}"
            for name, url in zip(("hosts", "proxy"), bank.transaction_urls, strict=True)
        )
        silence_s = town.silence(episode.began)
    except Exception:  # not Ctrl-C: then nobody waits for people who wait for services
        bank.finish()
        raise
    bank.finish()
    bank.ask_again()
    found = differences(bank, town.trio) + town.complaints()
    bank.unexpected.clear()
    if audit := town.audit():
        found.append(f"audit: {audit}")
    orders = [order for request in bank.requests[asked:] for order in request.orders]
    done = sum(order.acknowledged is not None for order in orders)
    missing = [line for line in found if line.endswith(MISSING)]
    doubled = [line for line in found if ": applied " in line]
    figures.append(
        f"{what}: {silence_s:.1f} s without payments ({silences}); {done} acknowledged,"
        f" {len(missing)} of them missing, {len(doubled)} doubled; met {dict(bank.setbacks - met)}"
    )
    print(figures[-1])
    assert len(missing) >= episode.must_miss, "nothing was lost: this proves nothing"
    if episode.must_miss:
        found = [line for line in found if line not in missing]
    assert not found, "\n".join(found[:20])
    assert done > 100, "a load that proves nothing"
    town.archived()


def test_switchover(town: Town, figures: list[str]) -> None:
    with open_town(town, figures, "switchover") as episode:
        primary, candidate = town.trio.primary(), town.trio.synchronous()
        episode.fault()
        town.trio.ctl(
            *("switchover", "--master", primary.name, "--candidate", candidate.name),
            *("--force", "instapay"),
        )
        episode.until_paid()
        assert town.trio.primary() is candidate


def test_postmaster_killed(town: Town, figures: list[str]) -> None:
    with open_town(town, figures, "postmaster killed") as episode:
        episode.fault()
        os.kill(town.trio.primary().postmaster(), signal.SIGKILL)
        episode.until_paid()


def test_node_killed(town: Town, figures: list[str]) -> None:
    with open_town(town, figures, "node killed") as episode:
        node = town.trio.primary()
        episode.fault()
        node.machine.kill_all()
        episode.until_paid()
        assert town.trio.primary() is not node
        node.start()


def test_power_cut(town: Town, figures: list[str]) -> None:
    with open_town(town, figures, "power cut") as episode:
        node = town.trio.primary()
        episode.fault()
        node.power_off()
        episode.until_paid()
        assert town.trio.primary() is not node
        node.power_on()


def test_primary_alone(town: Town, figures: list[str]) -> None:
    """Cut off from the other nodes while every client still reaches it."""
    with open_town(town, figures, "primary alone") as episode:
        node = town.trio.primary()
        episode.fault()
        node.machine.unplug("nodes")
        episode.until_paid()
        # It has noticed by itself.
        wait_until(lambda: town.trio.status_of(node, "primary") == 503, 30, "it is no primary")
        node.machine.plug()


def test_etcd_away(town: Town, figures: list[str]) -> None:
    with open_town(town, figures, "etcd away") as episode:
        primary = town.trio.primary()
        episode.fault()
        town.trio.etcd_away()
        try:
            # Longer than the lease of the primary, and than its patience.
            left = time.monotonic() + 15
            while time.monotonic() < left:
                town.pays(10, PAYS_AGAIN_S)
        finally:
            for node in town.trio.nodes.values():
                node.start_etcd()
        episode.until_paid()
        assert town.trio.primary() is primary


def test_stalled_standby_and_then_the_primary(town: Town, figures: list[str]) -> None:
    """The standby that every payment waits for hangs: the other takes its place, is promoted."""
    with open_town(town, figures, "standby stalls, then the primary is lost") as episode:
        stalled, primary = town.trio.synchronous(), town.trio.primary()
        episode.fault()
        family = freeze(stalled.postmaster())
        figures.append(f"  standby stalls: {episode.until_paid():.1f} s without payments")
        chosen = wait_until(
            lambda: [n for n in town.trio.with_role("sync_standby") if n is not stalled],
            PAYS_AGAIN_S,
            "another standby is the synchronous one",
        )[0]
        episode.fault()
        primary.power_off()
        wait_until(lambda: town.trio.status_of(chosen, "primary") == 200, 60, "it is promoted")
        # It alone is left, and what one disk alone has is not answered: until a standby is back.
        signal_all(family, signal.SIGCONT)
        episode.until_paid()
        primary.power_on()


def test_asynchronous_failover_with_loss(town: Town, figures: list[str]) -> None:
    """What somebody gets who turns synchronous replication off: the loss is said loudly, the books
    balance without what is gone, and nothing is made of it."""
    trio, bank = town.trio, town.bank
    trio.configure(synchronous_mode=False, synchronous_mode_strict=False)
    setting = "SELECT 1 AS yes WHERE current_setting('synchronous_standby_names') = ''"
    wait_until(lambda: trio.sql(setting), 30, "nobody waits for a standby")
    before = sum(service.went_back() for service in town.services)
    bank.only_payments = True
    with open_town(town, figures, "asynchronous, with loss") as episode:
        episode.must_miss = 100
        primary = trio.primary()
        receivers = [pid for node in trio.nodes.values() for pid in node.named(": walreceiver")]
        assert len(receivers) == 2, receivers
        signal_all(receivers, signal.SIGSTOP)
        town.pays(100, PAYS_AGAIN_S)
        episode.fault()
        primary.power_off()
        # They end before they read what has come as far as their sockets.
        signal_all(receivers, signal.SIGTERM)
        signal_all(receivers, signal.SIGCONT)
        episode.until_paid()
        primary.power_on()
        # On its own timeline it has what was lost, so it cannot go on from there.
        wait_until(lambda: len(trio.members()) == 3, PAYS_AGAIN_S, "all three are there")
        trio.configure(synchronous_mode=True, synchronous_mode_strict=True)
    assert sum(service.went_back() for service in town.services) > before
    logs = "".join(service.log_file.read_text() for service in town.services)
    assert "the database went back" in logs
