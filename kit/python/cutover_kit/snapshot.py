"""The flags of one document."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping

from .bucket import PLACES, is_among, place_of
from .declare import Declarations, Flag, FlagValue, PercentageFlag, StatesFlag, needed


class Use:
    """How a flag was last asked for, under one document."""

    __slots__ = ("at", "count", "fixed", "flag", "last", "next", "requires", "salt", "value", "version")

    def __init__(self, flag: Flag, value: FlagValue, salt: str, version: str | None) -> None:
        self.flag = flag
        self.value = value
        self.salt = salt
        self.version = version
        self.requires: list[Use] = []
        #: What is answered to everybody; None where it depends on who asks.
        self.fixed: bool | None = None
        self.count = 0
        #: Seconds since the epoch.
        self.at = 0.0
        self.last: FlagValue | None = None
        # Counts also where threads ask at once, without a lock.
        self.next = itertools.count(1).__next__

    def note(self, answer: FlagValue) -> None:
        """Keeps that the flag was asked for, and what was answered."""
        self.count = self.next()
        self.at = time.time()
        self.last = answer

    @property
    def inverted(self) -> bool:
        """Whether `off` is the value that reads as on."""
        return self.flag.off is True or self.flag.off == 100


class Snapshot:
    """The flags of one document. A request takes it once and keeps it to its end.

    A flip in the middle of a request would give it the reads of one stage and the writes of the next.
    """

    def __init__(self, declared: Declarations, values: Mapping[str, FlagValue], version: str | None) -> None:
        """Takes values that are sound: no flag is on without what it requires. The version is None before a document."""
        self.values = values
        self.version = version
        self._entries = _entries_of(declared, values, version)

    def is_on(self, flag: str, key: str | int | None = None) -> bool:
        """Whether a flag is on for a user: a boolean as the document says, a percentage for whoever is among it.

        States are on when they are not at `off`. Never away from `off` where a flag that it requires is off for the same user.

        :param key: what the user is known by; booleans that require no percentage do without
        :raises KeyError: where the flag is not declared
        """
        entry = self._entry(flag)
        on = entry.fixed
        if on is None:
            on = _is_raised(entry, key) != entry.inverted
        entry.note(on)
        return on

    def percentage(self, flag: str) -> float:
        """The percentage of a flag, as the document says it. Who is among it, `is_on` knows.

        :raises KeyError: where the flag is not declared as a percentage
        """
        entry = self._entry(flag)
        if not isinstance(entry.flag, PercentageFlag):
            raise KeyError(f"The flag {flag} has no percentage")
        entry.note(entry.value)
        return entry.value

    def state(self, flag: str, key: str | int | None = None) -> str:
        """The state of a flag. It is `off` where a flag that it requires is off for the same user.

        :param key: what the user is known by; flags that require no percentage do without
        :raises KeyError: where the flag is not declared with states
        """
        entry = self._entry(flag)
        if not isinstance(entry.flag, StatesFlag):
            raise KeyError(f"The flag {flag} has no states")
        state = str(entry.value) if _is_raised(entry, key) else entry.flag.off
        entry.note(state)
        return state

    def use_of(self, flag: str) -> Use | None:
        """How a flag was asked for since this document came; None where nobody did."""
        entry = self._entries.get(flag)
        return entry if entry and entry.count > 0 else None

    def _entry(self, flag: str) -> Use:
        entry = self._entries.get(flag)
        if entry is None:
            raise KeyError(f"The flag {flag} is not declared; name it under flags where they are opened")
        return entry


def _entries_of(
    declared: Declarations, values: Mapping[str, FlagValue], version: str | None
) -> dict[str, Use]:
    entries = {name: Use(flag, values[name], _salt_of(name, flag), version) for name, flag in declared.items()}
    for entry in entries.values():
        entry.requires = [entries[needed(one)[0]] for one in entry.flag.requires]
    for entry in entries.values():
        if _is_for_all(entry):
            entry.fixed = _is_raised(entry, None) != entry.inverted
    return entries


def _salt_of(name: str, flag: Flag) -> str:
    return flag.salt if isinstance(flag, PercentageFlag) and flag.salt is not None else name


def _is_for_all(entry: Use) -> bool:
    """Whether everybody is answered the same."""
    alike = not isinstance(entry.flag, PercentageFlag) or entry.value in (0, 100)
    return alike and (entry.value == entry.flag.off or all(map(_is_for_all, entry.requires)))


def _is_raised(entry: Use, key: str | int | None) -> bool:
    """Whether a flag is away from its `off` for a user."""
    if entry.value == entry.flag.off:
        return False
    if isinstance(entry.flag, PercentageFlag):
        if key is None or key == "":
            # Whoever is not known moves last, in either direction.
            place = 0 if entry.inverted else PLACES - 1
        else:
            place = place_of(entry.salt, str(key))
        if is_among(place, entry.value) == entry.inverted:
            return False
    return all(_is_raised(required, key) for required in entry.requires)
