import { join } from "node:path";
import { expect, test } from "vitest";
import { renderRunbook } from "../../../cli/runbook/render";
import { deliveryMap } from "../../../src/delivery/registry";
import { loadRollout } from "../../../src/rollout/load";
import { requireStage } from "../../../src/rollout/rollout";

const ops = loadRollout(join(__dirname, "..", "..", ".."));
const delivery = deliveryMap.parse({
  writes: {
    kind: "render",
    service: "srv-cabc123456789",
    secret: "ops-view/render",
    flags: ["OPS_VIEW_DB_WRITE"],
  },
  reads: { kind: "ssm", path: "/ops-view/flags", flags: ["OPS_VIEW_DB_READ"], within: "3m" },
});

test("a runbook says which platforms follow, in which order, and what is typed where one does not", () => {
  const rollout = { ...ops, delivery };
  const markdown = renderRunbook(rollout, requireStage(rollout, "stageB"), {});
  expect(markdown).toContain(
    [
      "Carried on by themselves in this order, and on the way down in the other, to:",
      "",
      "| Delivery | Where to | May take | Goes up after |",
      "| --- | --- | --- | --- |",
      "| reads | SSM parameters, parameters below /ops-view/flags | 3m | the ledger |",
      "| writes | Render, service srv-cabc123456789 | 10m | reads |",
    ].join("\n"),
  );
  expect(markdown).toContain(
    "npm run cutover -- env --rollout ops-view -d reads\nnpm run cutover -- env --rollout ops-view -d writes",
  );
  expect(markdown).toContain("It carries the flags on to `writes` (within 10m), then `reads` (within 3m).");
});

test("a rollout without deliveries has no word of them", () => {
  expect(renderRunbook(ops, requireStage(ops, "stageB"), {})).not.toMatch(/arried on|carries the flags on/);
});
