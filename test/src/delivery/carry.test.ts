import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carryOn, type Live, type Memory, type Platform } from "../../../src/delivery/carry";
import { type FlagSpecs, type Flags, sameFlags } from "../../../src/flags/flags";

const SPECS: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
};
const UP = { READ: true, WRITE: true };
const DOWN = { READ: false, WRITE: false };

/** A platform in memory, and the ledger beside it. Time passes by one with each call. */
class World implements Platform {
  held: Record<string, string> = {};
  /** What servers run with. */
  running: Readonly<Record<string, string>> = {};
  readonly calls: string[] = [];
  private now = 0;
  private starts: {
    readonly at: number;
    readonly with: Record<string, string>;
    state: "running" | "done" | "failed";
  }[] = [];
  private kept: { wrote?: number; started?: { start: string; at: number; digest: string } } = {};
  /** Happens at the n-th call: the world goes on while a delivery is under way. */
  readonly at = new Map<number, () => void>();
  lies = 0;

  constructor(public live: Live) {}

  /** Before each call: whoever else is at work may go first. */
  turn: () => Promise<unknown> = async () => undefined;

  private async pass(call: string): Promise<void> {
    await this.turn();
    this.now += 1;
    this.calls.push(call);
    this.at.get(this.now)?.();
  }

  async read(names: readonly string[]) {
    await this.pass("read");
    return Object.fromEntries(names.map((name) => [name, this.held[name]]));
  }

  async write(name: string, value: string) {
    await this.pass(`write ${name}=${value}`);
    if (this.lies > 0) this.lies -= 1;
    else this.held[name] = value;
  }

  async restart() {
    await this.pass("restart");
    this.starts.push({ at: this.now, with: { ...this.held }, state: "running" });
    return String(this.starts.length - 1);
  }

  async progress(start: string) {
    await this.pass("progress");
    const found = this.starts[Number(start)];
    if (!found) throw new Error("no such start");
    return found.state === "failed" ? { kind: "failed" as const, why: "unhealthy" } : { kind: found.state };
  }

  finish(state: "done" | "failed" = "done"): void {
    for (const start of this.starts)
      if (start.state === "running") {
        start.state = state;
        if (state === "done") this.running = start.with;
      }
  }

  readonly memory: Memory = {
    wroteAt: async () => {
      await this.turn();
      return this.kept.wrote;
    },
    writes: async () => {
      await this.turn();
      this.kept.wrote = ++this.now;
    },
    started: async () => {
      await this.turn();
      return this.kept.started;
    },
    starts: async (started) => {
      await this.turn();
      // The newest is found, whichever was kept last.
      if (started.at >= (this.kept.started?.at ?? 0)) this.kept.started = started;
    },
    now: () => ++this.now,
  };

  try(live = this.live) {
    return carryOn(this, {
      carries: {},
      specs: SPECS,
      live,
      still: async () => {
        await this.turn();
        return sameFlags(SPECS, this.live.flags, live.flags);
      },
      waitsFor: async () => undefined,
      memory: this.memory,
    });
  }

  /** Tries until it is done, as a queue does. */
  async deliver(most = 50): Promise<void> {
    for (let left = most; left > 0; left--) {
      const carried = await this.try();
      if (carried.kind === "done") return;
      this.finish();
    }
    throw new Error("it never ends");
  }
}

const live = (flags: Flags, deployment = 1): Live => ({ deployment, flags });

describe("a delivery", () => {
  test("writes what differs in order, starts servers, and is done once they run", async () => {
    const world = new World(live(UP, 3));
    expect(await world.try()).toEqual({ kind: "waits", why: "servers start anew" });
    expect(world.calls).toEqual([
      "read",
      "write READ=true",
      "write WRITE=true",
      "write CUTOVER_FLAGS_VERSION=3",
      "read",
      "restart",
    ]);
    expect(await world.try()).toEqual({ kind: "waits", why: "servers start anew" });
    world.finish();
    expect(await world.try()).toEqual({ kind: "done" });
    expect(world.running).toEqual({ READ: "true", WRITE: "true", CUTOVER_FLAGS_VERSION: "3" });
    expect(world.calls.filter((call) => call === "restart")).toHaveLength(1);
  });

  test("starts nobody with what another has written by half", async () => {
    const world = new World(live(UP));
    world.held = { READ: "true", WRITE: "true", CUTOVER_FLAGS_VERSION: "1" };
    world.turn = async () => {
      // Everything is there, and nobody was started yet.
      if (world.calls.length === 1) world.held.WRITE = "false";
    };
    expect(await world.try()).toEqual({ kind: "waits", why: "variables are written by another" });
    expect(world.calls).not.toContain("restart");
    world.turn = async () => undefined;
    await world.deliver();
    expect(world.running).toMatchObject(said(UP));
  });

  test("brings dependents down first", async () => {
    const world = new World(live(UP));
    await world.deliver();
    world.live = live(DOWN, 2);
    world.calls.length = 0;
    await world.try();
    expect(world.calls.filter((call) => call.startsWith("write"))).toEqual([
      "write WRITE=false",
      "write READ=false",
      "write CUTOVER_FLAGS_VERSION=2",
    ]);
  });

  test("of flags that the platform has already starts nobody anew", async () => {
    const world = new World(live(UP));
    await world.deliver();
    world.live = live(UP, 2);
    world.calls.length = 0;
    expect(await world.try()).toEqual({ kind: "done" });
    expect(world.calls.filter((call) => /write|restart/.test(call))).toEqual([]);
  });

  test("that was killed between writing and starting starts servers the next time", async () => {
    const world = new World(live(UP));
    world.at.set(8, () => {
      throw new Error("killed");
    });
    await expect(world.try()).rejects.toThrow("killed");
    await world.deliver();
    expect(world.running).toMatchObject({ WRITE: "true" });
  });

  test("is not done where the platform says that it took what it did not", async () => {
    const world = new World(live(UP));
    world.lies = 3;
    expect(await world.try()).toEqual({
      kind: "again",
      why: "it took READ, WRITE, CUTOVER_FLAGS_VERSION, and says something else when asked",
    });
    expect(world.calls).not.toContain("restart");
    await world.deliver();
  });

  test("of flags that somebody has set by hand, and started nobody, starts servers", async () => {
    const world = new World(live(UP));
    await world.deliver();
    world.held = { ...world.held, READ: "false", WRITE: "false" };
    world.live = live(DOWN, 2);
    await world.deliver();
    expect(world.running).toMatchObject({ READ: "false", WRITE: "false" });
  });

  test("starts servers again where they did not start", async () => {
    const world = new World(live(UP));
    await world.try();
    world.finish("failed");
    expect(await world.try()).toEqual({ kind: "again", why: "servers did not start: unhealthy" });
    await world.deliver();
    expect(world.running).toMatchObject({ WRITE: "true" });
  });

  test("neither writes nor starts anything once other flags are live", async () => {
    const world = new World(live(DOWN, 2));
    expect(await world.try(live(UP))).toEqual({
      kind: "waits",
      why: "the ledger has other flags meanwhile",
    });
    expect(world.calls).toEqual(["read"]);
  });

  test("ends in what is live, whatever is flipped, killed, lied about or written by hand meanwhile", async () => {
    const happening = fc.record({
      at: fc.integer({ min: 1, max: 40 }),
      what: fc.constantFrom("up", "down", "hand", "killed", "failed", "lie", "other"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 8 }), async (happenings) => {
        const world = new World(live(UP));
        let deployment = 1;
        for (const { at, what } of happenings)
          world.at.set(at, () => {
            if (what === "up" || what === "down") world.live = live(what === "up" ? UP : DOWN, ++deployment);
            if (what === "hand") world.held.WRITE = "true";
            if (what === "failed") world.finish("failed");
            if (what === "lie") world.lies = 1;
            // A delivery of flags that were live before, which looked too early.
            if (what === "other") Object.assign(world.held, { READ: "true", WRITE: "true" });
            if (what === "killed") throw new Error("killed");
          });
        for (let left = 200; ; left--) {
          if (left === 0) throw new Error("it never ends");
          const carried = await world.try().catch(() => undefined);
          if (carried?.kind === "done") break;
          world.finish();
        }
        const on = String(world.live.flags.WRITE);
        expect(world.running).toMatchObject({ READ: on, WRITE: on });
      }),
    );
  });

  test("is done only where servers run with what is live, with two under way at once, as many as its queue lets through", async () => {
    const flips = fc.array(fc.constantFrom(UP, DOWN), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), flips, async (scheduler, flips) => {
        const world = new World(live(UP));
        world.turn = () => scheduler.schedule(Promise.resolve());
        const queue = ["first", "twice"];
        let left = 600;
        const worker = async () => {
          while (queue.length > 0 || flipping) {
            if (left-- === 0) throw new Error("it never ends");
            const call = queue.shift();
            if (call === undefined) {
              await world.turn();
              continue;
            }
            const { live } = world;
            const carried = await world.try(live);
            if (carried.kind !== "done") queue.push(call);
            // It says so of what was live then: of a flip since, the next one does.
            else if (live.deployment === world.live.deployment)
              expect(world.running).toMatchObject(said(live.flags));
            world.finish();
          }
        };
        let flipping = true;
        const flip = async () => {
          for (const [at, flags] of flips.entries()) {
            for (let pause = 0; pause < 10; pause++) await world.turn();
            world.live = live(flags, at + 2);
            queue.push(`flip ${at}`);
          }
          flipping = false;
        };
        await scheduler.waitFor(Promise.all([worker(), worker(), flip()]));
        expect(world.running).toMatchObject(said(world.live.flags));
      }),
      { numRuns: 1000 },
    );
  });
});

const said = ({ READ, WRITE }: Flags) => ({ READ: String(READ), WRITE: String(WRITE) });
