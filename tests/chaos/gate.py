"""A TCP gate between a service and PostgreSQL: stops, delays, cuts, and knows a COMMIT."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

# The name of the prepared statement in the ledger's Bind and Parse messages.
COMMIT = b"commit\x00"


class Gate:
    """Threads pass the bytes; traps catch the next connection that does what they wait for."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port, self.target_port = port, target_port
        self._open = threading.Event()
        self._open.set()
        self.delay_s = 0.0
        self._lock = threading.Lock()
        self._trap: Callable[[bytes, bool], int | None] | None = None
        self._trap_answers = False
        self.caught = 0
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Nothing passes, nothing ends."""
        self._open.clear()

    def heal(self) -> None:
        self.delay_s = 0.0
        with self._lock:
            self._trap = None
        self._open.set()

    def cut_now(self) -> None:
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._cut(pair)

    def cut_after(self, count: int, *, answers: bool) -> None:
        """Passes so many bytes more in that direction, then the connection ends."""
        left = count

        def trap(data: bytes, is_answer: bool) -> int | None:
            nonlocal left
            if is_answer != answers:
                return None
            if len(data) < left:
                left -= len(data)
                return None
            return left

        self._set(trap)

    def cut_at_commit(self, how: str) -> None:
        """'before': the COMMIT does not arrive; 'after': its answer does not."""

        def trap(data: bytes, is_answer: bool) -> int | None:
            if is_answer or (at := data.find(COMMIT)) < 0:
                return None
            return at if how == "before" else len(data)

        self._set(trap, answers_too=how == "after")

    def close(self) -> None:
        self._listener.close()
        self.heal()
        self.cut_now()

    def _set(self, trap: Callable[[bytes, bool], int | None], *, answers_too: bool = False) -> None:
        with self._lock:
            self._trap, self._trap_answers = trap, answers_too

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pair = (client, server)
            for end in pair:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.add(pair)
            for source, sink, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(
                    target=self._pump, args=(pair, source, sink, is_answer), daemon=True
                ).start()

    def _pump(
        self,
        pair: tuple[socket.socket, socket.socket],
        source: socket.socket,
        sink: socket.socket,
        is_answer: bool,
    ) -> None:
        try:
            while data := source.recv(65_536):
                if self.delay_s:
                    time.sleep(self.delay_s)
                self._open.wait()
                if (passing := self._caught(data, is_answer)) is not None:
                    if passing and self._trap_answers:
                        # No answer may slip through between the COMMIT and the cut.
                        pair[0].shutdown(socket.SHUT_RDWR)
                    sink.sendall(data[:passing])
                    if passing and self._trap_answers:
                        time.sleep(0.02)
                    break
                sink.sendall(data)
        except OSError:
            pass
        self._cut(pair)

    def _caught(self, data: bytes, is_answer: bool) -> int | None:
        with self._lock:
            if self._trap is None or (passing := self._trap(data, is_answer)) is None:
                return None
            self._trap = None
            self.caught += 1
            return passing

    def _cut(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
