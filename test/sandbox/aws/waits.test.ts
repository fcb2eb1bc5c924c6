import { expect, it } from "vitest";
import { aws } from "../../../sandbox/aws/plugin/plugin";
import { waiting } from "../../../sandbox/aws/plugin/waits";

const QUEUE = "aws:sqs/queue:Queue";
const TOPIC = "aws:sns/topic:Topic";

/** Rows of these types whose calls are over at once. */
function rows() {
  const row = { ...(aws.rows[QUEUE] as NonNullable<(typeof aws.rows)[string]>) };
  const quick = { ...row, create: async () => "id", update: async () => {} };
  return { [QUEUE]: quick, [TOPIC]: quick };
}

it.each([
  [{ SANDBOX_PLUGIN_WAITS: "official" }, QUEUE, 25],
  [{ SANDBOX_PLUGIN_WAITS: "official" }, TOPIC, 0],
  [{ SANDBOX_PLUGIN_WAITS: "" }, QUEUE, 0],
  [{}, QUEUE, 0],
])("with %j, a change of %s is waited for %d s", async (env, type, took) => {
  const rested: number[] = [];
  const row = waiting(rows(), env, async (ms) => rested.push(ms))[type];
  expect(await row?.create({} as never, { tagsAll: {} })).toBe("id");
  await row?.update?.({} as never, "id", {}, {});
  expect(rested).toEqual(took === 0 ? [] : [took * 1_000, took * 1_000]);
});

it("knows no type that the plugin does not have", () => {
  const waited = Object.entries(waiting(aws.rows, { SANDBOX_PLUGIN_WAITS: "official" })).filter(
    ([type, row]) => row !== aws.rows[type],
  );
  expect(waited.map(([type]) => type).sort()).toEqual([
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:lambda/function:Function",
    "aws:rds/clusterSnapshot:ClusterSnapshot",
    "aws:rds/snapshot:Snapshot",
    QUEUE,
    "aws:sqs/queuePolicy:QueuePolicy",
  ]);
});
