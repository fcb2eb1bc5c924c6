import { furthest } from "../../../src/flags/doors";
import { type Flags, lowerTo, sameFlags } from "../../../src/flags/flags";
import { type GateDefinition, kindOf } from "../../../src/gates/gate";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { doorsUpTo } from "../../../src/rollout/doors";
import { leavesOf } from "../../../src/rollout/position";
import { floorOf, type Rollout, type Stage, stagesUpTo } from "../../../src/rollout/rollout";
import { milliseconds } from "../../../src/text/duration";

/** The sections of a stage whose rows do something. */
export type Section = "entry" | "exit" | "smoke" | "abort" | "messages";

/** What a row does once what it looks at is bad, or, for a message, once it is due. */
export type Proven = "blocked" | "failed" | "aborted" | "paged" | "sent";

/** One row of a rollout, and what shows that it does its work. */
export interface Row {
  /** `STAGE.ROW`: rows of several stages may have one id. */
  readonly key: string;
  readonly id: string;
  readonly stage: string;
  readonly section: Section;
  /** Where the row's evidence comes from: a kind of gate, a signal of an alarm, or `message`. */
  readonly source: string;
  readonly title: string;
  /** It needs no database, service or metric: it stands in the ledger, in config, in an alarm, or on the clock. */
  readonly free: boolean;
  /** A person has to state it. */
  readonly byPerson: boolean;
  readonly proves: Proven;
}

/** Every row of a rollout that does something, stage by stage, in the order of the stack files. */
export function rowsOf(rollout: Rollout): Row[] {
  return rollout.stages.flatMap((stage) => {
    const row = (
      section: Section,
      id: string,
      title: string,
      source: string,
      proves: Proven,
      { free = false, byPerson = false }: Partial<Pick<Row, "free" | "byPerson">> = {},
    ): Row => ({
      key: keyOf(stage.name, id),
      id,
      stage: stage.name,
      section,
      source,
      title,
      free,
      byPerson,
      proves,
    });
    const gates = (section: "entry" | "exit" | "smoke", proves: Proven) =>
      Object.entries(stage[section]).map(([id, gate]) =>
        row(section, id, gate.title, gate.source, proves, kindOf(gate)),
      );
    return [
      ...gates("entry", "blocked"),
      ...gates("smoke", "failed"),
      ...Object.entries(stage.abort).map(([id, one]) =>
        row("abort", id, one.title, signalOf(one), lowers(rollout, stage, one) ? "aborted" : "paged"),
      ),
      ...gates("exit", "blocked"),
      ...Object.entries(stage.messages).map(([id, { title }]) =>
        row("messages", id, title, "message", "sent"),
      ),
    ];
  });
}

/** The gate that a row of an entry, an exit or a smoke check is; undefined for any other. */
export function gateOf(
  { stages }: Pick<Rollout, "stages">,
  { stage, section, id }: Row,
): GateDefinition | undefined {
  if (section !== "entry" && section !== "exit" && section !== "smoke") return undefined;
  return stages.find(({ name }) => name === stage)?.[section][id];
}

/** The abort row that a row is; undefined for any other. */
export function thresholdOf(
  { stages }: Pick<Rollout, "stages">,
  { stage, section, id }: Row,
): AbortThreshold | undefined {
  return section === "abort" ? stages.find(({ name }) => name === stage)?.abort[id] : undefined;
}

/**
 * How long an abort row may ring again by what is mended already, in ms: where only some of its periods must breach,
 * good ones among the bad ones quiet it for a moment, until all of these are over.
 */
export function ringsAgainFor(rollout: Pick<Rollout, "stages">, row: Row): number {
  const threshold = thresholdOf(rollout, row);
  if (!threshold?.metric || threshold.datapoints.of === threshold.datapoints.breaching) return 0;
  return threshold.datapoints.of * milliseconds(threshold.metric.period);
}

/** Whether a row waits for servers to take over the flags, which takes a while after a flip. */
export function waitsForServers(rollout: Pick<Rollout, "stages">, row: Row): boolean {
  const gate = row.section === "smoke" ? gateOf(rollout, row) : undefined;
  return gate !== undefined && kindOf(gate).settlesWithin !== undefined;
}

/** How a row is named where rows of all stages stand side by side. */
export function keyOf(stage: string, id: string): string {
  return `${stage}.${id}`;
}

function signalOf({ alarm, probe, logs }: AbortThreshold): string {
  return alarm !== undefined ? "alarm" : probe ? "probe" : logs ? "logs" : "metric";
}

/** Whether any flag goes down when a row of a stage fires while that stage is live. */
function lowers(rollout: Rollout, stage: Stage, row: AbortThreshold): boolean {
  return (
    JSON.stringify(flagsAfter(rollout, stage, row)) !==
    JSON.stringify(lowerTo(rollout.flags, stage.flags, stage.flags))
  );
}

/**
 * The flags that a row leaves when it fires: its own stage's floor, and not below the floors of the irreversible stages
 * up to the one that is live. A row that only pages leaves them all.
 *
 * @param live the stage that is live. Default: the row's own
 */
function flagsAfter(
  rollout: Rollout,
  stage: Stage,
  row: Pick<AbortThreshold, "action" | "to" | "flags" | "whenIrreversible">,
  live: Stage = stage,
): Flags {
  const { flags: specs } = rollout;
  const doors = doorsUpTo(rollout, live);
  const before = lowerTo(specs, live.flags, live.flags);
  if (row.action === "page" || (row.whenIrreversible === "freeze" && doors.length > 0)) return before;
  const floor = furthest(specs, floorOf(rollout, stage, row, live), ...doors.map((door) => door.floor));
  return lowerTo(specs, live.flags, floor);
}

/** The flags that are left where several rows of a stage, and of those before it, fire while it is live. */
export function flagsAfterAll(rollout: Rollout, stage: Stage, keys: readonly string[]): Flags {
  return stagesUpTo(rollout, stage)
    .flatMap((one) => Object.entries(one.abort).map(([id, row]) => ({ one, id, row })))
    .filter(({ one, id }) => keys.includes(keyOf(one.name, id)))
    .map(({ one, row }) => flagsAfter(rollout, one, row, stage))
    .reduce<Flags>(
      (left, after) => lowerTo(rollout.flags, left, after),
      lowerTo(rollout.flags, stage.flags, stage.flags),
    );
}

/** The flags that are left where a smoke check of a stage fails, or a person aborts it. */
export function flagsAfterStop(rollout: Rollout, stage: Stage): Flags {
  return flagsAfter(rollout, stage, { action: "rollback" });
}

/** The flags that servers have while a stage that came down waits for its next attempt: those of the stage before it. */
export function flagsWaiting(rollout: Rollout, stage: Stage): Flags {
  const before = rollout.stages.find(({ name }) => name === stage.predecessor);
  const down = flagsAfterStop(rollout, stage);
  if (!before || !hasWayBack(rollout, stage)) return down;
  return leavesOf(rollout, before, down) ? down : before.flags;
}

/** Whether a person who aborts a stage brings any flag down. */
export function hasWayBack(rollout: Rollout, stage: Stage): boolean {
  return !sameFlags(rollout.flags, flagsAfterStop(rollout, stage), stage.flags);
}

/** The sign-offs that a promotion of a stage asks for: its own, and those of what its predecessor is left by. */
export function signOffsFor(rollout: Rollout, stage: Stage): string[] {
  const before = rollout.stages.find(({ name }) => name === stage.predecessor);
  return signOffsIn({ ...stage.entry, ...before?.exit });
}

/** Those gates among these that a person states. */
export function signOffsIn(gates: Readonly<Record<string, GateDefinition>>): string[] {
  return Object.entries(gates).flatMap(([id, gate]) => (kindOf(gate).byPerson ? [id] : []));
}
