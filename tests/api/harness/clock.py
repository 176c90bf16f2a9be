"""A clock of its own for a process, that a test may set (libfaketime)."""

from pathlib import Path

from harness.platform import SANITIZED, private_dir

_LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
# A sanitizer and libfaketime do not start together: each calls the other.
AVAILABLE = _LIBRARY is not None and not SANITIZED


class Clock:
    """Runs right until it is set; `env` is for who shall go by it. Intervals are measured rightly
    all the time, as on a machine whose time of day is set."""

    def __init__(self) -> None:
        assert _LIBRARY is not None
        self._offset = private_dir() / "offset"
        self.put_right()
        self._offset.chmod(0o644)
        self.env = {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def move(self, seconds: float) -> None:
        """Everybody who reads the file sees all of it or nothing."""
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+}\n")
        fresh.chmod(0o644)
        fresh.rename(self._offset)

    def put_right(self) -> None:
        self.move(0)
