import { expect, it, test } from "vitest";
import { renderRunbook } from "../../../cli/runbook/render";
import { loadRollout } from "../../../src/rollout/load";
import type { Rollout, Stage } from "../../../src/rollout/rollout";

const own = loadRollout(`${__dirname}/../../..`);
const GATE = {
  source: "backup",
  title: "A dump of this promotion is whole",
  maxAge: "24h",
  minPercent: 80,
} as const;

function runbookOf(dumps: string | undefined, entry: Stage["entry"] = { B7: GATE }): string {
  const stages = own.stages.map((one) =>
    one.name === "stageB" ? { ...one, attempt: 3, entry: { ...one.entry, ...entry } } : one,
  ) as unknown as Rollout["stages"];
  const rollout = { ...own, stages, ...(dumps === undefined ? {} : { backup: { dumps, queries: {} } }) };
  const place = { rollout: own.name, region: "eu-central-1" };
  const stage = rollout.stages.find(({ name }) => name === "stageB") as Stage;
  return renderRunbook(rollout, stage, { "rollouts/ops-view/rollback/c3.sql": "" }, place);
}

test.each([
  [
    "s3://ops-backups/postgres/",
    "aws s3 cp s3://ops-backups/postgres/ops-view/stageB-3.dump restored.dump --region eu-central-1",
    "aws s3 cp s3://ops-backups/postgres/ops-view/restored.json - --region eu-central-1",
  ],
  [
    "/var/my backups",
    "cp '/var/my backups/ops-view/stageB-3.dump' restored.dump",
    "cat '/var/my backups/ops-view/restored.json'",
  ],
])("says how the data come back from %s, and how long that took", (dumps, fetches, reads) => {
  const [, data = ""] = runbookOf(dumps).split("### The data\n");
  for (const line of [fetches, reads]) expect(data).toContain(line);
  expect(data).toContain('pg_restore --exit-on-error --no-owner --jobs=2 --dbname="${DATABASE_OWNER_URL:?}"');
});

it("names the login that it takes", () => {
  expect(runbookOf("/dumps")).toContain("`DATABASE_OWNER_URL`");
});

test.each([
  ["of a rollout that takes no dumps", undefined, {}],
  ["of a stage that asks for none", "/dumps", {}],
])("says nothing of it %s", (_, dumps, entry) => {
  expect(runbookOf(dumps, entry)).not.toContain("### The data");
});

it("says how each gate is looked at, and what makes it hold", () => {
  const restored = { source: "restored", title: "One came back", maxAge: "30d", within: "30m" } as const;
  const runbook = runbookOf("/dumps", { B7: GATE, B8: restored });
  expect(runbook).toContain("cutover -- backup --rollout ops-view --region eu-central-1 -s stageB");
  expect(runbook).toContain("cutover -- prove-backup --rollout ops-view --region eu-central-1 -s stageB");
});
