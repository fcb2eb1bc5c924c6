"""What every source of flags has."""

from __future__ import annotations

from dataclasses import dataclass

from ..declare import Declarations


@dataclass(frozen=True)
class Reading:
    """What one look at a source brought.

    `text` is the document; None where it is the same as last time, or where there is none yet. `version` is the source's
    own word for it. The source asks not to be asked again before `pause` seconds. `none` says why there is no document.
    """

    text: str | None = None
    version: str | None = None
    pause: float = 0
    none: str | None = None


class Source:
    """Where flags come from. One file for each; an app may bring its own."""

    #: As the report says it. `cutover retire` takes a word with `appconfig` in it for a server that still needs it.
    name = "source"
    #: True where what it says cannot change while the process runs: it is asked until it has answered once.
    once = False

    def read(self, declared: Declarations, timeout: float) -> Reading:
        """Looks once, within `timeout` seconds. Raises where the source cannot be asked."""
        raise NotImplementedError

    def forget(self) -> None:
        """What was read last could not be used: it is wanted again, also where it has not changed."""

    def forked(self) -> None:
        """This process was forked off the one that looked so far, to which open connections go on belonging."""
        self.forget()


class Throttled(Exception):
    """A source that allows less than it is asked."""
