"""What an app declares of its flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: What a document may hold for a flag: a boolean, or a percentage from 0 to 100 (decimals are possible).
FlagValue: TypeAlias = bool | int | float

#: The key of the document that is no flag.
RESERVED = "_cutover"


@dataclass(frozen=True)
class AtLeast:
    """A percentage that another flag needs, at least so many points away from its `off`."""

    flag: str
    points: float


#: A flag that another one needs: away from its `off` at all, or at least so far.
Requirement: TypeAlias = str | AtLeast


@dataclass(frozen=True)
class BooleanFlag:
    """A flag that is on or off for everybody.

    `off` is the value that is always safe to go back to. `requires` names flags without which this one is never away
    from its `off`, for the same user.
    """

    off: bool = False
    requires: Sequence[Requirement] = ()


@dataclass(frozen=True)
class PercentageFlag:
    """A flag that is on for a share of the users: see BUCKETS.md.

    `off` is 0 or 100. `salt` decides which users come first; by default it is the flag's name.
    """

    off: int = 0
    salt: str | None = None
    requires: Sequence[Requirement] = ()


Flag: TypeAlias = BooleanFlag | PercentageFlag

#: The flags that an app reads, by the names that they have in the document.
Declarations: TypeAlias = Mapping[str, Flag]


def is_number(value: object) -> bool:
    """Whether a value is a number: for Python a boolean is one, for a flag it is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def distance(flag: Flag, value: FlagValue) -> float:
    """How far a value is from `off`: 0 where it is off, 1 for a boolean that is on, points for a percentage."""
    if isinstance(flag, PercentageFlag):
        return abs(value - flag.off)
    return 0 if value == flag.off else 1


def needed(one: Requirement) -> tuple[str, float | None]:
    """The flag that a requirement names, and how far from `off` it has to be; any distance counts for None."""
    return (one, None) if isinstance(one, str) else (one.flag, one.points)


def is_met(declared: Declarations, values: Mapping[str, FlagValue], one: Requirement) -> bool:
    """Whether a requirement is met by these values."""
    name, points = needed(one)
    far = distance(declared[name], values[name])
    return far > 0 if points is None else far >= points


def mistakes(declared: Declarations) -> list[str]:
    """What is wrong with declarations, a sentence each; empty where nothing is. Pure."""
    wrong = [one for name, flag in declared.items() for one in _mistakes_of(declared, name, flag)]
    return wrong or [one for name in declared for one in _circle_from(declared, name)]


def _mistakes_of(declared: Declarations, name: str, flag: object) -> list[str]:
    if not isinstance(flag, (BooleanFlag, PercentageFlag)):
        return [f"{name} must be a BooleanFlag or a PercentageFlag"]
    wrong: list[str] = []
    if name == RESERVED:
        wrong.append(f"{RESERVED} is no name for a flag: the document keeps it for itself")
    if isinstance(flag, BooleanFlag) and not isinstance(flag.off, bool):
        wrong.append(f"{name}.off must be True or False")
    if isinstance(flag, PercentageFlag) and (isinstance(flag.off, bool) or flag.off not in (0, 100)):
        wrong.append(f"{name}.off must be 0 or 100")
    for one in flag.requires:
        required, points = needed(one)
        if required not in declared:
            wrong.append(f"{name}.requires names {required}, which is not declared; declare it beside {name}")
        elif points is not None and not isinstance(declared[required], PercentageFlag):
            wrong.append(f"{name}.requires asks {required} for points, which only a percentage has")
        elif points is not None and not 0 < points <= 100:
            wrong.append(f"{name}.requires: points must be above 0, and 100 at most")
    return wrong


def _circle_from(declared: Declarations, start: str) -> list[str]:
    seen: set[str] = set()

    def reaches(name: str) -> bool:
        for one in declared[name].requires:
            required, _ = needed(one)
            if required == start:
                return True
            if required not in seen:
                seen.add(required)
                if reaches(required):
                    return True
        return False

    return [f"{start} requires itself, by way of the flags that it requires"] if reaches(start) else []
