import { describe, expect, it } from "vitest";
import { type FlagAnswer, sourceSaid } from "../../../src/gates/flagSource";

const declared = { source: "data.source", path: "/flags" };
const silent = { path: "/flags" };
const answering = (data: unknown, status = 200): FlagAnswer => ({ status, json: { data } });

describe("where a server's flags come from", () => {
  it.each<[string, FlagAnswer, string, string]>([
    ["AppConfig", answering({ source: "appconfig" }), "appconfig", 'says "appconfig"'],
    ["AppConfig in other letters", answering({ source: "AppConfig" }), "appconfig", 'says "AppConfig"'],
    ["AppConfig as AWS writes it", answering({ source: " AWS AppConfig " }), "appconfig", "AWS AppConfig"],
    ["AppConfig with a dash", answering({ source: "aws-appconfig" }), "appconfig", "aws-appconfig"],
    ["code", answering({ source: "code", flags: { READ: true } }), "done", 'says "code"'],
    ["a word of its own", answering({ source: "release 2.55" }), "done", 'says "release 2.55"'],
    ["nothing", answering({ flags: { READ: true } }), "unknown", "does not say at data.source"],
    ["nothing, without flags", answering({}), "unknown", "does not say at data.source"],
    ["an empty word", answering({ source: " " }), "unknown", "does not say at data.source"],
    ["no word", answering({ source: true }), "unknown", "does not say at data.source"],
    ["a list", answering({ source: ["code"] }), "unknown", "does not say at data.source"],
    ["no JSON", { status: 200 }, "unknown", "answers what is not valid JSON"],
    ["an error", { status: 500 }, "unknown", "answers 500"],
    ["somewhere else", { status: 302 }, "unknown", "answers 302"],
    ["that it may not say", { status: 401 }, "unknown", "answers 401"],
    ["that it is not there", { error: "ECONNREFUSED" }, "unknown", "could not be asked: ECONNREFUSED"],
    ["that the path is not found", { status: 404 }, "unknown", "answers 404 at /flags, and does not say"],
    ["that the report is gone for good", { status: 410 }, "done", "answers 410"],
  ])("is read where it says %s", (_, told, kind, says) => {
    const said = sourceSaid("ops-1:80", told, declared);
    expect(said).toMatchObject({ server: "ops-1:80", kind });
    expect(said.says).toContain(says);
  });

  it.each([
    "AppConfig (eu-central-1)",
    "appconfig-agent",
    "App_Config",
    "appconfig:ops-view/live/flags",
    "AWS::AppConfig",
    "AmazonAppConfig v2",
    "cache of appconfig",
    `${"x".repeat(100)} appconfig`,
  ])("is AppConfig still where it says %s", (source) => {
    expect(sourceSaid("a", answering({ source }), declared).kind).toBe("appconfig");
  });

  it.each<[string, FlagAnswer]>([
    ["all flags", answering({ flags: { READ: true, WRITE: true } })],
    ["none of the flags", answering({ flags: { OTHER: true } })],
    ["a list of flags", answering({ flags: [{ name: "READ", value: true }] })],
    ["nothing", answering({})],
    ["null", { status: 200, json: null }],
    ["a body that is no JSON", { status: 200 }],
    ["an error", { status: 503 }],
    ["that the path is not found", { status: 404 }],
  ])("is not known where no source is declared and it answers %s", (_, told) => {
    const said = sourceSaid("ops-1:80", told, silent);
    expect(said.kind).toBe("unknown");
    expect(said.says).toContain("does not say where its flags come from");
  });

  it("is elsewhere where no source is declared and it answers 410", () => {
    expect(sourceSaid("ops-1:80", { status: 410 }, silent)).toMatchObject({ kind: "done" });
  });

  it("shows no more than a word of what it says", () => {
    const said = sourceSaid("a", answering({ source: `c\u001b[2J${"x".repeat(1_000)}` }), declared);
    expect(said.says.length).toBeLessThan(120);
    expect(said.says).not.toContain("\u001b");
  });
});
