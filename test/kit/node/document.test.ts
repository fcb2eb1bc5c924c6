import { describe, expect, it, test } from "vitest";
import { type Declarations, Flags, inCode } from "../../../kit/node/src";
import { parseDocument } from "../../../kit/node/src/document";
import { Snapshot } from "../../../kit/node/src/snapshot";
import { vectors } from "../vectors";

describe("a document", () => {
  it.each(vectors.documents)("$name", ({ flags, document, whole = false, values, refused }) => {
    const parsed = parseDocument(flags, document, whole);
    if (values) expect(parsed).toMatchObject({ ok: true, values });
    else expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(refused ?? "") });
    expect(JSON.stringify(parsed)).not.toContain("sekret");
  });

  it("says which flags it lacks, and hands on the drill's token alone", () => {
    const flags = { READ: { type: "boolean" }, WRITE: { type: "boolean" } } as const;
    expect(parseDocument(flags, '{"READ":true,"_cutover":{"drill":"d-1","attempt":2}}', false)).toEqual({
      ok: true,
      values: { READ: true, WRITE: false },
      missing: ["WRITE"],
      drill: "d-1",
    });
  });
});

test.each(vectors.answers)("$name: $flag is on: $on", ({ flags, document, flag, key, on, state }) => {
  const parsed = parseDocument(flags, JSON.stringify(document), false);
  if (!parsed.ok) throw new Error(parsed.problem);
  const snapshot = new Snapshot(flags, parsed.values, "1");
  expect(snapshot.isOn(flag, key)).toBe(on);
  if (state !== undefined) expect(snapshot.state(flag, key)).toBe(state);
  else expect(() => snapshot.state(flag, key)).toThrow("has no states");
});

test.each<[Declarations, string]>([
  [{ R: { type: "states", states: ["only"] } }, "R.states must be two names or more, each once"],
  [{ R: { type: "states", states: ["a", "b", "a"] } }, "R.states must be two names or more, each once"],
  [{ R: { type: "states", states: ["a", "b"], off: "c" } }, "R.off must be one of its states"],
  ...["a", "c", 1].map((atLeast): [Declarations, string] => [
    {
      R: { type: "states", states: ["a", "b"] },
      BAN: { type: "boolean", requires: [{ flag: "R", atLeast }] },
    },
    "BAN.requires: atLeast must be a state of R that is not its off",
  ]),
])("states that cannot be are refused: %j", (declared, told) => {
  expect(() => new Flags({ flags: declared, source: inCode({}) })).toThrow(told);
});

describe("declarations that contradict each other are refused at once, all of them", () => {
  const refusal = (flags: unknown) => {
    try {
      new Flags({ flags: flags as Declarations, source: inCode({}) });
    } catch (error) {
      return String(error);
    }
    return "taken";
  };

  it.each<[string, unknown, string[]]>([
    [
      "a requirement that is not declared",
      { A: { type: "boolean", requires: ["B"] } },
      ["A.requires names B"],
    ],
    [
      "a type that there is not",
      { A: { type: "text" }, B: { type: "percentage", off: 50 } },
      ["A.type", "B.off"],
    ],
    [
      "points of a boolean",
      { A: { type: "boolean", requires: [{ flag: "B", atLeast: 5 }] }, B: { type: "boolean" } },
      ["A.requires asks B for atLeast"],
    ],
    [
      "no points",
      { A: { type: "boolean", requires: [{ flag: "B", atLeast: 0 }] }, B: { type: "percentage" } },
      ["atLeast must be above 0"],
    ],
    ["the document's own key", { _cutover: { type: "boolean" } }, ["no name for a flag"]],
    [
      "a circle",
      { A: { type: "boolean", requires: ["B"] }, B: { type: "boolean", requires: ["A"] } },
      ["A requires itself", "B requires itself"],
    ],
  ])("%s", (_, flags, said) => {
    for (const one of said) expect(refusal(flags)).toContain(one);
  });
});
