import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Declarations,
  environment,
  type Flags,
  inCode,
  openFlags,
  type Reading,
  type Source,
} from "../../../kit/node/src";
import { pauseBefore } from "../../../kit/node/src/pace";
import { vectors } from "../vectors";

const DECLARED = { READ: { type: "boolean" }, WRITE: { type: "boolean", requires: ["READ"] } } as const;
const OFF = { READ: false, WRITE: false };
const ON = { READ: true, WRITE: true };

const document = (READ: unknown, WRITE: unknown) => JSON.stringify({ READ, WRITE });

/** A source that answers as told, one look after the other; the last one for good. */
class Told implements Source {
  readonly name = "told";
  looks = 0;
  forgotten = 0;
  closed = false;

  constructor(public answers: (Reading | Error | "silent")[]) {}

  async read(): Promise<Reading> {
    const answer = this.answers[Math.min(this.looks++, this.answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer === "silent" ? new Promise(() => {}) : (answer ?? {});
  }
  forget() {
    this.forgotten += 1;
  }
  close() {
    this.closed = true;
  }
}

let said: string[];
const log = (message: string) => said.push(message);
let open: { stop(): void }[] = [];

async function opened(source: Source, more: { waitMs?: number; whole?: boolean } = {}) {
  said = [];
  const flags = await openFlags({ flags: DECLARED, source, pollMs: false, waitMs: 0, log, ...more });
  open.push(flags);
  return flags;
}

afterEach(() => {
  for (const one of open) one.stop();
  open = [];
  vi.useRealTimers();
});

describe("flags", () => {
  it("are off without a network at the start, and follow as soon as there is one", async () => {
    const source = new Told([new Error("ECONNREFUSED"), { text: document(true, false), version: "3" }]);
    const flags = await opened(source);
    expect([flags.isOn("READ"), flags.isOn("WRITE"), flags.answered]).toEqual([false, false, false]);
    expect(flags.report()).toMatchObject({
      flags: OFF,
      version: null,
      problem: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await flags.refresh()).toBe(true);
    expect(flags.isOn("READ")).toBe(true);
    expect(flags.report()).toMatchObject({
      version: "3",
      source: "told",
      since: expect.stringMatching(/Z$/),
    });
    expect(flags.report()).not.toHaveProperty("problem");
  });

  it("wait for a first answer for as long as they are told, asking again", async () => {
    const flags = await opened(new Told([new Error("no"), new Error("no"), { text: document(true, true) }]), {
      waitMs: 60_000,
    });
    expect(flags.isOn("WRITE")).toBe(true);
  });

  it("are opened also where the source never answers", async () => {
    const flags = await opened(new Told(["silent"]), { waitMs: 20 });
    expect([flags.isOn("READ"), flags.answered]).toEqual([false, false]);
  });

  it("are off where nothing has been deployed yet, and say so", async () => {
    const flags = await opened(new Told([{ none: "nothing has been deployed yet" }]));
    expect(flags.answered).toBe(true);
    expect(flags.report()).toMatchObject({ version: null, problem: "nothing has been deployed yet" });
  });

  it.each([
    ["write without read", document(false, true), "WRITE requires READ"],
    ["half a document", '{"READ":tr', "no JSON object"],
    ["a value of a type that nobody knows", document({ enabled: true }, true), "READ must be"],
    ["a document from the future", '{"READ":false,"WRITE":false,"_cutover":{"format":2}}', "update the kit"],
  ])("keep the last good document over %s, and say so", async (_, broken, why) => {
    const source = new Told([
      { text: document(true, true), version: "1" },
      { text: broken, version: "2" },
    ]);
    const flags = await opened(source);
    await flags.refresh();
    await flags.refresh();
    expect(flags.report()).toMatchObject({
      flags: ON,
      version: "1",
      refused: { version: "2", problem: expect.stringContaining(why) },
    });
    // What was cut short on its way has to come whole, though the source has not changed.
    expect(source.forgotten).toBe(2);
    expect(said.filter((line) => line.includes("not taken"))).toHaveLength(1);
    source.answers.push({ text: document(false, false), version: "3" });
    await flags.refresh();
    expect(flags.report()).toMatchObject({ flags: OFF, version: "3" });
    expect(flags.report()).not.toHaveProperty("refused");
  });

  it("are off where the first document cannot be taken", async () => {
    const flags = await opened(new Told([{ text: document(false, true), version: "1" }]));
    expect(flags.report()).toMatchObject({ flags: OFF, version: null, refused: { version: "1" } });
  });

  it("take a document that is good again though it is the one before", async () => {
    const good = { text: document(true, true), version: "1" };
    const flags = await opened(new Told([good, { text: "{", version: "2" }, good]));
    await flags.refresh();
    await flags.refresh();
    expect(flags.report()).not.toHaveProperty("refused");
  });

  it("follow a document that goes back: lowering is never held up", async () => {
    const flags = await opened(
      new Told([
        { text: document(true, true), version: "9" },
        { text: document(true, false), version: "8" },
      ]),
    );
    await flags.refresh();
    expect(flags.report()).toMatchObject({ flags: { READ: true, WRITE: false }, version: "8" });
  });

  it("tell documents apart by a digest where the source has no version", async () => {
    const flags = await opened(new Told([{ text: document(true, false) }, { text: document(true, true) }]));
    const first = flags.report().version;
    await flags.refresh();
    expect(flags.report().version).not.toBe(first);
  });

  it("stay as they are through an outage, which is said once", async () => {
    const source = new Told([{ text: document(true, true), version: "1" }, new Error("down")]);
    const flags = await opened(source);
    await flags.refresh();
    await flags.refresh();
    expect(flags.report()).toMatchObject({ flags: ON, problem: expect.stringContaining("down") });
    expect(said.filter((line) => line.includes("down"))).toHaveLength(1);
    source.answers.push({});
    await flags.refresh();
    expect(said.at(-1)).toContain("answers again");
  });

  it("give a request the flags of one document, also in what it awaits", async () => {
    const source = new Told([{ text: document(true, true) }, { text: document(false, false) }]);
    const flags = await opened(source);
    const seen = await flags.during(async () => {
      const before = flags.isOn("READ");
      await flags.refresh();
      await sleep(1);
      return [before, flags.isOn("READ"), flags.isOn("WRITE")];
    });
    expect(seen).toEqual([true, true, true]);
    expect([flags.isOn("READ"), flags.isOn("WRITE")]).toEqual([false, false]);
  });

  it("refuse a flag that nobody declared", async () => {
    const flags: Flags = await opened(new Told([{}]));
    expect(() => flags.isOn("constructor")).toThrow("not declared");
    expect(() => flags.percentage("READ")).toThrow("no percentage");
  });

  it("tell of changes, also where one who listens fails", async () => {
    const flags = await opened(new Told([{ text: document(true, false) }, { text: document(true, true) }]));
    const heard: string[][] = [];
    flags.onChange(() => {
      throw new Error("not my day");
    });
    const end = flags.onChange((changed) => heard.push(changed));
    await flags.refresh();
    end();
    expect(heard).toEqual([["WRITE"]]);
    expect(said.at(-1)).toContain("not my day");
  });

  it("do not overlap their looks", async () => {
    const source = new Told([{ text: document(true, true) }]);
    const flags = await opened(source);
    await Promise.all([flags.refresh(), flags.refresh(), flags.refresh()]);
    expect(source.looks).toBe(2);
  });

  it("end their source when they stop, without a word of trouble", async () => {
    const source = new Told([{}, "silent"]);
    const flags = await opened(source);
    const looking = flags.refresh();
    flags.stop();
    expect(await looking).toBe(false);
    expect(source.closed).toBe(true);
    expect(said).toEqual([]);
  });
});

describe("polling", () => {
  it("looks every 15 s, and ends with the flags", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const source = new Told([{ text: document(true, false) }, { text: document(true, true) }]);
    const flags = await openFlags({ flags: DECLARED, source, log: () => {} });
    await vi.advanceTimersByTimeAsync(14_999);
    expect([source.looks, flags.isOn("WRITE")]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect([source.looks, flags.isOn("WRITE")]).toEqual([2, true]);
    flags.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(source.looks).toBe(2);
  });

  it("asks a source that cannot change until it has answered, and then no more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const source = Object.assign(new Told([new Error("not yet"), { text: document(true, true) }]), {
      once: true,
    });
    const flags = await openFlags({ flags: DECLARED, source, waitMs: 0, log: () => {} });
    await vi.advanceTimersByTimeAsync(120_000);
    expect([source.looks, flags.isOn("WRITE")]).toEqual([2, true]);
  });

  it.each([
    ["AppConfig's shortest", 0, { ms: 0, throttled: 0 }, 15_000],
    ["nothing shorter", 250, { ms: 0, throttled: 0 }, 15_000],
    ["what the app asks for", 30_000, { ms: 0, throttled: 0 }, 30_000],
    ["what AppConfig asks for, where that is longer", 15_000, { ms: 60_000, throttled: 0 }, 60_000],
    ["longer while throttled", 15_000, { ms: 0, throttled: 1 }, 30_000],
    ["not without end", 15_000, { ms: 0, throttled: 9 }, 60_000],
  ])("waits: %s", (_, pollMs, asked, ms) => {
    expect(pauseBefore(pollMs, asked)).toBe(ms);
  });
});

describe("the report", () => {
  it("says of each flag how it was last asked for, and by which version it was answered", async () => {
    const flags = await opened(
      new Told([
        { text: document(true, true), version: "1" },
        { text: document(false, false), version: "2" },
      ]),
    );
    expect(flags.report().evaluated).toEqual({ READ: null, WRITE: null });
    flags.isOn("WRITE");
    flags.isOn("WRITE");
    flags.isOn("READ");
    await flags.refresh();
    flags.isOn("READ");
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(flags.report().evaluated).toEqual({
      READ: { version: "2", count: 1, at, last: false },
      // Nobody has asked since: what runs may still do what version 1 said.
      WRITE: { version: "1", count: 2, at, last: true },
    });
  });

  it("names the flags of which the document says nothing", async () => {
    const flags = await opened(new Told([{ text: '{"READ":true}' }]));
    expect(flags.report()).toMatchObject({ flags: { READ: true, WRITE: false }, missing: ["WRITE"] });
    const whole = await opened(new Told([{ text: '{"READ":true}' }]), { whole: true });
    expect(whole.report()).toMatchObject({ flags: OFF, refused: { problem: "WRITE is missing" } });
  });
});

describe("flags from elsewhere", () => {
  const from = async (variables: Record<string, string>) =>
    (await opened(environment({ variables }))).report();
  const read = async (declared: Declarations, options: Parameters<typeof environment>[0]) =>
    (
      await openFlags({ flags: declared, source: environment(options), waitMs: 0, pollMs: false, log })
    ).report();

  it.each(vectors.variables)("are read as they are delivered: $flag as $variable", async (one) => {
    const { flag, names, variable } = one;
    const options = { ...(names && { names }), variables: { [variable]: "true" } };
    expect((await read({ [flag]: { type: "boolean" } }, options)).flags).toEqual({ [flag]: true });
  });

  it("are not read from a variable of another name than they are delivered under", async () => {
    const declared = { newCheckout: { type: "boolean" }, "search.v2": { type: "boolean" } } as const;
    const variables = { newCheckout: "true", "search.v2": "true", SEARCH_V2: "true" };
    expect(await read(declared, { names: { "search.v2": "V2" }, variables })).toMatchObject({
      flags: { newCheckout: false, "search.v2": false },
      missing: ["newCheckout", "search.v2"],
    });
  });

  it.each([
    [["a.b", "a-b"], "A_B would say both a.b and a-b"],
    [["cutover.flags.version"], "CUTOVER_FLAGS_VERSION would say both the version and cutover.flags.version"],
  ])("are off where one variable would say two things: %j", async (flags, why) => {
    const declared = Object.fromEntries(flags.map((flag) => [flag, { type: "boolean" } as const]));
    const variables = { A_B: "true", CUTOVER_FLAGS_VERSION: "true" };
    const report = await read(declared, { variables });
    expect(Object.values(report.flags)).not.toContain(true);
    expect(report.problem).toContain(why);
  });

  it("have no value where a variable, or names, are null", async () => {
    const nulls = { names: null, variables: { READ: null } } as object;
    expect(await read(DECLARED, nulls)).toMatchObject({ flags: OFF, missing: ["READ", "WRITE"] });
  });

  it("stand in the environment, each under its name", async () => {
    expect(await from({ READ: "true", WRITE: " false ", CUTOVER_FLAGS_VERSION: "12" })).toMatchObject({
      flags: { READ: true, WRITE: false },
      source: "environment",
      version: "12",
    });
    expect(await from({})).toMatchObject({ flags: OFF, missing: ["READ", "WRITE"] });
  });

  it.each(["yes", "", "1", "TRUE", "sekret"])(
    "are refused in the environment as %j, which is not repeated",
    async (word) => {
      const report = await from({ READ: word, WRITE: "false" });
      expect(report).toMatchObject({ flags: OFF, refused: { problem: "READ must be true or false" } });
      expect(JSON.stringify([report, said])).not.toContain("sekret");
    },
  );

  it("take a percentage with decimals", async () => {
    const flags = { SHARE: { type: "percentage" } } as const;
    const report = async (SHARE: string) =>
      (await openFlags({ flags, source: environment({ variables: { SHARE } }), log: () => {} })).report();
    expect((await report("0.5")).flags).toEqual({ SHARE: 0.5 });
    expect((await report("5e1")).refused?.problem).toContain("SHARE must be a number");
  });

  it("stand in code", async () => {
    const flags = await opened(inCode({ READ: true }));
    expect(flags.report()).toMatchObject({
      flags: { READ: true, WRITE: false },
      source: "code",
      version: "code",
    });
  });
});
