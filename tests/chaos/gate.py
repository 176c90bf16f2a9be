"""A TCP gate between a service and PostgreSQL: stops, delays, cuts, and knows a COMMIT."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# The name of the prepared statement in the ledger's Bind and Parse messages.
COMMIT = b"commit\x00"
# A trap that caught something lets go by itself, whatever became of who has set it.
HELD_MAX_S = 30


@dataclass
class Trap:
    """Waits for one piece of traffic and does something to its connection, once."""

    # Where in this data it strikes, or None. The second argument: is it an answer?
    strikes: Callable[[bytes, bool], int | None]
    answers_too: bool = False  # no answer may slip through between the strike and the cut
    hold: bool = False  # what follows waits for release(), then passes
    deaf: bool = False  # held, and the service's side is cut: it does not see the end
    caught: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        self.released.set()


def at_commit(data: bytes, is_answer: bool) -> int | None:
    at = data.find(COMMIT)
    return None if is_answer or at < 0 else at


class Gate:
    """Threads pass the bytes; a trap catches the next connection that does what it waits for."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port, self.target_port = port, target_port
        self._open = threading.Event()
        self._open.set()
        self.delay_s = 0.0
        self._lock = threading.Lock()
        self._trap: Trap | None = None
        self.caught = 0
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._deaf: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Nothing passes, nothing ends."""
        self._open.clear()

    def heal(self) -> None:
        self.delay_s = 0.0
        self.set(None)
        self._open.set()

    def cut_now(self) -> None:
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._cut(pair)

    def set(self, trap: Trap | None) -> None:
        """In place of the one before, if that has caught nothing yet."""
        with self._lock:
            self._trap = trap

    def cut_after(self, count: int, *, answers: bool) -> None:
        """Passes so many bytes more in that direction, then the connection ends."""
        left = count

        def strikes(data: bytes, is_answer: bool) -> int | None:
            nonlocal left
            if is_answer != answers:
                return None
            if len(data) < left:
                left -= len(data)
                return None
            return left

        self.set(Trap(strikes))

    def cut_at_commit(self, how: str) -> None:
        """'before': the COMMIT does not arrive; 'after': its answer does not."""
        if how == "before":
            self.set(Trap(at_commit))
        else:
            self.set(
                Trap(
                    lambda data, is_answer: (
                        None if at_commit(data, is_answer) is None else len(data)
                    ),
                    answers_too=True,
                )
            )

    def close(self) -> None:
        self._listener.close()
        self.heal()
        self.cut_now()

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
                if is_answer and pair in self._deaf:
                    continue
                trap, passing = self._caught(data, is_answer)
                if trap is None:
                    sink.sendall(data)
                    continue
                if trap.deaf:
                    self._deaf.add(pair)
                if trap.answers_too or trap.deaf:
                    pair[0].shutdown(socket.SHUT_RDWR)
                sink.sendall(data[:passing])
                trap.caught.set()
                if trap.hold:
                    trap.released.wait(HELD_MAX_S)
                    sink.sendall(data[passing:])
                if trap.hold and not trap.deaf:
                    continue
                if trap.answers_too or trap.deaf:
                    time.sleep(0.02)  # for the server to read what it was sent
                break
        except OSError:
            pass
        self._cut(pair)

    def _caught(self, data: bytes, is_answer: bool) -> tuple[Trap | None, int]:
        with self._lock:
            trap = self._trap
            if trap is None or (passing := trap.strikes(data, is_answer)) is None:
                return None, 0
            self._trap = None
            self.caught += 1
            return trap, passing

    def _cut(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
            self._deaf.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
