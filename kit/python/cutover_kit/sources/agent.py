"""Flags from the AppConfig agent."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from ..declare import Declarations
from .source import Reading, Source, Throttled


class _Agent(Source):
    name = "appconfig-agent"

    def __init__(self, address: str) -> None:
        self._address = address
        # The agent is beside the app: a proxy that the environment names would be asked for its own localhost.
        self._opener = build_opener(ProxyHandler({}))

    def read(self, declared: Declarations, timeout: float) -> Reading:
        request = Request(self._address, headers={"accept": "application/json"})
        try:
            with self._opener.open(request, timeout=timeout) as answer:
                text = answer.read().decode()
                version = answer.headers.get("Configuration-Version")
        except HTTPError as error:
            with error:
                if error.code == 404:
                    return Reading(none="the AppConfig agent knows no such configuration")
                if error.code == 429:
                    raise Throttled("the AppConfig agent answers 429") from None
                raise RuntimeError(f"the AppConfig agent answers {error.code}") from None
        # Before a first deployment there is nothing to serve.
        return Reading(text, version) if text else Reading(none="nothing has been deployed yet")


def agent(application: str, environment: str, profile: str, url: str = "http://localhost:2772") -> Source:
    """Flags from the AppConfig agent, which runs beside the app, with POLL_INTERVAL=15s.

    Its default of 45 s would come on top of the time that an abort takes.
    """
    parts = [quote(one, safe="") for one in (application, environment, profile)]
    path = "/applications/{}/environments/{}/configurations/{}".format(*parts)
    return _Agent(url.rstrip("/") + path)
