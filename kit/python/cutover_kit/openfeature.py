"""The flags as an OpenFeature provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from .declare import PercentageFlag, StatesFlag
from .flags import Flags
from .snapshot import Snapshot

T = TypeVar("T")


class CutoverProvider(AbstractProvider):
    """Booleans are asked for as booleans; a percentage as a boolean, with a targeting key, or as a float.

    States are asked for as booleans, or as the text that they are.

    The caller's own default counts for flags that are not declared alone: a declared flag without a document is at its
    `off`.
    """

    def __init__(self, flags: Flags) -> None:
        """Takes flags that `open_flags` opened; they end with the provider."""
        super().__init__()
        self._flags = flags
        self._unlisten = flags.on_change(self._changed)

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="cutover")

    def shutdown(self) -> None:
        """Ends the flags."""
        self._unlisten()
        self._flags.stop()

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """Whether the flag is on for whoever the targeting key names."""
        flag = self._flags.declared.get(flag_key)
        if flag is None:
            return _not_found(flag_key, default_value)
        now = self._flags.snapshot()
        key = evaluation_context.targeting_key if evaluation_context else None
        value = now.is_on(flag_key, key)
        reason = Reason.SPLIT if isinstance(flag, PercentageFlag) else Reason.STATIC
        return FlagResolutionDetails(value=value, variant="on" if value else "off", **self._why(now, reason))

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """The percentage itself."""
        flag = self._flags.declared.get(flag_key)
        if flag is None:
            return _not_found(flag_key, default_value)
        if not isinstance(flag, PercentageFlag):
            return _mismatch(flag_key, default_value, "text" if isinstance(flag, StatesFlag) else "a boolean")
        now = self._flags.snapshot()
        return FlagResolutionDetails(value=float(now.percentage(flag_key)), **self._why(now, Reason.STATIC))

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """The percentage, where it is a whole one."""
        found = self.resolve_float_details(flag_key, default_value, evaluation_context)
        if found.error_code is not None or not float(found.value).is_integer():
            return _mismatch(flag_key, default_value, "no whole number") if found.error_code is None else found  # type: ignore[return-value]
        return FlagResolutionDetails(int(found.value), reason=found.reason, flag_metadata=found.flag_metadata)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """The state, for whoever the targeting key names."""
        flag = self._flags.declared.get(flag_key)
        if not isinstance(flag, StatesFlag):
            return self._other(flag_key, default_value, "no text")
        now = self._flags.snapshot()
        key = evaluation_context.targeting_key if evaluation_context else None
        value = now.state(flag_key, key)
        return FlagResolutionDetails(value=value, variant=value, **self._why(now, Reason.STATIC))

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """No flag is an object."""
        return self._other(flag_key, default_value, "no object")

    def _other(self, flag: str, value: T, what: str) -> FlagResolutionDetails[T]:
        return _mismatch(flag, value, what) if flag in self._flags.declared else _not_found(flag, value)

    def _why(self, now: Snapshot, reason: Reason) -> dict[str, Any]:
        if now.version is None:
            return {"reason": Reason.DEFAULT}
        stale = self._flags.trouble is not None
        return {"reason": Reason.STALE if stale else reason, "flag_metadata": {"version": now.version}}

    def _changed(self, flags: list[str]) -> None:
        # Before OpenFeature has taken the provider there is nobody to tell.
        if hasattr(self, "_on_emit"):
            self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=flags))


def _not_found(flag: str, value: T) -> FlagResolutionDetails[T]:
    return FlagResolutionDetails(
        value=value,
        reason=Reason.ERROR,
        error_code=ErrorCode.FLAG_NOT_FOUND,
        error_message=f"The flag {flag} is not declared",
    )


def _mismatch(flag: str, value: T, what: str) -> FlagResolutionDetails[T]:
    return FlagResolutionDetails(
        value=value,
        reason=Reason.ERROR,
        error_code=ErrorCode.TYPE_MISMATCH,
        error_message=f"The flag {flag} is {what}",
    )
