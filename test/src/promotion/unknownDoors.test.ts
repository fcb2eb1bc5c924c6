import { beforeEach, expect, test, vi } from "vitest";
import { documentSchema } from "../../../src/flags/document";
import { withStore } from "../../../src/promotion/flagStore";
import { unknownDoors } from "../../../src/promotion/unknownDoors";
import { doorsOf } from "../../../src/rollout/doors";
import {
  baseline,
  entry,
  flags,
  ledger,
  opsFlags,
  rollout,
  settings,
  stageA,
  stageB,
} from "../../support/build";

vi.mock("../../../src/promotion/flagStore");

const irreversible = { floor: "stageA", because: "the memory is gone" };
const spec = rollout({ stages: [baseline, stageA, { ...stageB, irreversible }] });
const at = (stage: (typeof spec.stages)[number]) => ({
  ...{ rollout: spec, stage, settings, checks: {} },
  foundation: {} as never,
});
const live = ledger(flags(true, false), [entry(2)]);
const schema = vi.fn<() => Promise<string | undefined>>();

beforeEach(() => {
  vi.mocked(withStore).mockImplementation(async (_, work) => work({ schema } as never));
  schema.mockReset();
});

test("a door that the flag store knows as config has it, is gone through", async () => {
  schema.mockResolvedValue(documentSchema(opsFlags, doorsOf(spec)));
  expect(await unknownDoors(at({ ...stageB, irreversible }), live)).toEqual([]);
});

test.each<[string, string | undefined]>([
  ["does not know it", documentSchema(opsFlags)],
  ["has no schema", undefined],
  ["knows another floor", documentSchema(opsFlags, [{ ...doorsOf(spec)[0], floor: {} } as never])],
])("where the flag store %s, the first stage has to be brought up first", async (_, found) => {
  schema.mockResolvedValue(found);
  expect(await unknownDoors(at({ ...stageB, irreversible }), live)).toEqual([
    expect.objectContaining({
      where: "stage stageB",
      remedy: expect.stringContaining("pulumi up -s baseline"),
    }),
  ]);
});

test("where that cannot be read, it is not gone through", async () => {
  schema.mockRejectedValue(new Error("AccessDeniedException"));
  expect(await unknownDoors(at({ ...stageB, irreversible }), live)).toEqual([
    expect.objectContaining({ where: "AppConfig", what: expect.stringContaining("AccessDeniedException") }),
  ]);
});

test("a stage before the door asks for nothing", async () => {
  expect(await unknownDoors(at(stageA), live)).toEqual([]);
  expect(schema).not.toHaveBeenCalled();
});
