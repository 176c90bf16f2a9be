"""Ports of 127.0.0.1 for the services under test."""

import itertools
import os
import random
import socket

# Below the kernel's ephemeral range, so that no outgoing connection takes one in between.
_FIRST, _LAST = (int(p) for p in os.environ.get("INSTAPAY_TEST_PORTS", "21000-21999").split("-"))
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
