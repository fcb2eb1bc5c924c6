"""Who is among a percentage. BUCKETS.md has the formula."""

from __future__ import annotations

import math
from hashlib import sha256

#: So many places there are: a percentage counts to three decimals.
PLACES = 100_000


def place_of(salt: str, key: str) -> int:
    """A user's place in the queue of a flag, from 0 to 99 999: the same on every server and in every language."""
    digest = sha256(_utf8(salt) + b"\0" + _utf8(key)).digest()
    return int.from_bytes(digest[:6], "big") % PLACES


def is_among(place: int, percent: float) -> bool:
    """Whether a place is among so many percent. Whoever is at one percentage is at every higher one."""
    return place < math.floor(percent * (PLACES / 100) + 0.5)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no bytes in UTF-8: it counts as U+FFFD.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
