"""Ports of 127.0.0.1 for the services under test."""

import itertools
import os
import random
import socket

# Below the kernel's ephemeral range, so that no outgoing connection takes one in between.
_FIRST, _LAST = (int(p) for p in os.environ.get("INSTAPAY_TEST_PORTS", "21000-21999").split("-"))
# Processes that run the tests side by side have ports of their own.
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE = (_LAST - _FIRST + 1) // _WORKERS
_FIRST, _LAST = _FIRST + _WORKER * _SHARE, _FIRST + (_WORKER + 1) * _SHARE - 1
_candidates = itertools.cycle(random.sample(range(_FIRST, _LAST + 1), _LAST - _FIRST + 1))


def free_port() -> int:
    for _ in range(_FIRST, _LAST + 1):
        port = next(_candidates)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port in {_FIRST}-{_LAST}")
