"""Flags over the life of a process."""

import asyncio
import json
import logging
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

from cutover_kit import (
    AtLeast,
    BooleanFlag,
    Flags,
    PercentageFlag,
    Reading,
    ReportApp,
    Source,
    agent,
    data_api,
    environment,
    in_code,
    open_flags,
)
from cutover_kit.flags import pause_before
from cutover_kit.sources import Throttled

from .clients import own_clients

DECLARED = {"READ": BooleanFlag(), "WRITE": BooleanFlag(requires=["READ"])}
OFF = {"READ": False, "WRITE": False}
ON = {"READ": True, "WRITE": True}

logging.getLogger("cutover_kit").setLevel(logging.CRITICAL)


def document(read: Any, write: Any) -> str:
    return json.dumps({"READ": read, "WRITE": write})


class Told(Source):
    """A source that answers as told, one look after the other; the last one for good."""

    name = "told"

    def __init__(self, *answers: Reading | Exception) -> None:
        self.answers = list(answers)
        self.looks = 0
        self.forgotten = 0

    def read(self, declared: Any, timeout: float) -> Reading:
        answer = self.answers[min(self.looks, len(self.answers) - 1)]
        self.looks += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def forget(self) -> None:
        self.forgotten += 1


def unopened(*answers: Reading | Exception, whole: bool = False) -> tuple[Flags, Told]:
    """Flags that look when they are told to."""
    source = Told(*answers)
    return Flags(DECLARED, source, None, whole), source


class Life(unittest.TestCase):
    def test_off_without_a_network_and_followed_as_soon_as_there_is_one(self) -> None:
        flags, _ = unopened(OSError("refused"), Reading(document(True, False), "3"))
        self.assertFalse(flags.refresh())
        self.assertEqual((flags.is_on("READ"), flags.answered), (False, False))
        self.assertIn("refused", flags.report()["problem"])
        self.assertTrue(flags.refresh())
        report = flags.report()
        self.assertEqual((report["flags"], report["version"]), ({"READ": True, "WRITE": False}, "3"))
        self.assertNotIn("problem", report)

    def test_opened_also_where_nobody_answers_and_asked_again_meanwhile(self) -> None:
        waits = threading.Event()

        class Silent(Source):
            def read(self, declared: Any, timeout: float) -> Reading:
                waits.wait()
                return Reading()

        flags = open_flags(DECLARED, Silent(), wait=0.02)
        self.assertEqual((flags.is_on("READ"), flags.answered), (False, False))
        flags.stop()
        waits.set()
        again = open_flags(DECLARED, Told(OSError("no"), Reading(document(True, True))), wait=60)
        self.assertTrue(again.is_on("WRITE"))
        again.stop()

    def test_the_last_good_document_stays_over_a_broken_one(self) -> None:
        future = '{"READ":false,"WRITE":false,"_cutover":{"format":2}}'
        for broken in (document(False, True), '{"READ":tr', document({"enabled": True}, True), future):
            with self.subTest(broken):
                good = Reading(document(True, True), "1")
                flags, source = unopened(good, Reading(broken, "2"), good)
                flags.refresh()
                flags.refresh()
                report = flags.report()
                self.assertEqual((report["flags"], report["version"]), (ON, "1"))
                self.assertEqual(report["refused"]["version"], "2")
                self.assertEqual(source.forgotten, 1)
                flags.refresh()
                self.assertNotIn("refused", flags.report())

    def test_off_where_the_first_document_cannot_be_taken(self) -> None:
        flags, _ = unopened(Reading(document(False, True), "1"))
        flags.refresh()
        self.assertEqual((flags.report()["flags"], flags.report()["version"]), (OFF, None))

    def test_a_document_that_goes_back_is_followed(self) -> None:
        flags, _ = unopened(Reading(document(True, True), "9"), Reading(document(False, False), "8"))
        flags.refresh()
        flags.refresh()
        self.assertEqual((flags.report()["flags"], flags.report()["version"]), (OFF, "8"))

    def test_an_outage_moves_nothing(self) -> None:
        flags, _ = unopened(Reading(document(True, True)), OSError("down"), Reading())
        for _ in range(3):
            flags.refresh()
        self.assertEqual(flags.report()["flags"], ON)

    def test_a_source_that_answers_nonsense_ends_no_looking(self) -> None:
        nonsense: Any = "no reading"
        flags, source = unopened(Reading(document(True, True)), nonsense)
        flags.refresh()
        self.assertFalse(flags.refresh())
        self.assertEqual(flags.report()["flags"], ON)
        self.assertIn("cannot be asked", flags.report()["problem"])
        source.answers.append(Reading(document(False, False)))
        self.assertTrue(flags.refresh())
        self.assertEqual(flags.report()["flags"], OFF)

    def test_a_request_has_the_flags_of_one_document_also_in_what_it_awaits(self) -> None:
        flags, _ = unopened(Reading(document(True, True)), Reading(document(False, False)))
        flags.refresh()

        async def request() -> list[bool]:
            with flags.during():
                before = flags.is_on("READ")
                flags.refresh()
                await asyncio.sleep(0)
                return [before, flags.is_on("READ"), await asyncio.create_task(inner())]

        async def inner() -> bool:
            return flags.is_on("WRITE")

        self.assertEqual(asyncio.run(request()), [True, True, True])
        self.assertFalse(flags.is_on("READ"))

    def test_what_nobody_declared_is_refused(self) -> None:
        flags, _ = unopened(Reading())
        with self.assertRaisesRegex(KeyError, "not declared"):
            flags.is_on("OTHER")
        with self.assertRaisesRegex(KeyError, "no percentage"):
            flags.percentage("READ")

    def test_declarations_that_contradict_each_other_are_all_named(self) -> None:
        wrong: dict[str, Any] = {
            "A": BooleanFlag(requires=["X", AtLeast("B", 5)]),
            "B": BooleanFlag(),
            "C": PercentageFlag(50),
            "D": "text",
            "_cutover": BooleanFlag(off=0),  # type: ignore[arg-type]
        }
        with self.assertRaises(TypeError) as refusal:
            Flags(wrong, in_code({}))
        for said in ("A.requires names X", "asks B for points", "C.off", "D must be", "no name", "True or False"):
            self.assertIn(said, str(refusal.exception))
        circle = {"A": BooleanFlag(requires=["B"]), "B": BooleanFlag(requires=["A"])}
        with self.assertRaisesRegex(TypeError, "A requires itself"):
            Flags(circle, in_code({}))

    def test_changes_are_told_also_where_one_who_listens_fails(self) -> None:
        flags, _ = unopened(Reading(document(True, False)), Reading(document(True, True)), Reading(document(False, False)))
        heard: list[list[str]] = []

        def fails(_changed: list[str]) -> None:
            raise RuntimeError("not my day")

        flags.on_change(fails)
        flags.refresh()
        end = flags.on_change(heard.append)
        flags.refresh()
        end()
        flags.refresh()
        self.assertEqual(heard, [["WRITE"]])

    def test_waiting(self) -> None:
        for poll, asked, throttled, seconds in (
            (15, 0, 0, 15),
            (0.25, 0, 0, 15),
            (30, 0, 0, 30),
            (15, 60, 0, 60),
            (15, 0, 1, 30),
            (15, 0, 9, 60),
        ):
            self.assertEqual(pause_before(poll, asked, throttled), seconds)

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_a_forked_worker_goes_on_looking(self) -> None:
        class Process(Source):
            def read(self, declared: Any, timeout: float) -> Reading:
                return Reading(document(True, False), str(os.getpid()))

        flags = open_flags(DECLARED, Process())
        child = os.fork()
        if child == 0:
            for _ in range(1_000):
                if flags.report()["version"] == str(os.getpid()):
                    os._exit(0)
                threading.Event().wait(0.01)
            os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(flags.report()["version"], str(os.getpid()))
        flags.stop()


class Reports(unittest.TestCase):
    def test_how_each_flag_was_last_asked_for_and_by_which_version_it_was_answered(self) -> None:
        flags, _ = unopened(Reading(document(True, True), "1"), Reading(document(False, False), "2"))
        flags.refresh()
        self.assertEqual(flags.report()["evaluated"], {"READ": None, "WRITE": None})
        for name in ("WRITE", "WRITE", "READ"):
            flags.is_on(name)
        flags.refresh()
        flags.is_on("READ")
        told = flags.report()["evaluated"]
        for use in told.values():
            self.assertRegex(use.pop("at"), r"^\d{4}-.*Z$")
        self.assertEqual(told["READ"], {"version": "2", "count": 1, "last": False})
        # Nobody has asked since: what runs may still do what version 1 said.
        self.assertEqual(told["WRITE"], {"version": "1", "count": 2, "last": True})

    def test_what_is_missing(self) -> None:
        flags, _ = unopened(Reading('{"READ":true}'))
        flags.refresh()
        self.assertEqual(flags.report()["missing"], ["WRITE"])
        whole, _ = unopened(Reading('{"READ":true}'), whole=True)
        whole.refresh()
        self.assertEqual(whole.report()["refused"]["problem"], "WRITE is missing")

    def test_over_wsgi_and_asgi(self) -> None:
        flags, _ = unopened(Reading(document(True, False), "7"))
        flags.refresh()
        app = ReportApp(flags, {"server": "app-1"})
        begun: list[Any] = []
        body = b"".join(app({}, lambda status, headers: begun.append((status, dict(headers)))))
        self.assertEqual(begun[0][0], "200 OK")
        self.assertEqual(begun[0][1]["cache-control"], "no-store")
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(app({"type": "http"}, None, send))
        self.assertEqual(sent[0]["status"], 200)
        for told in (json.loads(body), json.loads(sent[1]["body"])):
            self.assertEqual((told["flags"], told["server"]), ({"READ": True, "WRITE": False}, "app-1"))


class Elsewhere(unittest.TestCase):
    def told(self, source: Source, flags: Any = None) -> dict[str, Any]:
        opened = open_flags(flags or DECLARED, source)
        opened.stop()
        return opened.report()

    def test_the_environment(self) -> None:
        told = self.told(environment({"READ": "true", "WRITE": " false ", "CUTOVER_FLAGS_VERSION": "12"}))
        self.assertEqual((told["flags"], told["version"]), ({"READ": True, "WRITE": False}, "12"))
        self.assertEqual(self.told(environment({}))["missing"], ["READ", "WRITE"])
        for word in ("yes", "", "1", "TRUE", "sekret"):
            told = self.told(environment({"READ": word, "WRITE": "false"}))
            self.assertEqual((told["flags"], told["refused"]["problem"]), (OFF, "READ must be true or false"))
            self.assertNotIn("sekret", json.dumps(told))
        share = {"SHARE": PercentageFlag()}
        self.assertEqual(self.told(environment({"SHARE": "0.5"}), share)["flags"], {"SHARE": 0.5})
        self.assertIn("SHARE", self.told(environment({"SHARE": "5e1"}), share)["refused"]["problem"])

    def test_the_environment_as_it_is_delivered(self) -> None:
        flags = {"newCheckout": BooleanFlag(), "search.v2": BooleanFlag()}
        variables = {"newCheckout": "true", "search.v2": "true", "SEARCH_V2": "true"}
        told = self.told(environment(variables, names={"search.v2": "V2"}), flags)
        self.assertEqual(told["missing"], ["newCheckout", "search.v2"])
        told = self.told(environment({**variables, "NEWCHECKOUT": "true"}), flags)
        self.assertEqual(told["flags"], {"newCheckout": True, "search.v2": True})

    def test_an_environment_that_would_say_two_things(self) -> None:
        for names, why in (
            (("a.b", "a-b"), "A_B would say both a.b and a-b"),
            (("cutover.flags.version",), "CUTOVER_FLAGS_VERSION would say both the version and cutover.flags.version"),
        ):
            source = environment({"A_B": "true", "CUTOVER_FLAGS_VERSION": "true"})
            with self.assertRaisesRegex(ValueError, why):
                source.read({name: BooleanFlag() for name in names}, 1)

    def test_code(self) -> None:
        self.assertEqual(self.told(in_code({"READ": True}))["flags"], {"READ": True, "WRITE": False})

    def test_the_agent(self) -> None:
        answers: list[tuple[int, str]] = []

        class Agent(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = answers.pop(0)
                if self.path != "/applications/a%2Fb/environments/e/configurations/p":
                    status, text = 404, ""
                self.send_response(status)
                self.send_header("Configuration-Version", "7")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Agent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        source = agent("a/b", "e", "p", url=f"http://127.0.0.1:{server.server_port}/")
        answers += [(200, document(True, True)), (404, ""), (200, ""), (429, ""), (500, "")]
        self.assertEqual(source.read(DECLARED, 5), Reading(document(True, True), "7"))
        self.assertIn("no such configuration", source.read(DECLARED, 5).none or "")
        self.assertIn("nothing has been deployed", source.read(DECLARED, 5).none or "")
        with self.assertRaises(Throttled):
            source.read(DECLARED, 5)
        with self.assertRaisesRegex(RuntimeError, "answers 500"):
            source.read(DECLARED, 5)


class DataApi(unittest.TestCase):
    """As AppConfig: a token is good for one call, and an unchanged document comes back empty."""

    def setUp(self) -> None:
        self.document, self.tokens, self.sessions = document(True, True), {}, []
        self.refusal: str | None = None
        self.tokens: dict[str, str | None]
        self.sessions: list[dict[str, Any]]
        self.source = data_api("a", "e", "p", client=self)

    def start_configuration_session(self, **at: Any) -> dict[str, str]:
        self.sessions.append(at)
        token = f"session-{len(self.sessions)}"
        self.tokens[token] = None
        return {"InitialConfigurationToken": token}

    def get_latest_configuration(self, ConfigurationToken: str) -> dict[str, Any]:
        if self.refusal:
            raise ClientError(self.refusal)
        if ConfigurationToken not in self.tokens:
            raise ClientError("BadRequestException")
        served = self.tokens.pop(ConfigurationToken)
        self.tokens[f"{ConfigurationToken}+"] = self.document
        text = "" if served == self.document else self.document
        return {
            "NextPollConfigurationToken": f"{ConfigurationToken}+",
            "NextPollIntervalInSeconds": 15,
            "VersionLabel": "7",
            "Configuration": BytesIO(text.encode()),
        }

    def test_one_session_which_may_poll_as_often_as_appconfig_allows_at_all(self) -> None:
        self.assertEqual(self.source.read(DECLARED, 5), Reading(document(True, True), "7", 15))
        self.assertEqual(self.source.read(DECLARED, 5), Reading(None, "7", 15))
        self.assertEqual(
            self.sessions,
            [
                {
                    "ApplicationIdentifier": "a",
                    "EnvironmentIdentifier": "e",
                    "ConfigurationProfileIdentifier": "p",
                    "RequiredMinimumPollIntervalInSeconds": 15,
                }
            ],
        )

    def test_a_new_session_after_a_poll_that_came_too_early(self) -> None:
        self.source.read(DECLARED, 5)
        self.refusal = "BadRequestException"
        with self.assertRaises(ClientError):
            self.source.read(DECLARED, 5)
        self.refusal = None
        self.assertEqual(self.source.read(DECLARED, 5).text, document(True, True))
        self.assertEqual(len(self.sessions), 2)

    def test_a_forked_worker_has_a_client_and_a_session_of_its_own(self) -> None:
        made: list[str] = []

        def client(service: str, region_name: str | None, config: Any) -> Any:
            made.append(service)
            return self

        with own_clients(client):
            source = data_api("a", "e", "p")
            for _ in range(2):
                source.read(DECLARED, 5)
            self.assertEqual((made, len(self.sessions)), (["appconfigdata"], 1))
            source.forked()
            self.assertEqual(source.read(DECLARED, 5).text, document(True, True))
        self.assertEqual((made, len(self.sessions)), (["appconfigdata"] * 2, 2))

    def test_throttled_and_absent(self) -> None:
        self.refusal = "ThrottlingException"
        with self.assertRaises(Throttled):
            self.source.read(DECLARED, 5)
        self.refusal = "ResourceNotFoundException"
        self.assertIn("no such configuration", self.source.read(DECLARED, 5).none or "")


class ClientError(Exception):
    """As botocore raises it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Readme(unittest.TestCase):
    def test_its_app_runs_as_it_stands_there(self) -> None:
        readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
        code = readme.split("```python\n")[1].split("```")[0]
        names: dict[str, Any] = {}
        exec(compile(code, "README.md", "exec"), names)  # noqa: S102
        begun: list[str] = []

        def ask(path: str) -> Any:
            environ = {"PATH_INFO": path}
            return json.loads(b"".join(names["app"](environ, lambda status, _: begun.append(status))))

        self.assertEqual(ask("/"), {"from": "memory", "ranking": "old"})
        told = ask("/flags")
        self.assertEqual(told["flags"], {"SEARCH_DB_READ": False, "SEARCH_DB_WRITE": False, "SEARCH_NEW_RANKING": 0})
        self.assertEqual(told["evaluated"]["SEARCH_DB_READ"]["count"], 1)
        self.assertEqual(begun, ["200 OK", "200 OK"])
        names["flags"].stop()
        names["metrics"].stop()
