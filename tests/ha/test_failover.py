"""Three nodes, one of which is always the one to lose. Each test prints for how long nobody could pay."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.waiting import wait_until
from nodes import Node
from town import CLIENT_THREADS, Town
from verdict import differences

PAYS_AGAIN_S = 60


class Episode:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.began = time.monotonic()

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
    asked, met = len(bank.requests), town.setbacks().copy()
    bank.start(CLIENT_THREADS, f"{what}-")
    try:
        town.pays(100, PAYS_AGAIN_S)
        episode = Episode(town)
        yield episode
        whole_s = town.trio.wait_healthy()
        bank.pays_again(PAYS_AGAIN_S)
        silence_s = town.silence(episode.began)
    finally:
        bank.finish()
    bank.ask_again()
    found = differences(bank, town.trio) + town.complaints()
    if audit := town.audit():
        found.append(f"audit: {audit}")
    orders = [order for request in bank.requests[asked:] for order in request.orders]
    done = sum(order.acknowledged is not None for order in orders)
    figures.append(
        f"{what}: {silence_s:.1f} s without payments, three sound nodes {whole_s:.1f} s later;"
        f" {done} acknowledged, 0 missing, 0 doubled; met: {dict(bank.setbacks - met)}"
    )
    print(figures[-1])
    assert not found, "\n".join(found[:20])
    assert done > 100, "a load that proves nothing"


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
        # Longer than the lease of the primary, and than its patience.
        town.pays(50, 5)
        left = time.monotonic() + 15
        while time.monotonic() < left:
            town.pays(10, 5)
        for node in town.trio.nodes.values():
            node.start_etcd()
        episode.until_paid()
        assert town.trio.primary() is primary


def stall(node: Node) -> list[int]:
    """PostgreSQL there stands still, and Patroni beside it does not."""
    family = node.postgres()
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    return family


def test_stalled_standby_and_then_the_primary(town: Town, figures: list[str]) -> None:
    """The standby that every payment waits for hangs: the other takes its place, and is promoted."""
    with open_town(town, figures, "standby stalls, then the primary is lost") as episode:
        stalled, primary = town.trio.synchronous(), town.trio.primary()
        episode.fault()
        family = stall(stalled)
        figures.append(f"  standby stalls: {episode.until_paid():.1f} s without payments")
        chosen = town.trio.synchronous()
        assert chosen is not stalled
        episode.fault()
        primary.power_off()
        episode.until_paid()
        assert town.trio.primary() is chosen
        for pid in family:
            os.kill(pid, signal.SIGCONT)
        primary.power_on()


