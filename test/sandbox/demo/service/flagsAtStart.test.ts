import { describe, expect, it } from "vitest";
import { readAtStart } from "../../../../sandbox/demo/service/flagsAtStart";

/** A watcher whose polls end as told, one after the other; the last one for good. */
function watcher(...ends: (Error | "answered" | "ignored")[]) {
  const state = { polls: 0, answered: false };
  return Object.assign(state, {
    poll: async () => {
      const end = ends[Math.min(state.polls++, ends.length - 1)];
      if (end instanceof Error) throw end;
      state.answered = end === "answered";
    },
  });
}

const missing = Object.assign(new Error("no such application"), { name: "ResourceNotFoundException" });

describe("flags that are read at the start", () => {
  it("are asked for until they are answered, and then no more", async () => {
    const one = watcher(new Error("ECONNREFUSED"), "answered");
    await readAtStart(one);
    expect(one).toMatchObject({ polls: 2, answered: true });
  });

  it("are off where no rollout has come into being", async () => {
    const one = watcher(missing);
    await readAtStart(one);
    expect(one).toMatchObject({ polls: 1, answered: false });
  });

  it.each<[string, Error | "ignored", RegExp]>([
    ["nobody answers", new Error("ECONNREFUSED"), /cannot be read: ECONNREFUSED/],
    ["new configuration is ignored", "ignored", /new configuration is ignored/],
  ])("are not taken for off where %s: nothing starts", async (_, end, why) => {
    await expect(readAtStart(watcher(end), 0)).rejects.toThrow(why);
  });
});
