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

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def read(self, declared: Declarations, timeout: float) -> Reading:
        words = {name: self._variables[name].strip() for name in declared if name in self._variables}
        text = json.dumps({name: _parsed(word) for name, word in words.items()})
        return Reading(text, self._variables.get(VERSION) or None)


def environment(variables: Mapping[str, str] | None = None) -> Source:
    """Flags from environment variables of their own names: `true` or `false`, or a number. They are read once.

    :param variables: by default the process's own
    """
    return _Environment(os.environ if variables is None else variables)


def _parsed(word: str) -> bool | float | str:
    """What is neither stays a word, which no flag can be: the document is refused, and says which flag it is."""
    if word in ("true", "false"):
        return word == "true"
    if re.fullmatch(r"[0-9]+", word):
        return int(word)
    return float(word) if re.fullmatch(r"[0-9]+\.[0-9]+", word) else word
