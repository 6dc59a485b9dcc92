"""How often something may be done."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rate:
    """So many at once, and then one more each time that ``every`` has passed.

    Attributes:
        burst: how many at once.
        every: after how long there is one more.
    """

    burst: int
    every: timedelta


def rate(burst: int, every_seconds: float) -> Rate:
    return Rate(burst, timedelta(seconds=every_seconds))


@dataclass(frozen=True)
class Limit:
    """How often one kind of request is taken.

    Attributes:
        kind: its name, which separates its counts from others.
        own: from one network address.
        total: from all addresses together.
    """

    kind: str
    own: Rate
    total: Rate


# A clinic's waiting room, a shelter and a whole mobile network can share one address: the numbers leave room for them,
# and who comes too fast waits some seconds, with everything typed kept.
START = Limit("start", own=rate(30, 10), total=rate(300, 0.5))
SEND = Limit("send", own=rate(20, 30), total=rate(200, 1))
CODE = Limit("code", own=rate(20, 30), total=rate(200, 1))
SIGN_IN = Limit("sign-in", own=rate(20, 15), total=rate(60, 1))
