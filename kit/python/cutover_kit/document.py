"""Reads a flag document, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .declare import (
    RESERVED,
    BooleanFlag,
    Declarations,
    FlagValue,
    Requirement,
    StatesFlag,
    distance,
    is_met,
    is_number,
    needed,
)

#: The one format that this kit reads. A document without a word about it has this one.
FORMAT = 1


@dataclass(frozen=True)
class Document:
    """What was read from a document. Declared flags of which it says nothing are `missing`, and off."""

    values: Mapping[str, FlagValue]
    missing: tuple[str, ...] = ()
    drill: Any = None


class Refusal(Exception):
    """A document that is not taken. No value of it is repeated: somebody may have put a secret there."""

    def __init__(self, problem: str) -> None:
        """Takes why, in a sentence."""
        super().__init__(problem)
        self.problem = problem


def parse_document(declared: Declarations, text: str, whole: bool = False) -> Document:
    """Reads a document. Half of one could be write without read. Keys that are not declared belong to others.

    :param whole: whether a document that lacks a declared flag is refused; otherwise that flag is off
    :raises Refusal: where it is not taken
    """
    document = _object_in(text)
    if document is None:
        raise Refusal("it is no JSON object")
    own = document.get(RESERVED, {})
    if not isinstance(own, dict):
        raise Refusal(f"{RESERVED} is no object")
    form = own.get("format", FORMAT)
    if isinstance(form, bool) or form != FORMAT:
        raise Refusal(f"it is of a format that this kit does not know ({RESERVED}.format); update the kit")
    problems: list[str] = []
    values: dict[str, FlagValue] = {name: flag.off for name, flag in declared.items()}
    missing = tuple(name for name in declared if name not in document)
    for name, flag in declared.items():
        if name not in document:
            continue
        value = document[name]
        if isinstance(flag, BooleanFlag):
            if not isinstance(value, bool):
                problems.append(f"{name} must be true or false")
        elif isinstance(flag, StatesFlag):
            if not isinstance(value, str) or value not in flag.states:
                problems.append(f"{name} must be one of {', '.join(flag.states)}")
        elif not is_number(value) or not 0 <= value <= 100:
            problems.append(f"{name} must be a number from 0 to 100")
        values[name] = value
    if whole:
        problems += [f"{name} is missing" for name in missing]
    if problems := problems or _unmet(declared, values):
        raise Refusal("; ".join(problems))
    return Document(values, missing, own.get("drill"))


def _unmet(declared: Declarations, values: Mapping[str, FlagValue]) -> list[str]:
    return [
        f"{name} requires {_wanted(declared, one)}"
        for name, flag in declared.items()
        if distance(flag, values[name]) != 0
        for one in flag.requires
        if not is_met(declared, values, one)
    ]


def _wanted(declared: Declarations, one: Requirement) -> str:
    name, points = needed(one)
    if points is None:
        return name
    if isinstance(points, str):
        return f"{name} at {points}"
    return f"{name} at {100 - points if declared[name].off == 100 else points:g}"


def _no_number(word: str) -> None:
    raise ValueError(word)


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        # NaN and Infinity are no JSON, though Python reads them.
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
