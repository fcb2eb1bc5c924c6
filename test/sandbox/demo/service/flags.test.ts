import { afterEach, describe, expect, it, vi } from "vitest";
import type { Reading, Source } from "../../../../kit/node/src";
import { DECLARED } from "../../../../sandbox/demo/ops-view/flags/document";
import { openServed } from "../../../../sandbox/demo/service/flags";
import type { Loop } from "../../../../sandbox/host/repeat";

const ON = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };
const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };

const SETTINGS = {
  APPCONFIG_APPLICATION: "a",
  APPCONFIG_ENVIRONMENT: "e",
  APPCONFIG_PROFILE: "p",
  FLAGS_IN_CODE: undefined,
  FLAGS_READ: "always",
  FLAGS_POLL_MS: 10,
  FLAGS_WAIT_MS: 0,
} as const;

/** A source whose looks come out as told, one after the other; the last one for good. */
function source(...ends: (Reading | Error)[]): Source & { looks: number } {
  const one = {
    name: "appconfig",
    looks: 0,
    read: async () => {
      const end = ends[Math.min(one.looks++, ends.length - 1)];
      if (end instanceof Error) throw end;
      return end ?? {};
    },
  };
  return one;
}

const text = (flags: object) => ({ text: JSON.stringify(flags), version: "1" });

let loops: Loop[] = [];
const open = (settings: object, from: Source, stuck = () => false) =>
  openServed({ ...SETTINGS, ...settings }, { declared: DECLARED, whole: true, stuck }, loops, from);

afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  loops = [];
});

describe("flags that are read at the start", () => {
  const AT_START = { FLAGS_READ: "start" };

  it("are asked for until they are answered, and then no more", async () => {
    const from = source(new Error("ECONNREFUSED"), text(ON));
    const flags = await open(AT_START, from);
    expect([flags.report().flags, from.looks, loops]).toEqual([ON, 2, []]);
  });

  it("are off where no rollout has come into being", async () => {
    const from = source({ none: "no such application" });
    const flags = await open(AT_START, from);
    expect([flags.report().flags, from.looks]).toEqual([OFF, 1]);
  });

  it("are not taken for off where nobody answers: nothing starts", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const opening = open(AT_START, source(new Error("ECONNREFUSED")));
    const refused = expect(opening).rejects.toThrow(/cannot be read: .*ECONNREFUSED/);
    await vi.advanceTimersByTimeAsync(31_000);
    await refused;
    vi.useRealTimers();
  });

  it("are not taken for off where new configuration is ignored: nothing starts", async () => {
    await expect(open(AT_START, source(text(ON)), () => true)).rejects.toThrow(
      "new configuration is ignored",
    );
  });
});

describe("flags that are read all the while", () => {
  it("follow the document, and ignore a change while they are stuck", async () => {
    let stuck = false;
    const documents = [text(OFF)];
    const from: Source = { name: "appconfig", read: async () => documents.at(-1) ?? {} };
    const flags = await open({}, from, () => stuck);
    await flags.refresh();
    stuck = true;
    documents.push({ ...text(ON), version: "2" });
    await flags.refresh();
    expect(flags.report().flags).toEqual(OFF);
    stuck = false;
    await vi.waitFor(() => expect(flags.report().flags).toEqual(ON));
  });

  it("stand in code, where nobody is asked for them", async () => {
    const from = source(text(OFF));
    const flags = await open({ FLAGS_IN_CODE: JSON.stringify(ON) }, from);
    expect([flags.report().flags, flags.report().source, from.looks]).toEqual([ON, "code", 0]);
    await expect(open({ FLAGS_IN_CODE: '{"OPS_VIEW_DB_READ":1}' }, from)).rejects.toThrow("cannot be taken");
  });
});
