"""The OpenFeature provider."""

import json
import logging
import unittest
from typing import Any

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent

from cutover_kit import BooleanFlag, Flags, PercentageFlag, Reading, Source, StatesFlag
from cutover_kit.openfeature import CutoverProvider

logging.getLogger("cutover_kit").setLevel(logging.CRITICAL)


class Told(Source):
    def __init__(self) -> None:
        self.answers: list[Reading | Exception] = []

    def read(self, declared: Any, timeout: float) -> Reading:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Provider(unittest.TestCase):
    def setUp(self) -> None:
        self.source = Told()
        declared = {
            "READ": BooleanFlag(),
            "WRITE": BooleanFlag(requires=["READ"]),
            "SHARE": PercentageFlag(salt="flag"),
            "RATE": StatesFlag(["off", "shadow", "enforce"]),
        }
        self.flags = Flags(declared, self.source, None)
        api.set_provider_and_wait(CutoverProvider(self.flags))
        self.addCleanup(api.clear_providers)
        self.client = api.get_client()

    def take(self, read: bool, write: bool, share: float, rate: str = "off") -> None:
        text = json.dumps({"READ": read, "WRITE": write, "SHARE": share, "RATE": rate})
        self.source.answers.append(Reading(text, "4"))
        self.flags.refresh()

    def test_off_before_a_first_document_whatever_the_callers_default_is(self) -> None:
        details = self.client.get_boolean_details("READ", True)
        self.assertEqual((details.value, details.reason), (False, "DEFAULT"))

    def test_booleans_shares_and_percentages(self) -> None:
        # flag/42 has the place 56613.
        self.take(True, True, 56.614)
        details = self.client.get_boolean_details("WRITE", False)
        self.assertEqual((details.value, details.variant, details.reason), (True, "on", "STATIC"))
        self.assertEqual(details.flag_metadata, {"version": "4"})
        share = self.client.get_boolean_details("SHARE", False, EvaluationContext("42"))
        self.assertEqual((share.value, share.reason), (True, "SPLIT"))
        self.assertFalse(self.client.get_boolean_value("SHARE", True))
        self.assertEqual(self.client.get_float_value("SHARE", 0.0), 56.614)
        self.assertEqual(self.client.get_integer_details("SHARE", 7).error_code, "TYPE_MISMATCH")
        self.take(True, True, 25)
        self.assertEqual(self.client.get_integer_value("SHARE", 0), 25)

    def test_states_as_text(self) -> None:
        details = self.client.get_string_details("RATE", "x")
        self.assertEqual((details.value, details.reason), ("off", "DEFAULT"))
        self.take(True, True, 0, "shadow")
        details = self.client.get_string_details("RATE", "x")
        self.assertEqual((details.value, details.variant, details.reason), ("shadow", "shadow", "STATIC"))
        self.assertTrue(self.client.get_boolean_value("RATE", False))
        self.assertEqual(self.client.get_float_details("RATE", 7.0).error_code, "TYPE_MISMATCH")

    def test_the_callers_default(self) -> None:
        for details, value, code in (
            (self.client.get_boolean_details("OTHER", True), True, "FLAG_NOT_FOUND"),
            (self.client.get_float_details("READ", 7.0), 7.0, "TYPE_MISMATCH"),
            (self.client.get_string_details("READ", "x"), "x", "TYPE_MISMATCH"),
            (self.client.get_object_details("OTHER", {}), {}, "FLAG_NOT_FOUND"),
        ):
            self.assertEqual((details.value, details.error_code), (value, code))

    def test_stale_while_the_source_is_away(self) -> None:
        self.take(True, False, 0)
        self.source.answers.append(OSError("down"))
        self.flags.refresh()
        details = self.client.get_boolean_details("READ", False)
        self.assertEqual((details.value, details.reason), (True, "STALE"))

    def test_a_request_is_answered_from_one_document(self) -> None:
        self.take(True, True, 0)
        with self.flags.during():
            self.take(False, False, 0)
            self.assertTrue(self.client.get_boolean_value("WRITE", False))
        self.assertFalse(self.client.get_boolean_value("WRITE", True))

    def test_changes_are_told(self) -> None:
        heard: list[Any] = []

        def hears(event: Any) -> None:
            heard.append(event.flags_changed)

        self.client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, hears)
        self.addCleanup(self.client.remove_handler, ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, hears)
        self.take(True, False, 0)
        self.assertEqual(heard, [["READ"]])
