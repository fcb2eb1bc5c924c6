"""What an app declares of its flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

#: What a document may hold for a flag: a boolean, a percentage from 0 to 100 (decimals are possible), or a state's name.
FlagValue: TypeAlias = bool | int | float | str

#: The key of the document that is no flag.
RESERVED = "_cutover"


@dataclass(frozen=True)
class AtLeast:
    """What another flag needs: a percentage at least so many points away from its `off`; or a state, or one beyond it."""

    flag: str
    points: float | str


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


@dataclass(frozen=True)
class StatesFlag:
    """A flag that goes through states, the same one for everybody.

    `states` are their names in their order, as the rollout has them; `off` is by default the first.
    """

    states: Sequence[str]
    off: str = ""
    requires: Sequence[Requirement] = ()

    def __post_init__(self) -> None:
        """Takes the first state for `off` where none is named."""
        if self.off == "" and self.states:
            object.__setattr__(self, "off", self.states[0])


Flag: TypeAlias = BooleanFlag | PercentageFlag | StatesFlag

#: The flags that an app reads, by the names that they have in the document.
Declarations: TypeAlias = Mapping[str, Flag]


def is_number(value: object) -> bool:
    """Whether a value is a number: for Python a boolean is one, for a flag it is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def distance(flag: Flag, value: Any) -> float:
    """Where a value stands, seen from `off`.

    0 where it is off; 1 for a boolean that is on; points for a percentage, to three decimals; for a state, how many there
    are up to it, and below 0 on the side of those before `off`.
    """
    if isinstance(flag, PercentageFlag):
        return round(abs(value - flag.off) * 1_000) / 1_000
    if isinstance(flag, StatesFlag):
        return flag.states.index(value) - flag.states.index(flag.off)
    return 0 if value == flag.off else 1


def needed(one: Requirement) -> tuple[str, float | str | None]:
    """The flag that a requirement names, and how far from `off` it has to be; any distance counts for None."""
    return (one, None) if isinstance(one, str) else (one.flag, one.points)


def is_met(declared: Declarations, values: Mapping[str, FlagValue], one: Requirement) -> bool:
    """Whether a requirement is met by these values."""
    name, points = needed(one)
    far = distance(declared[name], values[name])
    if points is None:
        return far != 0
    wanted = distance(declared[name], points) if isinstance(points, str) else points
    # What lies on the other side of off is none of what was asked for.
    return far * wanted > 0 and abs(far) >= abs(wanted)


def mistakes(declared: Declarations) -> list[str]:
    """What is wrong with declarations, a sentence each; empty where nothing is. Pure."""
    wrong = [one for name, flag in declared.items() for one in _mistakes_of(declared, name, flag)]
    return wrong or [one for name in declared for one in _circle_from(declared, name)]


def _mistakes_of(declared: Declarations, name: str, flag: object) -> list[str]:
    if not isinstance(flag, (BooleanFlag, PercentageFlag, StatesFlag)):
        return [f"{name} must be a BooleanFlag, a PercentageFlag or a StatesFlag"]
    if isinstance(flag, StatesFlag) and not _are_states(flag.states):
        return [f"{name}.states must be two names or more, each once"]
    wrong: list[str] = []
    if name == RESERVED:
        wrong.append(f"{RESERVED} is no name for a flag: the document keeps it for itself")
    if isinstance(flag, BooleanFlag) and not isinstance(flag.off, bool):
        wrong.append(f"{name}.off must be True or False")
    if isinstance(flag, PercentageFlag) and (isinstance(flag.off, bool) or flag.off not in (0, 100)):
        wrong.append(f"{name}.off must be 0 or 100")
    if isinstance(flag, StatesFlag) and flag.off not in flag.states:
        wrong.append(f"{name}.off must be one of its states")
    for one in flag.requires:
        required, points = needed(one)
        if required not in declared:
            wrong.append(f"{name}.requires names {required}, which is not declared; declare it beside {name}")
        elif points is not None:
            wrong += _unmeetable(name, declared[required], required, points)
    return wrong


def _unmeetable(name: str, required: Flag, called: str, points: float | str) -> list[str]:
    if isinstance(required, BooleanFlag):
        return [f"{name}.requires asks {called} for points, which only a percentage has, or for a state"]
    if isinstance(required, StatesFlag):
        if not _are_states(required.states) or (points in required.states and points != required.off):
            return []
        return [f"{name}.requires: points must be a state of {called} that is not its off"]
    if is_number(points) and 0 < points <= 100:  # type: ignore[operator]
        return []
    return [f"{name}.requires: points must be above 0, and 100 at most"]


def _are_states(states: object) -> bool:
    if isinstance(states, str) or not isinstance(states, Sequence):
        return False
    return len(states) > 1 and len(set(states)) == len(states) and all(isinstance(one, str) and one for one in states)


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
