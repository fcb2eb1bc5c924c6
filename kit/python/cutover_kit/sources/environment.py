"""Flags from environment variables."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from ..declare import Declarations
from .source import Reading, Source

#: The variable that says which version of the document the others are of.
VERSION = "CUTOVER_FLAGS_VERSION"


class _Environment(Source):
    name = "environment"
    once = True

    def __init__(self, variables: Mapping[str, str], names: Mapping[str, str]) -> None:
        self._variables = variables
        self._names = names

    def read(self, declared: Declarations, timeout: float) -> Reading:
        held = self._variables
        flags = _variables_of(declared, self._names)
        words = {flag: held[variable].strip() for variable, flag in flags.items() if variable in held}
        text = json.dumps({flag: _parsed(word) for flag, word in words.items()})
        return Reading(text, held.get(VERSION) or None)


def environment(
    variables: Mapping[str, str] | None = None, *, names: Mapping[str, str] | None = None
) -> Source:
    """Flags from environment variables, as deliveries and `cutover env` write them: `true` or `false`, a number, or a state.

    They are read once. Where one variable would say two things, none is read.

    :param variables: by default the process's own
    :param names: variables by flag, as the delivery's `names` has them; by default `SEARCH_V2` for `search.v2`
    """
    return _Environment(os.environ if variables is None else variables, names or {})


def _variables_of(declared: Declarations, names: Mapping[str, str]) -> dict[str, str]:
    """Flags by the variables that say them."""
    flags = {VERSION: "the version"}
    for flag in declared:
        variable = names[flag] if flag in names else _variable_name(flag)
        if variable in flags:
            both = f"both {flags[variable]} and {flag}"
            raise ValueError(f"{variable} would say {both}; name another variable under names")
        flags[variable] = flag
    del flags[VERSION]
    return flags


def _variable_name(flag: str) -> str:
    """`search.v2-read` as a variable: `SEARCH_V2_READ`. What is delivered has the same rule: vectors.json holds both to it."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", flag).upper()
    return f"_{name}" if re.match(r"[0-9]", name) else name


def _parsed(word: str) -> bool | float | str:
    """What is neither stays a word: a state's name, or what no flag can be; then the document is refused, and says which."""
    if word in ("true", "false"):
        return word == "true"
    if re.fullmatch(r"[0-9]+", word):
        return int(word)
    return float(word) if re.fullmatch(r"[0-9]+\.[0-9]+", word) else word
