"""Flags from AppConfig's Data API."""

from __future__ import annotations

from typing import Any

from ..aws import OwnClient
from ..declare import Declarations
from .source import Reading, Source, Throttled

#: As often as AppConfig may be asked, in seconds. Source: StartConfigurationSession.
SHORTEST = 15


class _DataApi(Source):
    name = "appconfig"

    def __init__(self, at: dict[str, str], client: Any) -> None:
        self._at = at
        self._client = client
        self._own = OwnClient("appconfigdata")
        self._token: str | None = None

    def read(self, declared: Declarations, timeout: float) -> Reading:
        try:
            return self._read(timeout)
        except Exception as error:
            code = _code_of(error)
            if code == "ResourceNotFoundException":
                return Reading(none="AppConfig knows no such configuration")
            if code in ("ThrottlingException", "TooManyRequestsException"):
                raise Throttled(f"AppConfig answers {code}") from None
            raise

    def forget(self) -> None:
        # A new session begins with the whole document.
        self._token = None

    def forked(self) -> None:
        self.forget()
        self._own.forked()

    def _read(self, timeout: float) -> Reading:
        client = self._client or self._own.get(timeout)
        token = self._token
        if token is None:
            answer = client.start_configuration_session(**self._at, RequiredMinimumPollIntervalInSeconds=SHORTEST)
            token = answer["InitialConfigurationToken"]
        # A token is good for one call: whatever becomes of this one, the next must not use it again.
        self._token = None
        answer = client.get_latest_configuration(ConfigurationToken=token)
        # Empty means unchanged since this session's last answer.
        body = answer["Configuration"].read()
        self._token = answer["NextPollConfigurationToken"]
        pause = float(answer.get("NextPollIntervalInSeconds") or 0)
        return Reading(body.decode() if body else None, answer.get("VersionLabel") or None, pause)


def data_api(application: str, environment: str, profile: str, client: Any = None) -> Source:
    """Flags from AppConfig's Data API. It needs boto3, which is loaded at the first look.

    The app needs the permissions appconfig:StartConfigurationSession and appconfig:GetLatestConfiguration.

    :param client: boto3's client of appconfigdata; by default one of the environment's region and credentials
    """
    at = {
        "ApplicationIdentifier": application,
        "EnvironmentIdentifier": environment,
        "ConfigurationProfileIdentifier": profile,
    }
    return _DataApi(at, client)


def _code_of(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
