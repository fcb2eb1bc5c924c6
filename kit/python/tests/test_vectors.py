"""What every kit has to say, in every language: kit/vectors.json."""

import json
import math
import random
import unittest
from pathlib import Path
from typing import Any

from cutover_kit import AtLeast, BooleanFlag, PercentageFlag, Snapshot, StatesFlag, environment, is_among, place_of
from cutover_kit.declare import Flag
from cutover_kit.document import Refusal, parse_document

VECTORS = json.loads((Path(__file__).parents[2] / "vectors.json").read_text(encoding="utf-8"))


def declared(flags: dict[str, Any]) -> dict[str, Flag]:
    """Declarations as the vectors write them."""

    def requirement(one: Any) -> Any:
        return one if isinstance(one, str) else AtLeast(one["flag"], one["atLeast"])

    found: dict[str, Flag] = {}
    for name, flag in flags.items():
        requires = [requirement(one) for one in flag.get("requires", ())]
        if flag["type"] == "states":
            found[name] = StatesFlag(flag["states"], flag.get("off", ""), requires)
        elif flag["type"] == "boolean":
            found[name] = BooleanFlag(flag.get("off", False), requires)
        else:
            found[name] = PercentageFlag(flag.get("off", 0), flag.get("salt"), requires)
    return found


class Vectors(unittest.TestCase):
    def test_there_are_some(self) -> None:
        for kind in ("places", "among", "documents", "answers", "variables"):
            self.assertGreater(len(VECTORS[kind]), 10)

    def test_places(self) -> None:
        for one in VECTORS["places"]:
            with self.subTest(one):
                self.assertEqual(place_of(one["salt"], one["key"]), one["place"])

    def test_shares(self) -> None:
        for one in VECTORS["among"]:
            with self.subTest(one):
                self.assertEqual(is_among(one["place"], one["percent"]), one["among"])

    def test_documents(self) -> None:
        for one in VECTORS["documents"]:
            with self.subTest(one["name"]):
                flags = declared(one["flags"])
                if "values" in one:
                    document = parse_document(flags, one["document"], one.get("whole", False))
                    self.assertEqual(document.values, one["values"])
                    continue
                with self.assertRaises(Refusal) as refusal:
                    parse_document(flags, one["document"], one.get("whole", False))
                self.assertIn(one["refused"], refusal.exception.problem)
                self.assertNotIn("sekret", refusal.exception.problem)

    def test_answers(self) -> None:
        for one in VECTORS["answers"]:
            with self.subTest(one["name"]):
                flags = declared(one["flags"])
                document = parse_document(flags, json.dumps(one["document"]))
                snapshot = Snapshot(flags, document.values, "1")
                self.assertIs(snapshot.is_on(one["flag"], one.get("key")), one["on"])
                if "state" in one:
                    self.assertEqual(snapshot.state(one["flag"], one.get("key")), one["state"])

    def test_variables(self) -> None:
        for one in VECTORS["variables"]:
            with self.subTest(one):
                source = environment({one["variable"]: "true"}, names=one.get("names"))
                reading = source.read({one["flag"]: BooleanFlag()}, 1)
                self.assertEqual(json.loads(reading.text or ""), {one["flag"]: True})


class Places(unittest.TestCase):
    def test_whoever_is_in_stays_in_while_the_percentage_rises(self) -> None:
        draw = random.Random(1)
        for _ in range(2_000):
            place = place_of("salt", f"user-{draw.random()}")
            low, high = sorted((draw.uniform(0, 100), draw.uniform(0, 100)))
            self.assertLessEqual(is_among(place, low), is_among(place, high))
            self.assertEqual((is_among(place, 0), is_among(place, 100)), (False, True))

    def test_about_so_many_are_in_and_other_salts_begin_with_others(self) -> None:
        def first(salt: str, share: float) -> set[int]:
            return {one for one in range(10_000) if is_among(place_of(salt, f"user-{one}"), share)}

        for share in (0.5, 10, 50, 90):
            self.assertLess(math.fabs(len(first("one", share)) / 100 - share), 2)
        self.assertLess(abs(len(first("one", 10) & first("two", 10)) - 100), 50)
