import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readFoundation } from "../../../src/promotion/foundationOutputs";
import { readPredecessor } from "../../../src/promotion/predecessor";
import { isUnknownStack, readOutputs } from "../../../src/promotion/stackState";
import { rollout } from "../../components/rollout";

vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));
const invoke = vi.spyOn(pulumi.runtime, "invoke");
afterEach(() => invoke.mockReset());

const at = { organization: "acme", project: "ops-view" };
const EOF = new Error("failed to load checkpoint: EOF");
const UNKNOWN = new Error('unknown stack "acme/ops-view/baseline"');

test("a checkpoint that is being written is read again, and one that stays so is not", async () => {
  invoke.mockRejectedValueOnce(EOF);
  invoke.mockResolvedValue({ outputs: { a: 1 } });
  expect(await readOutputs(at, "stageA")).toEqual({ a: 1 });
  invoke.mockReset();
  invoke.mockRejectedValue(EOF);
  await expect(readOutputs(at, "stageA")).rejects.toThrow("EOF");
  expect(invoke).toHaveBeenCalledTimes(5);
});

test("a stack that is not there is asked for once", async () => {
  invoke.mockRejectedValue(UNKNOWN);
  await expect(readOutputs(at, "baseline")).rejects.toThrow("unknown stack");
  expect(invoke).toHaveBeenCalledTimes(1);
  expect([UNKNOWN, EOF].map(isUnknownStack)).toEqual([true, false]);
});

describe("the stack that all stages stand on", () => {
  const read = () => readFoundation(rollout(), at as never);

  test("is to be brought up where nobody made it yet", async () => {
    invoke.mockRejectedValue(UNKNOWN);
    await expect(read()).rejects.toThrow("Run pulumi up -s baseline first");
  });

  test("is not told to be brought up where it cannot be read", async () => {
    invoke.mockRejectedValue(EOF);
    await expect(read()).rejects.toThrow(
      /baseline: cannot be read: .*EOF\. See to the backend and its secrets/,
    );
  });
});

describe("what became of the predecessor", () => {
  const spec = rollout();
  const [, stageA, stageB] = spec.stages;
  if (!stageA || !stageB) throw new Error("the rollout has two stages after its first");

  test("is read from its own stack", async () => {
    invoke.mockResolvedValue({ outputs: { promotion: { attempt: 2, outcome: "aborted" } } });
    const before = await readPredecessor(spec, stageB, at);
    expect(before).toEqual({ kind: "recorded", attempt: 2, outcome: "aborted" });
    expect(invoke.mock.calls).toEqual([["pulumi:pulumi:readStackOutputs", { name: "acme/ops-view/stageA" }]]);
  });

  test("is not asked of the first stage, which promotes nothing", async () => {
    expect(await readPredecessor(spec, stageA, at)).toEqual({ kind: "unasked" });
    expect(invoke).not.toHaveBeenCalled();
  });

  test.each([
    ["puts none out yet", {}, "the stack stageA puts none out yet"],
    ["puts out another kind", { promotion: { attempt: 0 } }, "the stack stageA puts none out yet"],
  ])("is unreadable where its stack %s", async (_, outputs, why) => {
    invoke.mockResolvedValue({ outputs });
    expect(await readPredecessor(spec, stageB, at)).toEqual({ kind: "unreadable", why });
  });

  test("is unreadable where its stack is, and fails nothing", async () => {
    invoke.mockRejectedValue(EOF);
    expect(await readPredecessor(spec, stageB, at)).toEqual({ kind: "unreadable", why: EOF.message });
  });
});
