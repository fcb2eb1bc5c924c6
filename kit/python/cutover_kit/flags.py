"""The flags as this process sees them."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

from .declare import Declarations, mistakes
from .document import Document, Refusal, parse_document
from .snapshot import Snapshot, Use
from .sources import Source, Throttled

#: As often as AppConfig may be asked, in seconds. Source: StartConfigurationSession.
SHORTEST = 15.0
#: A source that is throttled is asked at most so many times more rarely: an abort has to arrive all the same.
MOST_RARELY = 4
#: No look takes longer, in seconds.
LOOK = 5.0

_log = logging.getLogger("cutover_kit.flags")


def pause_before(poll: float, asked: float, throttled: int) -> float:
    """How long to wait before the next look, in seconds. Pure.

    :param poll: what the app asks for; less than AppConfig's shortest is that
    :param asked: what the source asks for
    :param throttled: how often in a row it said that it is asked too often
    """
    every = max(poll, SHORTEST) * min(1 << throttled, MOST_RARELY)
    return max(every, asked)


class Flags:
    """All flags are off until a document could be read; then the last good one counts.

    Neither an outage of the source nor a broken document moves a flag, and nothing here raises into the app but a flag
    that nobody declared. See `open_flags`.
    """

    def __init__(self, flags: Declarations, source: Source, poll: float | None = SHORTEST, whole: bool = False) -> None:
        """Opens nothing yet.

        :param poll: seconds between two looks; None: `refresh` is called instead
        :param whole: whether a document that lacks a declared flag is refused; by default that flag is off
        :raises TypeError: where the declarations contradict each other; all problems at once
        """
        if wrong := mistakes(flags):
            raise TypeError("The flags cannot be opened:\n" + "\n".join(f"  {one}" for one in wrong))
        self.declared = flags
        self._source = source
        self._poll = poll
        self._whole = whole
        self._request: ContextVar[Snapshot | None] = ContextVar("cutover_kit_request", default=None)
        self._current = Snapshot(flags, {name: flag.off for name, flag in flags.items()}, None)
        self._document = Document({})
        self._text: str | None = None
        self._uses: dict[str, Use] = {}
        self._listeners: list[Callable[[list[str]], None]] = []
        self._since: str | None = None
        self._read_at: str | None = None
        self._problem: str | None = None
        self._refused: dict[str, str] | None = None
        self._asked, self._throttled = 0.0, 0
        self._looking = threading.Lock()
        self._ended = threading.Event()

    @property
    def answered(self) -> bool:
        """Whether the source has answered at all, be it that nothing was deployed yet."""
        return self._read_at is not None

    @property
    def trouble(self) -> str | None:
        """Why the source could not be asked when it last was; None where it could."""
        return self._problem

    def snapshot(self) -> Snapshot:
        """The flags of this request (see `during`), or of this moment."""
        return self._request.get() or self._current

    def is_on(self, flag: str, key: str | int | None = None) -> bool:
        """`snapshot().is_on(flag, key)`."""
        return self.snapshot().is_on(flag, key)

    def percentage(self, flag: str) -> float:
        """`snapshot().percentage(flag)`."""
        return self.snapshot().percentage(flag)

    def state(self, flag: str, key: str | int | None = None) -> str:
        """`snapshot().state(flag, key)`."""
        return self.snapshot().state(flag, key)

    @contextmanager
    def during(self) -> Iterator[Snapshot]:
        """Gives a request, all of it, the flags of one document; also what it awaits, and OpenFeature in it."""
        snapshot = self._current
        token = self._request.set(snapshot)
        try:
            yield snapshot
        finally:
            self._request.reset(token)

    def on_change(self, listener: Callable[[list[str]], None]) -> Callable[[], None]:
        """Calls `listener` with the flags that changed, after each change. Returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def refresh(self) -> bool:
        """Looks at the source now. Returns whether it answered; never raises. Looks never overlap."""
        with self._looking:
            return self._look()

    def start(self, wait: float = 3.0) -> Flags:
        """Waits up to `wait` seconds for a first document, and goes on looking in a thread of its own."""
        first = threading.Event()
        self._spawn(wait, first)
        first.wait(wait)
        me = weakref.ref(self)
        if hasattr(os, "register_at_fork"):
            # Threads do not live on in a forked worker: it would keep the flags of its start for good.
            os.register_at_fork(after_in_child=lambda: _forked(me()))
        return self

    def stop(self) -> None:
        """Ends looking. What was read stays."""
        self._ended.set()

    def report(self) -> dict[str, Any]:
        """What this process knows of its flags, for whoever waits for servers to converge. README says what it proves."""
        report: dict[str, Any] = {
            "flags": dict(self._current.values),
            "version": self._current.version,
            "source": self._source.name,
        }
        more = {
            "since": self._since,
            "read": self._read_at,
            "drill": self._document.drill,
            "missing": list(self._document.missing) or None,
            "problem": self._problem,
            "refused": self._refused,
        }
        report.update({key: value for key, value in more.items() if value is not None})
        report["evaluated"] = {name: self._evaluated(name) for name in self.declared}
        return report

    def _evaluated(self, name: str) -> dict[str, Any] | None:
        use = self._current.use_of(name) or self._uses.get(name)
        if use is None:
            return None
        return {"version": use.version, "count": use.count, "at": _iso(use.at), "last": use.last}

    def _spawn(self, wait: float, first: threading.Event) -> None:
        threading.Thread(target=self._run, args=(wait, first), name="cutover-flags", daemon=True).start()

    def _run(self, wait: float, first: threading.Event) -> None:
        ends = time.monotonic() + wait
        pause = 0.1
        # Where the first look fails, it is made again for as long as somebody waits.
        while not self.refresh() and time.monotonic() < ends and not self._ended.wait(pause):
            pause = min(pause * 2, 2.0)
        first.set()
        while self._poll is not None and not (self._source.once and self.answered):
            if self._ended.wait(pause_before(self._poll, self._asked, self._throttled)):
                return
            self.refresh()

    def _look(self) -> bool:
        try:
            reading = self._source.read(self.declared, LOOK)
            self._asked, self._throttled = reading.pause, 0
            self._read_at = _iso(time.time())
            self._note(reading.none)
            if reading.text is not None:
                self._take(reading.text, reading.version)
            return True
        except Exception as error:  # noqa: BLE001  (whatever is wrong with a source, the app goes on)
            if isinstance(error, Throttled):
                self._throttled += 1
            self._note(f"the source cannot be asked: {type(error).__name__}: {error}")
            return False

    def _note(self, problem: str | None) -> None:
        if problem != self._problem:
            self._problem = problem
            _log.warning("%s", problem or "the source answers again")

    def _take(self, text: str, version: str | None) -> None:
        called = version or sha256(text.encode()).hexdigest()[:12]
        if text == self._text and called == self._current.version:
            self._refused = None
            return
        try:
            document = parse_document(self.declared, text, self._whole)
        except Refusal as refusal:
            # What was cut short on its way comes whole with the next look.
            self._source.forget()
            self._refuse(called, refusal.problem)
            return
        before = self._current
        self._uses.update({name: use for name in self.declared if (use := before.use_of(name))})
        self._current = Snapshot(self.declared, document.values, called)
        self._text, self._document, self._refused = text, document, None
        self._since = _iso(time.time())
        _log.info("%s: %s", called, document.values)
        changed = [name for name in self.declared if document.values[name] != before.values[name]]
        for listener in list(self._listeners) if changed else ():
            try:
                listener(changed)
            except Exception:
                _log.exception("a listener failed")

    def _refuse(self, version: str, problem: str) -> None:
        said = self._refused or {}
        if (said.get("version"), said.get("problem")) == (version, problem):
            return
        self._refused = {"version": version, "problem": problem, "at": _iso(time.time())}
        kept = self._current.version or "all off"
        _log.warning("the document %s is not taken: %s; kept: %s", version, problem, kept)


def open_flags(
    flags: Declarations,
    source: Source,
    *,
    poll: float | None = SHORTEST,
    wait: float = 3.0,
    whole: bool = False,
) -> Flags:
    """Opens the flags: looks at the source, and goes on looking. Returns also where the source does not answer.

    :param poll: seconds between two looks; AppConfig's shortest by default, and never less
    :param wait: seconds to wait for a first document; all flags are off until there is one
    :param whole: whether a document that lacks a declared flag is refused; by default that flag is off
    :raises TypeError: where the declarations contradict each other; all problems at once
    """
    return Flags(flags, source, poll, whole).start(wait)


def _forked(flags: Flags | None) -> None:
    if flags is None or flags._ended.is_set():
        return
    # A lock that a thread of the parent held would never be given back.
    flags._looking = threading.Lock()
    flags._ended = threading.Event()
    flags._source.forked()
    flags._spawn(0, threading.Event())


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
