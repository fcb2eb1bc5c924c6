"""The report over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol


class Reports(Protocol):
    """Whatever has a report."""

    def report(self) -> dict[str, Any]: ...  # noqa: D102


class ReportApp:
    """Answers with the report as JSON: a WSGI app and an ASGI app in one, to be mounted where stack files look for it.

    They find it by `servers: { path: /flags, at: flags, source: source }`.
    """

    def __init__(self, flags: Reports, more: Mapping[str, Any] | None = None) -> None:
        """Takes what is told beside the report, such as the server's name."""
        self._flags = flags
        self._more = dict(more or {})

    def __call__(self, *args: Any) -> Any:
        """Answers a WSGI server, which gives two arguments, or an ASGI server, which gives three."""
        return self._wsgi(*args) if len(args) == 2 else self._asgi(*args)

    def _body(self) -> bytes:
        return json.dumps({**self._more, **self._flags.report()}).encode()

    def _wsgi(self, _environ: Any, start_response: Any) -> list[bytes]:
        body = self._body()
        start_response("200 OK", [*_HEADERS, ("content-length", str(len(body)))])
        return [body]

    async def _asgi(self, scope: Mapping[str, Any], _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError("The report speaks HTTP alone")
        headers = [(name.encode(), value.encode()) for name, value in _HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body()})


# A cache in between would let an old server pass for a new one.
_HEADERS = [("content-type", "application/json"), ("cache-control", "no-store")]
