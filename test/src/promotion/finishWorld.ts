import { carry } from "../../../src/abort/carry";
import { lowerFlags } from "../../../src/abort/lower";
import type { AlarmNow } from "../../../src/aws/alarms";
import { known } from "../../../src/aws/known";
import { parseDocument } from "../../../src/flags/document";
import { heldAgainstFacts } from "../../../src/flags/facts";
import type { Flags } from "../../../src/flags/flags";
import { type Ledger, type LedgerEntry, liveSince, type Note } from "../../../src/flags/ledger";
import { gateHash } from "../../../src/gates/hash";
import type { Seen } from "../../../src/gates/observation";
import type { FinishWorld, LastFlip } from "../../../src/promotion/finishWorld";
import type { Proof } from "../../../src/promotion/prove";
import { message } from "../../../src/rollout/config/messages";
import type { Predecessor } from "../../../src/rollout/planRaise";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import type { HeldTo } from "../../../src/rollout/strength/judge";
import { alarm } from "../../components/rollout";
import {
  gateOf,
  note,
  OFF,
  opsFlags,
  READING,
  rollout,
  sqlGate,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";
import { MemoryStore } from "../abort/memory";
import { memoryPost } from "../messages/topicMessages";

const row = alarm() as Stage["abort"][string];
const F5 = gateOf("F5", {
  source: "requests",
  title: "The same file makes one batch",
  writes: true,
  steps: [{ path: "/batches", method: "POST" }],
}).definition;

export const ROLLOUT: Rollout = rollout({
  release: { version: "v2.54.1", date: "2026-02-17" },
  stages: [
    rollout().stages[0],
    { ...stageA, abort: { XA1: row } },
    {
      ...stageB,
      abort: { XB1: row },
      exit: { F1: sqlGate("F1").definition, F5 },
      messages: {
        C4: message.parse({
          title: "Fully enabled",
          to: ["ops", "onCall"],
          when: "finish",
          soakSummary: true,
        }),
      },
    },
  ],
});

/** A rollout in memory whose last stage is live, settled and quiet, and a clock that goes on with each deployment. */
export class MemoryFinish implements FinishWorld {
  readonly store = new MemoryStore();
  readonly post = Object.assign(memoryPost(), {
    notes: new Map<string, string>(),
    async note(key: string, text: string) {
      this.notes.set(key, text);
    },
    async noted(key: string) {
      return this.notes.get(key);
    },
  });
  postOf = () => this.post;
  readonly states = new Map<string, AlarmNow>([
    ["ops-view-stageA-XA1", { state: "OK" }],
    ["ops-view-stageB-XB1", { state: "OK" }],
  ]);
  /** What gates are seen to be, where that is not well. */
  readonly sees: Record<string, Seen> = {};
  readonly proofs: Proof[] = [];
  readonly measured: string[] = [];
  record_: Predecessor = { kind: "recorded", attempt: 1, outcome: "settled" };
  held: HeldTo | undefined = { definitions: definitionsOf(ROLLOUT), weakened: [] };
  /** Keys of what was decided about alarms. */
  readonly decided = new Set<string>();
  /** Happens while gates are measured, or right after the entry is made. */
  meanwhile: { measure?: () => unknown; entry?: () => unknown; alarms?: () => unknown } = {};
  time = Date.parse("2026-11-01T12:00:00.000Z");

  constructor() {
    Object.defineProperty(this.store, "startedAt", { get: () => this.tick() });
  }

  static async up(): Promise<MemoryFinish> {
    const world = new MemoryFinish();
    await world.deploy(OFF, note({ stage: "baseline" }));
    await world.deploy(READING, note({ stage: "stageA" }));
    await world.deploy(WRITING, note({ stage: "stageB" }));
    world.time = Date.parse("2026-11-21T12:00:00.000Z");
    return world;
  }

  tick(): string {
    this.time += 1_000;
    return new Date(this.time).toISOString();
  }

  async deploy(flags: Flags, as: Note | undefined): Promise<void> {
    this.store.add(flags);
    const { newest } = await this.store.read();
    if (as) await this.store.redeploy(String(this.store.documents.length - 1), as, newest);
    else this.store.promote(flags);
  }

  ring(name: string): void {
    this.states.set(name, { state: "ALARM", reason: "1 of 1", since: this.tick() });
  }

  abort(): Promise<unknown> {
    const asked = { rollout: "ops-view", stage: "stageB", attempt: 1, id: "x" };
    return lowerFlags(this.store, { specs: opsFlags, floor: READING, note: asked });
  }

  get live(): Flags | undefined {
    const parsed = parseDocument(opsFlags, this.store.live ?? "");
    return parsed.ok ? parsed.flags : undefined;
  }

  get kinds(): (string | undefined)[] {
    return this.store.deployments.map((one) => one.note?.kind);
  }

  async ledger(): Promise<Ledger> {
    const entries = this.store.deployments.map(
      ({ version, startedAt, state, note: own }, index): LedgerEntry => {
        const parsed = parseDocument(opsFlags, this.store.documents[version] ?? "");
        return {
          deployment: index + 1,
          state: state === "complete" || state === "rolled-back" ? state : "under-way",
          completedAt: startedAt,
          configurationVersion: String(version),
          note: own,
          ...(parsed.ok ? { flags: parsed.flags } : {}),
        };
      },
    );
    const history = heldAgainstFacts(opsFlags, entries);
    const live = history.find(({ state }) => state === "complete");
    return {
      history,
      newest: entries.length,
      live: live && {
        ...live,
        completedAt: liveSince(history) ?? "",
        flags: live.flags ?? {},
        undeclared: [],
        doors: {},
      },
    };
  }

  async lastFlip(): Promise<LastFlip> {
    return { recorded: this.record_, heldTo: await known(this.heldTo) };
  }
  heldTo: () => Promise<HeldTo | undefined> = async () => this.held;
  decisions: FinishWorld["decisions"] = async (_, by) =>
    new Set([...this.decided].filter((key) => key.startsWith(`${by}/`)));
  async alarms(): Promise<ReadonlyMap<string, AlarmNow>> {
    await this.meanwhile.alarms?.();
    return this.states;
  }
  measure: FinishWorld["measure"] = async (gates, subject, _, acting) => {
    this.measured.push(`${acting ? "acts: " : ""}${gates.map(({ id }) => id).join(", ")}`);
    await this.meanwhile.measure?.();
    const at = new Date(this.time).toISOString();
    const good = (id: string): Seen =>
      id === "F5" ? { kind: "answers", answers: [{ status: 201, ms: 3 }] } : { kind: "value", value: 7 };
    return {
      subject,
      measuredAt: at,
      observations: gates.map((gate) => ({
        ...{ gate: gate.id, definition: gateHash(gate), at, tookMs: 1 },
        seen: this.sees[gate.id] ?? good(gate.id),
      })),
    };
  };
  prove = async () => this.proofs;
  record: FinishWorld["record"] = async (entry, lookedAt) => {
    const carried = await carry(this.store, entry, 0, lookedAt);
    await this.meanwhile.entry?.();
    return carried;
  };
  bringDown: FinishWorld["bringDown"] = async (stage, { floor, row: by, reason }) => {
    const as = {
      rollout: "ops-view",
      stage: stage.name,
      attempt: stage.attempt,
      row: by,
      reason,
      id: `${by} down`,
    };
    return { outcome: await lowerFlags(this.store, { specs: opsFlags, floor, note: as }), warnings: [] };
  };
  commit = async () => "abc";
  caller = async () => "ada";
  now = () => this.time;
  close(): void {}
}
