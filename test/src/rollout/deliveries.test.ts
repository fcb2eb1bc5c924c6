import { expect, test } from "vitest";
import { deliveryMap } from "../../../src/delivery/registry";
import type { FlagSpecs } from "../../../src/flags/flags";
import { deliveriesInOrder, showAfter } from "../../../src/rollout/deliveries";

const flags: FlagSpecs = {
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
  READ: { kind: "boolean", off: false, requires: [], writes: false },
};
const ssm = { kind: "ssm", path: "/a" };

test("deliveries stand in the order in which flags go up, each with what comes before it", () => {
  const delivery = deliveryMap.parse({
    writes: { ...ssm, flags: ["WRITE"], names: { WRITE: "W" } },
    reads: { ...ssm, path: "/b", flags: ["READ"], within: "3m" },
    both: { ...ssm, path: "/c" },
  });
  const ordered = deliveriesInOrder({ flags, delivery });
  expect(ordered.map(({ name, after, within }) => ({ name, after, within }))).toEqual([
    { name: "reads", after: [], within: "3m" },
    { name: "both", after: [], within: "5m" },
    { name: "writes", after: ["reads", "both"], within: "5m" },
  ]);
  expect(ordered.map(showAfter)).toEqual([undefined, undefined, "up after reads, both, down before"]);
  expect(ordered[2]).toMatchObject({
    to: "SSM parameters, parameters below /a",
    variables: ["W", "CUTOVER_FLAGS_VERSION"],
  });
});

test("a rollout without deliveries has none in any order", () => {
  expect(deliveriesInOrder({ flags })).toEqual([]);
});
