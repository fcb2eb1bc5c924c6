import { describe, expect, it } from "vitest";
import { allServices } from "../../../../sandbox/aws/front/services";
import { appconfig } from "./rows/appconfig";
import { clients, type Row, type Rows } from "./rows/ask";
import { cloudwatch } from "./rows/cloudwatch";
import { functions } from "./rows/functions";
import { names } from "./rows/names";
import { openFront } from "./world";

/** One row for each rule of the front. */
const ROWS: Rows = { ...cloudwatch, ...appconfig, ...functions, ...names };

const RULES = allServices().services.flatMap(({ rules }) => rules);

it("has a row for each rule, and no other", () => {
  expect(Object.keys(ROWS).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

it("says of each call that it answers what it does beyond the emulator, and where AWS says what it refuses", () => {
  for (const { name, answers = {}, mends = {}, rules, reference } of allServices().services) {
    expect(Object.keys(mends).sort(), name).toEqual(Object.keys(answers).sort());
    for (const { source } of rules)
      expect(source ?? reference).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  }
});

describe.each(RULES)("$id: $refuses", ({ id, code, operations }) => {
  const row = ROWS[id] as Row;

  it.each(row.refused.map((ask, index) => [index, ask] as const))("is refused (%i)", async (_index, ask) => {
    const front = await openFront();
    const error = (await ask(clients(front), front).catch((thrown) => thrown)) as Error & { Code?: string };
    expect([error.name, error.Code]).toContain(code);
    expect(error.message).toMatch(row.message);
    const names = front.asked.map(({ what }) => what);
    for (const operation of operations) expect(names).not.toContain(operation);
  });

  it.each(row.taken.map((ask, index) => [index, ask] as const))(
    "what AWS takes is taken (%i)",
    async (_index, ask) => {
      const front = await openFront();
      await ask(clients(front), front);
    },
  );
});
