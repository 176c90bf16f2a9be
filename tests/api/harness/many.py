"""Much at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
CONNECTIONS = 48


def at_once(calls: Iterable[Callable[[], T]]) -> list[T]:
    """What each gave, in their order."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]
