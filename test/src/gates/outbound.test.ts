import { describe, expect, it } from "vitest";
import type { Seen } from "../../../src/gates/observation";
import { outbound, secretsOf } from "../../../src/gates/outbound";
import { observe } from "../../../src/promotion/measure";
import { entry, flags, gateOf, ledger, sqlGate, stage } from "../../support/build";

const SECRET = "s3cr3t-of-a-role";
const value = (of: unknown): Seen => ({ kind: "value", value: of });
const CONTROLS = {
  failure: "bad-answer",
  message: "the value holds characters that control a terminal, and is not kept",
};
const said = (text: string): Seen => ({ kind: "check", holds: false, said: text });

describe("what is seen is kept", () => {
  it.each<[string, Seen]>([
    ["a number", value(7)],
    ["text", value("012")],
    ["null", value(null)],
    ["a value that is compared as it is", value("two  blanks\n\tזה")],
    [
      "servers",
      { kind: "servers", servers: [{ server: "ops-1.internal.example.com", flags: { READ: true } }] },
    ],
    ["an answer", { kind: "answer", status: 200, ms: 3, value: "open" }],
    [
      "what each server says, which is compared as it is",
      {
        kind: "everyServer",
        servers: ["2.5.0\u200b", " 2.5.0\n", 7, {}].map((one) => ({ server: "a", value: one })),
      },
    ],
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
    ["a value that turns what stands behind it", value("x\u202e"), CONTROLS],
    ["a value that clears the screen", { kind: "answer", status: 200, ms: 1, value: "x\u001b[2J" }, CONTROLS],
    ["a number that is a secret", value(4111111111111111), { failure: "bad-answer" }],
    [
      "what one of the servers says and cannot be kept",
      {
        kind: "everyServer",
        servers: [
          { server: "a", value: "2.5.0\u0000" },
          { server: "b", value: SECRET },
          { server: "c", value: "2.5.0" },
        ],
      },
      {
        kind: "everyServer",
        servers: [
          { server: "a", error: CONTROLS.message },
          { server: "b", error: "the value holds what looks like a secret, and is not kept" },
          { server: "c", value: "2.5.0" },
        ],
      },
    ],
    ["a secret below a value", value([{ value: SECRET }]), { value: [{ value: "[secret]" }] }],
    [
      "a secret or a control character in a name",
      { kind: "servers", servers: [{ server: "a", flags: { [`\u202e\u001b[2J${SECRET}`]: true } }] },
      { servers: [{ server: "a", flags: { "[2J[secret]": true } }] },
    ],
    ["a name without end", value({ ["n".repeat(100_000)]: 1 }), { value: { [`${"n".repeat(199)}…`]: 1 } }],
    [
      "more names than anybody declares",
      value(Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`f${at}`, true]))),
      { failure: "bad-answer", message: "what was seen has more than 20000 values, and is not kept" },
    ],
    [
      "many long texts",
      value(Array(10_000).fill("abcdefghij".repeat(100))),
      { failure: "bad-answer", message: "what was seen has more than 500000 characters, and is not kept" },
    ],
    [
      "what never ends downwards",
      value(Array.from({ length: 5_000 }).reduce<unknown>((inner) => [inner], 1)),
      {
        failure: "bad-answer",
        message: "what was seen has values below each other 20 deep and more, and is not kept",
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
    const kept = outbound(seen, [SECRET, "4111111111111111"]);
    expect(kept).toMatchObject(expected);
    expect(JSON.stringify(kept).length).toBeLessThan(3_000);
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
