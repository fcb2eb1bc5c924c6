import { describe, expect, it, test } from "vitest";
import { failed } from "../../../../src/aws/failure";
import { readIdentity } from "../../../../src/gates/dumps/identity";
import { IDENTITY_QUERY, identityIn } from "../../../../src/gates/dumps/manifest";
import { kindOf } from "../../../../src/gates/gate";
import type { Sources } from "../../../../src/gates/look";
import type { Seen } from "../../../../src/gates/observation";
import { gateOf } from "../../../support/build";

const gate = gateOf("B7", { source: "backup" });
const OPS = { system: "7713876296018420609", database: "ops view" };
const ANSWER: Seen = { kind: "value", value: "7713876296018420609 ops view" };

describe("which database the gates read", () => {
  it("is asked from here", async () => {
    const asked: unknown[] = [];
    const sql = {
      observe: async (question: unknown) => {
        asked.push(question);
        return ANSWER;
      },
    };
    expect(await readIdentity(gate, { sql } as unknown as Sources)).toEqual(OPS);
    expect(asked).toMatchObject([{ query: IDENTITY_QUERY }]);
  });

  it("is asked from within its network, where the rollout looks from there", async () => {
    const asked: (typeof gate)[] = [];
    const away = {
      look: async (gates: readonly (typeof gate)[]) => {
        asked.push(...gates);
        return [{ seen: ANSWER }];
      },
    };
    expect(await readIdentity(gate, { away } as unknown as Sources)).toEqual(OPS);
    expect(asked).toMatchObject([{ id: "B7", definition: { source: "sql", query: IDENTITY_QUERY } }]);
    expect(asked.every(({ definition }) => kindOf(definition).inNetwork)).toBe(true);
  });

  test.each<[string, Partial<Sources>, string]>([
    ["where there is no database", {}, "the rollout declares no database"],
    [
      "where it does not let anybody in",
      { sql: { observe: async () => failed("refused", "no"), close: async () => {} } },
      "no",
    ],
    [
      "where it answers with something else",
      { sql: { observe: async () => ({ kind: "value", value: 3 }), close: async () => {} } },
      "the database does not say which server it is on",
    ],
    [
      "where nobody answers from within",
      { away: { look: async () => [] } },
      "the database does not say which server it is on",
    ],
  ])("is not known %s", async (_, sources, message) => {
    expect(await readIdentity(gate, sources as Sources)).toMatchObject({ kind: "failure", message });
  });

  test.each([undefined, null, "", "ops", "77 ", "x ops", " 77 ops"])("is not %j", (value) => {
    expect(identityIn(value)).toBeUndefined();
  });
});
