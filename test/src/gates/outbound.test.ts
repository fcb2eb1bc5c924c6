import { describe, expect, it } from "vitest";
import type { Seen } from "../../../src/gates/observation";
import { outbound, secretsOf } from "../../../src/gates/outbound";
import { observe } from "../../../src/promotion/measure";
import { entry, flags, gateOf, ledger, sqlGate, stage } from "../../support/build";

const SECRET = "s3cr3t-of-a-role";
const value = (of: unknown): Seen => ({ kind: "value", value: of });
const said = (text: string): Seen => ({ kind: "check", holds: false, said: text });

describe("what is seen is kept", () => {
  it.each<[string, Seen]>([
    ["a number", value(7)],
    ["text", value("012")],
    ["null", value(null)],
    ["a value that is compared as it is", value("two  blanks\u202e")],
    [
      "servers",
      { kind: "servers", servers: [{ server: "ops-1.internal.example.com", flags: { READ: true } }] },
    ],
    ["an answer", { kind: "answer", status: 200, ms: 3, value: "open" }],
  ])("as it is: %s", (_, seen) => {
    expect(outbound(seen, [SECRET])).toEqual(seen);
  });

  it.each<[string, Seen, object]>([
    ["a secret in what a check says", said(`answered ${SECRET}`), { said: "answered [secret]" }],
    ["a secret in base64", said(Buffer.from(`u:${SECRET}`).toString("base64")), { said: "d[secret]" }],
    [
      "a secret of a server's error",
      { kind: "servers", servers: [{ server: "a", error: SECRET }] },
      { servers: [{ server: "a", error: "[secret]" }] },
    ],
    ["a text without end", said("a".repeat(1_000_000)), { said: `${"a".repeat(1_999)}…` }],
    ["what moves the cursor", said("a\u001b[2J\u202eb\u009bc\nd"), { said: "a [2J b c d" }],
    [
      "a value that is a secret",
      value(SECRET),
      {
        kind: "failure",
        failure: "bad-answer",
        message: "the value holds what looks like a secret, and is not kept",
      },
    ],
    [
      "a value of 12 MB",
      value("a".repeat(12 << 20)),
      { kind: "failure", message: "the value has 12582912 characters; at most 1000 are compared" },
    ],
    [
      "an answer's value of 2 MB",
      { kind: "answer", status: 200, ms: 1, value: "b".repeat(2 << 20) },
      { kind: "failure", failure: "bad-answer" },
    ],
  ])("without %s", (_, seen, expected) => {
    expect(outbound(seen, [SECRET])).toMatchObject(expected);
  });
});

describe("an observation", () => {
  const sources = {
    ledger: ledger(flags(true, false), [entry(2)]),
    live: "stageA",
    promoted: stage("stageB"),
    parameters: {},
    service: { url: "http://127.0.0.1:9", tokens: { admin: SECRET } },
    region: "eu-central-1",
    timeScale: 1,
  };

  it("has no token in it, and nothing secret of the environment, whatever a check says or throws", async () => {
    const gate = gateOf("E3", { source: "check", check: "mine" });
    const leak = `${SECRET} ${encodeURIComponent("p@ss:word/1")}`;
    for (const mine of [async () => leak, async () => Promise.reject(new RangeError(leak))]) {
      const observation = await observe(gate, { ...sources, checks: { mine } }, undefined, {
        MY_TOKEN: "p@ss:word/1",
      });
      expect(JSON.stringify(observation)).toContain("[secret] [secret]");
    }
  });

  it("has no password of the gate role in it", async () => {
    const database = {
      host: "h",
      port: 1,
      database: "d",
      user: "u",
      password: "pw-of-the-gate",
      ssl: "require",
      schema: "s",
    } as const;
    expect(secretsOf({ service: sources.service, database }, ["env"])).toEqual([
      SECRET,
      "pw-of-the-gate",
      "env",
    ]);
    const sql = {
      observe: async (): Promise<Seen> => ({
        kind: "failure",
        failure: "refused",
        message: "no pw-of-the-gate",
      }),
      close: async () => {},
    };
    const seen = (await observe(sqlGate("A1"), { ...sources, checks: {}, database }, sql, {})).seen;
    expect(seen).toEqual({ kind: "failure", failure: "refused", message: "no [secret]" });
  });
});
