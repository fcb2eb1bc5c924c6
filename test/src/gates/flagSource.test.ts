import { describe, expect, it } from "vitest";
import { sourceSaid, type Told } from "../../../src/gates/flagSource";

const FLAGS = ["READ", "WRITE"];
const declared = { source: "data.source", at: "data.flags", path: "/flags" };
const silent = { at: "data.flags", path: "/flags" };
const answering = (data: unknown, status = 200): Told => ({ status, json: { data } });

describe("where a server's flags come from", () => {
  it.each<[string, Told, string, string]>([
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
    ["an error", { status: 500 }, "unknown", "answered 500"],
    ["somewhere else", { status: 302 }, "unknown", "answered 302"],
    ["that it may not say", { status: 401 }, "unknown", "answered 401"],
    ["that it is not there", { error: "ECONNREFUSED" }, "unknown", "could not be asked: ECONNREFUSED"],
    ["that the report is gone", { status: 404 }, "done", "answers 404 at /flags: its report is gone"],
    ["that the report is gone for good", { status: 410 }, "done", "answers 410"],
  ])("is read where it says %s", (_, told, kind, says) => {
    const said = sourceSaid("ops-1:80", told, declared, FLAGS);
    expect(said).toMatchObject({ server: "ops-1:80", kind });
    expect(said.says).toContain(says);
  });

  it.each<[string, Told, string, string]>([
    [
      "all flags",
      answering({ flags: { READ: true, WRITE: true } }),
      "unknown",
      "still reports READ, WRITE, and",
    ],
    ["one flag", answering({ flags: { READ: true } }), "unknown", "still reports READ, and does not say"],
    ["others' flags", answering({ flags: { OTHER: true } }), "done", "none of the flags at data.flags"],
    ["no flags", answering({}), "done", "none of the flags"],
    ["no JSON", { status: 200 }, "unknown", "valid JSON"],
    ["an error", { status: 503 }, "unknown", "answered 503"],
    ["a report that is gone", { status: 410 }, "done", "410"],
  ])("is taken from its report where it names no source: %s", (_, told, kind, says) => {
    const said = sourceSaid("ops-1:80", told, silent, FLAGS);
    expect(said.kind).toBe(kind);
    expect(said.says).toContain(says);
  });

  it("shows no more than a word of what it says", () => {
    const said = sourceSaid("a", answering({ source: `c\u001b[2J${"x".repeat(1_000)}` }), declared, FLAGS);
    expect(said.says.length).toBeLessThan(120);
    expect(said.says).not.toContain("\u001b");
  });
});
