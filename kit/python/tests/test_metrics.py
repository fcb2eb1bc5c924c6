"""The metrics that rows watch."""

import asyncio
import io
import json
import logging
import math
import os
import socket
import threading
import unittest
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import datetime, timezone
from typing import Any
from unittest.mock import patch

from cutover_kit import Metrics, Sink, emf, open_metrics, put_metric_data
from cutover_kit.metrics import Datum, Unsendable
from cutover_kit.metrics.emf import emf_lines

from .clients import own_clients

logging.getLogger("cutover_kit").setLevel(logging.CRITICAL)

AT = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)


class Service(Sink):
    """Takes data, refuses them, or raises."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.periods: list[Sequence[Datum]] = []
        self.sent = threading.Event()

    def send(self, data: Sequence[Datum]) -> None:
        if self.error:
            raise self.error
        self.periods.append(data)
        self.sent.set()


def opened() -> tuple[Metrics, Service]:
    service = Service()
    return Metrics(service, ["Complaints"], {"CpuPercent": "Percent"}, ["Divergence"]), service


def by_name(data: Sequence[Datum]) -> dict[str, Datum]:
    return {datum["MetricName"]: datum for datum in data}


class Gathering(unittest.TestCase):
    def test_zeros_in_silence_of_high_resolution_and_values_have_none(self) -> None:
        metrics, _ = opened()
        metrics.signal("Search")
        data = by_name(metrics.drain(AT))
        self.assertEqual(sorted(data), ["Complaints", "Divergence", "SearchErrors", "SearchRequests"])
        for datum in data.values():
            self.assertEqual((datum["Value"], datum["StorageResolution"], datum["Timestamp"]), (0, 1, AT))

    def test_each_period_begins_anew(self) -> None:
        metrics, _ = opened()
        metrics.count("Complaints")
        metrics.count("Complaints", 2)
        self.assertEqual(by_name(metrics.drain(AT))["Complaints"]["Value"], 3)
        self.assertEqual(by_name(metrics.drain(AT))["Complaints"]["Value"], 0)

    def test_values_with_how_often_each_occurred(self) -> None:
        metrics, _ = opened()
        for value in (0, 0, 1, 0):
            metrics.observe("CpuPercent", value)
        datum = by_name(metrics.drain(AT))["CpuPercent"]
        self.assertEqual((datum["Values"], datum["Counts"], datum["Unit"]), ([0, 1], [3, 1], "Percent"))
        self.assertNotIn("CpuPercent", by_name(metrics.drain(AT)))

    def test_more_values_than_one_datum_may_carry(self) -> None:
        metrics, _ = opened()
        for value in range(301):
            metrics.observe("CpuPercent", value)
        parts = [len(datum["Values"]) for datum in metrics.drain(AT) if "Values" in datum]
        self.assertEqual(parts, [150, 150, 1])

    def test_levels_are_repeated_and_silent_while_they_cannot_be_checked(self) -> None:
        metrics, _ = opened()
        metrics.level("Divergence", 3)
        metrics.drain(AT)
        self.assertEqual(by_name(metrics.drain(AT))["Divergence"]["Value"], 3)
        metrics.level("Divergence", None)
        self.assertNotIn("Divergence", by_name(metrics.drain(AT)))

    def test_what_is_dropped_is_counted(self) -> None:
        metrics, _ = opened()
        metrics.observe("CpuPercent", math.nan)
        metrics.observe("CpuPercent", math.inf)
        metrics.count("Complaints", math.nan)
        for value in range(10_002):
            metrics.observe("CpuPercent", value)
        self.assertEqual(metrics.status(), {"waiting": 0, "dropped": 5})

    def test_threads_lose_nothing(self) -> None:
        metrics, _ = opened()

        def work() -> None:
            for _ in range(1_000):
                metrics.count("Complaints")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(by_name(metrics.drain(AT))["Complaints"]["Value"], 8_000)


class Signals(unittest.TestCase):
    def counts(self, metrics: Metrics) -> tuple[float, float]:
        data = by_name(metrics.drain(AT))
        self.assertEqual(data["SearchLatencyMs"]["Unit"], "Milliseconds")
        return data["SearchRequests"]["Value"], data["SearchErrors"]["Value"]

    def test_requests_errors_and_latency(self) -> None:
        metrics, _ = opened()
        search = metrics.signal("Search")
        with search.watch():
            pass
        self.assertEqual(self.counts(metrics), (1, 0))
        with self.assertRaisesRegex(RuntimeError, "no"), search.watch():
            raise RuntimeError("no")
        self.assertEqual(self.counts(metrics), (1, 1))
        with search.watch() as request:
            request.failed()
        self.assertEqual(self.counts(metrics), (1, 1))

        async def handler() -> int:
            with search.watch():
                await asyncio.sleep(0)
                return 7

        self.assertEqual(asyncio.run(handler()), 7)
        self.assertEqual(self.counts(metrics), (1, 0))

    def test_other_names(self) -> None:
        metrics, _ = opened()
        with metrics.signal("Queue", errors="Queue5xx", latency=False).watch():
            pass
        self.assertEqual(list(by_name(metrics.drain(AT))), ["Complaints", "QueueRequests", "Queue5xx", "Divergence"])


class Publishing(unittest.TestCase):
    def test_after_an_outage_in_order_and_none_twice(self) -> None:
        metrics, service = opened()
        service.error = OSError("throttled")
        metrics.count("Complaints")
        metrics.publish()
        metrics.publish()
        self.assertEqual(metrics.status(), {"waiting": 2, "dropped": 0, "problem": "OSError: throttled"})
        service.error = None
        metrics.publish()
        told = [by_name(data)["Complaints"]["Value"] for data in service.periods]
        self.assertEqual(told, [1, 0, 0])

    def test_no_more_than_five_minutes_wait(self) -> None:
        metrics, service = opened()
        service.error = OSError("throttled")
        for _ in range(310):
            metrics.publish()
        self.assertEqual((metrics.status()["waiting"], metrics.status()["dropped"]), (300, 10))

    def test_what_will_never_be_taken_holds_up_nothing(self) -> None:
        metrics, service = opened()
        service.error = Unsendable("no such unit")
        metrics.publish()
        self.assertEqual((metrics.status()["waiting"], metrics.status()["dropped"]), (0, 1))
        service.error = None
        metrics.publish()
        self.assertEqual(len(service.periods), 1)

    def test_by_itself_and_a_last_one(self) -> None:
        service = Service()
        metrics = open_metrics(service, counters=["Complaints"], dimensions={"Service": "ops"}, period=0.01)
        self.assertTrue(service.sent.wait(30))
        metrics.count("Complaints")
        metrics.stop()
        self.assertEqual(sum(by_name(data)["Complaints"]["Value"] for data in service.periods), 1)
        self.assertEqual(service.periods[0][0]["Dimensions"], [{"Name": "Service", "Value": "ops"}])

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_a_forked_worker_publishes(self) -> None:
        service = Service()
        metrics = open_metrics(service, counters=["Complaints"], period=0.01)
        child = os.fork()
        if child == 0:
            service.sent.clear()
            os._exit(0 if service.sent.wait(30) else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        metrics.stop()

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_a_forked_worker_has_a_connection_of_its_own_and_repeats_nothing(self) -> None:
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(30)
        self.addCleanup(server.close)
        sink = emf("App", agent=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        metrics = open_metrics(sink, counters=["Complaints"], period=3_600)
        metrics.publish()
        of_parent, _ = server.accept()
        metrics.count("Complaints", 7)
        child = os.fork()
        if child == 0:
            metrics.publish()
            os._exit(0)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        of_child, _ = server.accept()
        with of_child, of_child.makefile() as lines:
            self.assertEqual([json.loads(line)["Complaints"] for line in lines], [0])
        metrics.stop()
        with of_parent, of_parent.makefile() as lines:
            self.assertEqual([json.loads(line)["Complaints"] for line in lines], [0, 7])


def count(name: str, value: float) -> Datum:
    return {"MetricName": name, "Unit": "Count", "Timestamp": AT, "StorageResolution": 1, "Value": value}


class Emf(unittest.TestCase):
    def test_one_document_for_a_period(self) -> None:
        latency = {**count("LatencyMs", 0), "Unit": "Milliseconds", "Values": [5, 9], "Counts": [2, 1]}
        del latency["Value"]
        (line,) = emf_lines([count("Requests", 2), latency], "App")
        told = json.loads(line)
        self.assertEqual((told["Requests"], told["LatencyMs"]), (2, [5, 5, 9]))
        self.assertEqual(
            told["_aws"],
            {
                "Timestamp": 1_772_359_200_000,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "App",
                        "Dimensions": [[]],
                        "Metrics": [
                            {"Name": "Requests", "Unit": "Count", "StorageResolution": 1},
                            {"Name": "LatencyMs", "Unit": "Milliseconds", "StorageResolution": 1},
                        ],
                    }
                ],
            },
        )
        own = {**count("Requests", 2), "Dimensions": [{"Name": "Service", "Value": "ops"}]}
        told = json.loads(emf_lines([own], "App", "/app")[0])
        self.assertEqual((told["Service"], told["_aws"]["LogGroupName"]), ("ops", "/app"))

    def test_what_is_more_than_a_document_may_hold(self) -> None:
        latency = {**count("LatencyMs", 0), "Values": [1, 2], "Counts": [130, 1]}
        del latency["Value"]
        lines = [json.loads(one) for one in emf_lines([*(count(f"M{n}", n) for n in range(120)), latency], "App")]
        for line in lines:
            self.assertLessEqual(len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]), 100)
        told = [value for line in lines for value in line.get("LatencyMs", [])]
        self.assertEqual(told, [1] * 130 + [2])

    def test_stdout(self) -> None:
        with redirect_stdout(io.StringIO()) as out:
            emf("App").send([count("Requests", 1)])
        self.assertRegex(out.getvalue(), r'^\{"_aws".*\}\n$')

    def test_the_agent(self) -> None:
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        sink = emf("App", "/app", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        sink.send([count("Requests", 1)])
        connection, _ = server.accept()
        self.assertEqual(json.loads(connection.makefile().readline())["Requests"], 1)
        connection.close()
        sink.close()
        with self.assertRaises(OSError):
            emf("App", agent="tcp://127.0.0.1:1").send([count("Requests", 1)])


class PutMetricData(unittest.TestCase):
    def setUp(self) -> None:
        self.parts: list[int] = []
        self.refusal: Exception | None = None

    def put_metric_data(self, Namespace: str, MetricData: list[Datum]) -> None:
        if self.refusal and self.parts:
            raise self.refusal
        self.assertEqual(Namespace, "App")
        self.parts.append(len(MetricData))

    def test_parts_that_it_takes_and_a_second_try_repeats_none(self) -> None:
        sink = put_metric_data("App", client=self)
        data = [count(f"M{n}", n) for n in range(200)]
        self.refusal = OSError("throttled")
        with self.assertRaises(OSError):
            sink.send(data)
        self.refusal = None
        sink.send(data)
        self.assertEqual(self.parts, [150, 50])

    def test_a_forked_worker_has_a_client_of_its_own(self) -> None:
        made: list[str] = []

        def client(service: str, region_name: str | None, config: Any) -> Any:
            made.append(service)
            return self

        with own_clients(client):
            sink = put_metric_data("App")
            for _ in range(2):
                sink.send([count("M", 1)])
            self.assertEqual(made, ["cloudwatch"])
            sink.forked()
            sink.send([count("M", 1)])
        self.assertEqual(made, ["cloudwatch"] * 2)

    def test_the_region_is_what_every_sdk_of_aws_takes_it_from(self) -> None:
        regions: list[str | None] = []

        def client(service: str, region_name: str | None, config: Any) -> Any:
            regions.append(region_name)
            return self

        for region in ("eu-central-1", ""):
            with own_clients(client), patch.dict(os.environ, {"AWS_REGION": region}):
                put_metric_data("App").send([count("M", 1)])
        self.assertEqual(regions, ["eu-central-1", None])

    def test_what_would_be_refused_again(self) -> None:
        for code, gone in (
            ("InvalidParameterValue", True),
            ("MissingRequiredParameter", True),
            ("AccessDenied", False),
            ("Throttling", False),
        ):
            self.parts = [0]
            error: Any = RuntimeError("no")
            error.response = {"Error": {"Code": code}}
            self.refusal = error
            with self.assertRaises(Exception) as raised:
                put_metric_data("App", client=self).send([count("M", 1)])
            self.assertEqual(isinstance(raised.exception, Unsendable), gone)
