"""Limits on how often a person may start, send, try codes or sign in."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rate:
    """How often something is allowed: ``burst`` times at once, and once more each time that ``every`` has passed.

    Attributes:
        burst: the most times at once.
        every: the time after which one more is allowed.
    """

    burst: int
    every: timedelta


def rate(burst: int, every_seconds: float) -> Rate:
    return Rate(burst, timedelta(seconds=every_seconds))


@dataclass(frozen=True)
class Limit:
    """How often one kind of request is allowed.

    Attributes:
        kind: the name of the kind; each kind is counted separately.
        own: how often from one network address.
        total: how often from all addresses together.
        spares_new: whether an address without recent requests of this kind is allowed even when the total is used up.
    """

    kind: str
    own: Rate
    total: Rate
    spares_new: bool = True


# The numbers are high because a waiting room, a shelter or a mobile network can share one address. A person over the
# limit waits some seconds and loses nothing that they typed.
START = Limit("start", own=rate(30, 10), total=rate(300, 0.5))
SEND = Limit("send", own=rate(20, 30), total=rate(200, 1))
OPENINGS = Limit("openings", own=rate(20, 30), total=rate(100, 2))
CODE = Limit("code", own=rate(20, 30), total=rate(200, 1))
# Each attempt costs a password hash, and a flood from elsewhere can have a new address for each: nobody is spared.
# Browsers in which staff signed in before are not counted.
SIGN_IN = Limit("sign-in", own=rate(20, 15), total=rate(60, 1), spares_new=False)
PASSKEY = Limit("passkey", own=rate(20, 15), total=rate(200, 1))
