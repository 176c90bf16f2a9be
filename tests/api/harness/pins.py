"""PINs of devices, in the tests' hands."""

from dataclasses import dataclass
from typing import Any

from harness.client import Reply
from harness.factors import Factors, aged, enrol, factors_of, renew
from harness.users import User

PIN = "/api/users/me/factors/pin"
STEP_UP = "/api/users/me/step-up"
RIGHT, WRONG = "482915", "482916"


def set_pin(user: User, pin: Any = RIGHT, **fields: Any) -> Reply:
    return user.put(PIN, {"pin": pin, "password": user.password, **fields})


def remove_pin(user: User, session: str) -> Reply:
    return user.delete(f"/api/users/me/factors/pins/{session}")


def set_pin_limits(user: User, **limits: Any) -> Reply:
    return user.put("/api/users/me/factors/pin-limits", limits)


def show_pin(user: User, pin: Any = RIGHT) -> Reply:
    return user.post(STEP_UP, {"pin": pin})


def pins_of(user: User) -> dict:
    return factors_of(user)["pin"]


@dataclass
class Holder:
    """Somebody with a factor, who is asked for it above 50.00, and has a PIN on this device."""

    user: User
    factors: Factors

    def after_pin(self) -> User:
        """The same session, which has shown its PIN just now, and its factor long ago."""
        token = show_pin(self.user).ok()["accessToken"]
        return aged(User(**{**self.user.__dict__, "token": token}))


def hold_pin(user: User, **rules: Any) -> Holder:
    factors = enrol(user)
    user.put("/api/users/me/factors/step-up", rules or {"above": "50.00"}).ok()
    renew(user)
    set_pin(user).ok()
    return Holder(user, factors)
