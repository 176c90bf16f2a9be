"""The scenarios: what each asks for. What it has to reach is in goals.py."""

from dataclasses import dataclass

# Latency of reads is compared at half of what is wanted at least.
BALANCE_LEAST, HISTORY_LEAST = 15_000, 4_000


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    arguments: tuple[str, ...]  # of bench_load
    service: str = "transaction"
    services: int = 1
    settings: tuple[tuple[str, str], ...] = ()  # of services that run for this scenario only
    side_by_side: bool = True  # with the reference before and after
    compared_to: str = ""  # the scenario that its goal speaks of
    rate_of_maximum: float = 0.0  # open loop at this share of uniform-256
    steady_rate: float = 0.0  # latency is taken once more, with so many a second offered
    tolerated: frozenset[int] = frozenset()  # statuses that are no errors here
    needs_funds: bool = False  # account 0 pays everything
    full_pages: bool = False  # only accounts with a page's worth of entries
    fresh_tokens: bool = False  # no token was seen before, and none is used twice
    cold_service: bool = False  # a service that has just started
    followed: bool = False  # while the reporting service keeps reports and search up with it
    preloaded: bool = False  # after the ledger was filled


def transfers(connections: int, *more: str) -> tuple[str, ...]:
    return ("--kind", "transfer", "--connections", str(connections), *more)


UNIFORM = transfers(256)
MERCHANT = transfers(256, "--pairs", "merchant")
BALANCE = ("--kind", "me", "--connections", "64")
HISTORY = ("--kind", "history", "--page", "50", "--connections", "64")

SCENARIOS = [
    Scenario("uniform-256", "random pairs, 256 connections", UNIFORM),
    Scenario(
        "followed",
        "random pairs, with the reporting service beside",
        UNIFORM,
        compared_to="uniform-256",
        followed=True,
    ),
    Scenario("uniform-64", "random pairs, 64 connections", transfers(64)),
    Scenario("lone", "one client, one at a time", transfers(1), side_by_side=False),
    Scenario("merchant", "everybody pays one account", MERCHANT, compared_to="uniform-256"),
    Scenario(
        "payer",
        "one account pays everybody",
        transfers(256, "--pairs", "payer"),
        compared_to="uniform-256",
        needs_funds=True,
    ),
    Scenario(
        "zipf",
        "Zipf 1.0 on both sides",
        transfers(256, "--pairs", "zipf"),
        compared_to="uniform-256",
    ),
    Scenario(
        "batch",
        "1,000 transfers a request",
        ("--kind", "batch", "--batch", "1000", "--connections", "8"),
    ),
    Scenario(
        "first-token",
        "each request with a token not seen before",
        transfers(256, "--pairs", "token"),
        compared_to="uniform-256",
        fresh_tokens=True,
    ),
    Scenario(
        "first-all",
        "token, payer and payee not seen before",
        transfers(256, "--pairs", "once"),
        compared_to="uniform-256",
        cold_service=True,
    ),
    Scenario(
        "open-half",
        "open loop, half of the maximum",
        UNIFORM,
        side_by_side=False,
        compared_to="uniform-256",
        rate_of_maximum=0.5,
    ),
    Scenario(
        "overload",
        "open loop, four times the maximum",
        transfers(3072, "--drop-when-busy"),
        side_by_side=False,
        compared_to="uniform-256",
        rate_of_maximum=4.0,
        tolerated=frozenset({503}),
        # A queue that the connections can fill, and that is empty again within 100 ms. More of them
        # (a SYN queue holds 4,096) would measure how TCP repeats what it dropped.
        settings=(("QUEUE_MAX", "1000"),),
    ),
    Scenario(
        "two-services",
        "two transaction services, random pairs",
        UNIFORM,
        services=2,
        compared_to="uniform-256",
    ),
    Scenario(
        "two-services-hot",
        "two transaction services, everybody pays one account",
        MERCHANT,
        services=2,
        compared_to="merchant",
    ),
    Scenario(
        "balance",
        "GET /api/users/me",
        BALANCE,
        service="user",
        side_by_side=False,
        steady_rate=BALANCE_LEAST / 2,
    ),
    Scenario(
        "history",
        "GET a history page of 50",
        HISTORY,
        side_by_side=False,
        full_pages=True,
        steady_rate=HISTORY_LEAST / 2,
    ),
    # The last ones, and only when asked for: filling the ledger takes minutes.
    Scenario(
        "preloaded-uniform",
        "random pairs, millions of entries",
        UNIFORM,
        compared_to="uniform-256",
        preloaded=True,
    ),
    Scenario(
        "preloaded-balance",
        "GET /api/users/me, millions of entries",
        BALANCE,
        service="user",
        side_by_side=False,
        compared_to="balance",
        steady_rate=BALANCE_LEAST / 2,
        preloaded=True,
    ),
    Scenario(
        "preloaded-history",
        "GET a history page, millions of entries",
        HISTORY,
        side_by_side=False,
        compared_to="history",
        full_pages=True,
        steady_rate=HISTORY_LEAST / 2,
        preloaded=True,
    ),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def choose(names: list[str], preloaded: bool) -> list[Scenario]:
    """The named scenarios and those that they are compared with, in the order of the list."""
    wanted = set(names)
    if not names:
        wanted = {scenario.name for scenario in SCENARIOS if not scenario.preloaded}
    if preloaded:
        wanted |= {scenario.name for scenario in SCENARIOS if scenario.preloaded}
    while more := {BY_NAME[name].compared_to for name in wanted} - wanted - {""}:
        wanted |= more
    return [scenario for scenario in SCENARIOS if scenario.name in wanted]
