import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { readKept } from "../../../src/promotion/readKept";
import { UserError } from "../../../src/text/problem";

vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));
const invoke = vi.spyOn(pulumi.runtime, "invoke");
afterEach(() => invoke.mockReset());

const record = { attempt: 1, atFlip: null, settlement: null };
const state = (output: unknown) => ({
  outputs: {
    "urn:pulumi:stageA::ops-view::cutover:index:Stage$pulumi:index:Stash::stageA-record": {
      type: "pulumi:index:Stash",
      outputs: { output },
    },
  },
});
const read = (kind: "raise" | "restart" | "none" | "lower" | "refused") =>
  readKept({ name: "stageA" }, { organization: "acme", project: "ops-view" }, { kind });

test("what is kept is read from the state of the stage's own stack", async () => {
  invoke.mockResolvedValue(state(record));
  expect(await read("raise")).toEqual({ ok: true, value: [record] });
  expect(invoke.mock.calls).toEqual([
    ["pulumi:pulumi:readStackResourceOutputs", { stackName: "acme/ops-view/stageA" }],
  ]);
});

test.each([
  ["a stack without a state", { name: "" }],
  ["a stack without resources", { outputs: {} }],
])("nothing is kept by %s", async (_, answer) => {
  invoke.mockResolvedValue(answer);
  expect(await read("raise")).toEqual({ ok: true, value: [] });
});

test("a checkpoint that is being written is read again", async () => {
  invoke.mockRejectedValueOnce(new Error("failed to load checkpoint: EOF"));
  invoke.mockResolvedValue(state(record));
  expect(await read("raise")).toEqual({ ok: true, value: [record] });
});

test.each<[string, () => void, string]>([
  ["cannot be read", () => invoke.mockRejectedValue(new Error("EOF")), "EOF"],
  ["is of another kind", () => invoke.mockResolvedValue(state("a text")), "not one of this version"],
])("what %s lets nothing be raised, and stops nothing else", async (_, given, why) => {
  given();
  for (const kind of ["raise", "restart"] as const) {
    const refused = await read(kind).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as Error).message).toContain("stack stageA: its state cannot be read");
    expect((refused as Error).message).toContain(why);
  }
  for (const kind of ["none", "lower", "refused"] as const)
    expect(await read(kind)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
});
