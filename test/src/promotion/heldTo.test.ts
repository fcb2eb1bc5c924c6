import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { readHeldTo } from "../../../src/promotion/heldTo";
import { HELD_TO } from "../../../src/promotion/recorded";
import { unweakened } from "../../support/build";

vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));
const invoke = vi.spyOn(pulumi.runtime, "invoke");
afterEach(() => invoke.mockReset());

const held = { definitions: unweakened.now, weakened: [] };
const settings = { organization: "acme", project: "ops-view" };
const read = () => readHeldTo({ name: "stageA" }, settings);

test("what a stage was held to is read from its stack's outputs", async () => {
  invoke.mockResolvedValue({ name: "", outputs: { [HELD_TO]: held } });
  expect(await read()).toEqual(held);
  expect(invoke.mock.calls).toEqual([["pulumi:pulumi:readStackOutputs", { name: "acme/ops-view/stageA" }]]);
});

test.each([
  ["a stack that put nothing out", {}],
  ["no outputs at all", { name: "" }],
  ["a run that flipped nothing", { outputs: { [HELD_TO]: null } }],
])("nothing was written down by %s", async (_, answer) => {
  invoke.mockResolvedValue(answer);
  expect(await read()).toBeUndefined();
});

test("a checkpoint that is being written is read again", async () => {
  invoke.mockRejectedValueOnce(new Error("failed to load checkpoint: EOF"));
  invoke.mockRejectedValueOnce(new Error("failed to load checkpoint: unexpected end of JSON input"));
  invoke.mockResolvedValue({ outputs: { [HELD_TO]: held } });
  expect(await read()).toEqual(held);
});

test("what stays unreadable, or is of another kind, is not taken for nothing", async () => {
  invoke.mockRejectedValue(new Error("failed to load checkpoint: EOF"));
  await expect(read()).rejects.toThrow("EOF");
  invoke.mockResolvedValue({ outputs: { [HELD_TO]: { definitions: { version: 2 } } } });
  await expect(read()).rejects.toThrow();
});
