import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checksOf } from "../../../rollouts/checks";
import type { CheckGate } from "../../../src/gates/kinds/check";
import { observeCheck } from "../../../src/gates/kinds/check.look";
import type { Seen } from "../../../src/gates/observation";
import { loadRollout } from "../../../src/rollout/load";
import { gateOf } from "../../support/build";
import { type Faults, operationsView, type World } from "./service";

/** The checks whose requests change something, as the stacks say so. */
const WRITING = loadRollout(join(__dirname, "..", "..", "..")).stages.flatMap(({ smoke }) =>
  Object.values(smoke).flatMap((gate) => (gate.source === "check" && gate.writes ? [gate.check] : [])),
);

const mine = checksOf("ops-view") ?? {};

async function run(
  check: string,
  faults: Faults = {},
): Promise<{ seen: Seen; world: World; before: number }> {
  const world = await operationsView(faults);
  const before = world.items.length;
  const gate = gateOf("E3", { source: "check", check, timeout: "5s" }).definition as CheckGate;
  const { service, sql } = world;
  const parameters = { workspace: "ws-ops", analyst: "analyst" };
  const sources = { checks: mine, service, sql, parameters, timeScale: 1 };
  const seen = await observeCheck(gate, sources, WRITING.includes(check));
  return { seen, world, before };
}

/** What each check says of a service that gets one thing wrong. */
const faults: Record<string, [fault: Faults, said: string][]> = {
  "analyst-sees-own-items": [
    [{ analystSeesNothing: true }, "the analyst sees no items at all, so nothing is known about their scope"],
    [{ analystSeesAnothersToo: true }, "the analyst sees items of 2 authors"],
    [{ analystSeesAnothersOnly: true }, "the items that the analyst sees are someone else's"],
    [{ listIsNone: true }, "GET /patches as analyst holds no list of items"],
  ],
  "role-scoping": [
    [{ analystSeesAnothersToo: true }, "the analyst sees items of 2 authors"],
    [{ adminSeesOneAuthor: true }, "the admin sees the items of one author only"],
    [{ verifierSeesDrafts: true }, "the verifier sees 2 drafts"],
    [{ verifierSeesNothing: true }, "the verifier sees no items at all"],
    [{ verifierSeesForeignItems: true }, "the verifier sees items that the admin does not"],
  ],
  "queue-matches-items": [
    [{ queueIsOff: 1 }, "the queue counts 6, the database 5: off by 20.0 %"],
    [{ queueIsOff: -5 }, "the queue counts 0, the database 5: off by 100.0 %"],
    [{ queueTellsNone: true }, "the queue tells no total"],
    [{ databaseIsEmpty: true }, "the database holds no items of the workspace"],
  ],
  "patch-is-written": [
    [{ createAnswers: 503 }, "POST /patches as analyst answered 503, not 201"],
    [{ createdWithoutVersion: true }, "POST /patches answers without id and version"],
    [{ moveAnswers: 500 }, "PATCH /patches/new1 as analyst answered 500, not 200"],
    [{ moveChangesNothing: true }, "the patch is Draft, not Submitted"],
    [{ versionStays: true }, "its version did not rise from 1"],
    [{ notStored: true }, "the patch is not in the database"],
  ],
  "rfi-is-written": [
    [{ createAnswers: 500 }, "POST /rfis as analyst answered 500, not 201"],
    [{ moveAnswers: 404 }, "PATCH /rfis/new1 as analyst answered 404, not 200"],
    [{ moveChangesNothing: true }, "its custody is open, not awaiting_verifier"],
  ],
  "stale-version-is-refused": [
    [{ staleIsTaken: true }, "a stale version answered 200, not 409"],
    [{ staleSaysAnother: true }, "the 409 says CONFLICT, not STALE_VERSION"],
    [{ createAnswers: 500 }, "POST /patches as analyst answered 500, not 201"],
    [{ moveAnswers: 500 }, "the first change answered 500, not 200"],
    [{ moveIsAlwaysStale: true }, "the first change answered 409, not 200"],
  ],
  "batches-are-deduplicated": [
    [{ batchFirstAnswers: 500 }, "the first submission answered 500, not 201"],
    [{ batchSecondAnswers: 201 }, "the second submission answered 201, not 200"],
    [{ batchTwice: true }, "the two submissions made two batches"],
    [{ batchTwiceStored: true }, "the database holds 2 batches of it"],
  ],
};

test("every check of the rollout is tried here", () => {
  expect(Object.keys(faults).sort()).toEqual(Object.keys(mine).sort());
});

describe.each(Object.keys(faults))("%s", (check) => {
  test("holds on a service that does as it should, and says what it saw", async () => {
    const { seen } = await run(check);
    expect(seen).toEqual({ kind: "check", holds: true, said: expect.stringMatching(/\w+ \w+|\d/) });
  });

  test.each(faults[check] ?? [])("does not hold: %j", async (fault, said) => {
    expect((await run(check, fault)).seen).toEqual({ kind: "check", holds: false, said });
  });

  test("leaves nothing behind, whether it holds or not", async () => {
    for (const fault of [{}, ...(faults[check] ?? []).map(([one]) => one)]) {
      // An item whose id the service does not tell cannot be named to take it away.
      if ("createdWithoutVersion" in fault) continue;
      const { world, before } = await run(check, fault);
      expect(world.items, JSON.stringify(fault)).toHaveLength(before);
    }
  });

  test("changes nothing unless its gate says that it writes", async () => {
    for (const fault of [{}, ...(faults[check] ?? []).map(([one]) => one)]) {
      const { world } = await run(check, fault);
      const changing = world.asked.filter(({ method }) => method !== "GET");
      if (!WRITING.includes(check)) expect(changing, JSON.stringify(fault)).toEqual([]);
    }
  });

  test("tells no token", async () => {
    for (const fault of [{}, ...(faults[check] ?? []).map(([one]) => one)])
      expect(JSON.stringify((await run(check, fault)).seen)).not.toContain("token-of");
  });
});

test("the queue may be off by 5 %, and not by more", async () => {
  const sql = (value: number): World["sql"] => ({
    close: async () => {},
    observe: async () => ({ kind: "value", value }),
  });
  const { service } = await operationsView({ queueIsOff: 95 });
  const gate = gateOf("E2", { source: "check", check: "queue-matches-items" }).definition as CheckGate;
  const holds = async (known: number) => {
    const parameters = { workspace: "ws-ops" };
    const sources = { checks: mine, service, sql: sql(known), parameters, timeScale: 1 };
    const seen = await observeCheck(gate, sources);
    return (seen as { holds?: boolean }).holds;
  };
  // The queue counts 100.
  expect(await Promise.all([95, 96, 100, 105, 106].map(holds))).toEqual([false, true, true, true, false]);
});
