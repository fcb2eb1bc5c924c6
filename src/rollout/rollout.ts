import type { TopicName } from "../aws/names";
import type { ChannelMap } from "../channels/registry";
import type { DeliveryMap } from "../delivery/registry";
import { allOff, type FlagSpecs, type Flags, isAtMost } from "../flags/flags";
import type { ServersConfig } from "../flags/servers";
import type { Calendar } from "../gates/calendar";
import type { NamedSource } from "../gates/elsewhere/source";
import type { GateDefinition } from "../gates/gate";
import { type Promised, promisedOf } from "../gates/promise";
import { meant } from "../text/nearest";
import { UserError } from "../text/problem";
import type { AbortThreshold } from "./config/abortRow";
import type { Account } from "./config/account";
import type { AfterAbort } from "./config/afterAbort";
import type { BackupConfig } from "./config/backup";
import type { DatabaseConfig } from "./config/database";
import type { Irreversible } from "./config/irreversible";
import type { MeasureConfig } from "./config/measure";
import type { MessageMap } from "./config/messages";
import type { Reconciliation } from "./config/reconcile";
import type { Release } from "./config/release";
import type { RollbackMap } from "./config/rollback";
import type { AbortTo } from "./config/rowConfig";
import type { RolloutConfig, SignOff, SnapshotSource, StageConfig, Weakened } from "./config/stackFile";
import type { Subscription } from "./config/topics";
import type { ExistingTopics } from "./topics";

/** By what names the ledger may speak of a stage. */
export type Named = Pick<Stage, "name" | "formerly">;

/** One stage of a rollout, validated. */
export interface Stage {
  /** The stack's name. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly predecessor?: string | undefined;
  /** Names that it had before. */
  readonly formerly?: readonly string[] | undefined;
  readonly attempt: number;
  readonly flags: Flags;
  /** The flags that are lower here than in the predecessor, and are meant to be. */
  readonly contracts?: readonly string[] | undefined;
  /** As config writes it (`24h`, `1 business cycle`). */
  readonly soak?: string | undefined;
  readonly lower?: { readonly reason: string } | undefined;
  /** From its flip on, how far down anything may bring the flags. */
  readonly irreversible?: Irreversible | undefined;
  /** Why something may be weaker than it was, by what it is. */
  readonly weakened?: Weakened | undefined;
  readonly entry: Readonly<Record<string, GateDefinition>>;
  readonly exit: Readonly<Record<string, GateDefinition>>;
  /** What is checked right after the flip, in this order. */
  readonly smoke: Readonly<Record<string, GateDefinition>>;
  /** People's statements for this stage's promotion, by the gate that asks for them. */
  readonly signOffs: Readonly<Record<string, SignOff>>;
  /** How far down an abort of this stage goes, where it differs from the rollout's. */
  readonly abortTo?: AbortTo | undefined;
  readonly abort: Readonly<Record<string, AbortThreshold>>;
  /** Two sources of the same thing that its probe compares, by name. */
  readonly reconcile?: Readonly<Record<string, Reconciliation>> | undefined;
  readonly snapshot?: SnapshotSource | undefined;
  /** What people are told about this stage, by row. */
  readonly messages: MessageMap;
  /** The ways back, by row. */
  readonly rollback: RollbackMap;
}

/** A whole rollout, validated: its stages in the order in which they are promoted. */
export interface Rollout {
  readonly name: string;
  readonly title?: string | undefined;
  /** What it brings, as people call it. */
  readonly release?: Release | undefined;
  readonly flags: FlagSpecs;
  readonly parameters: RolloutConfig["parameters"];
  readonly database?: DatabaseConfig | undefined;
  /** The function in the VPC that looks at gates. Absent where they are looked at from where pulumi runs. */
  readonly measure?: MeasureConfig | undefined;
  /** Where dumps of the database are kept, and what is counted in them. */
  readonly backup?: BackupConfig | undefined;
  /** The topics that are made, with their subscriptions; none where the topic is the account's own. */
  readonly topics: Readonly<Record<TopicName, readonly Subscription[]>>;
  /** Topics that are the account's own, and are not made. */
  readonly existingTopics?: ExistingTopics | undefined;
  /** What the account asks of everything that is made in it. */
  readonly account?: Account | undefined;
  /** Tools that people are told by, by name. */
  readonly channels?: ChannelMap | undefined;
  readonly calendar?: Calendar | undefined;
  /** Where gates and smoke checks send their requests. */
  readonly service?: { readonly url: string } | undefined;
  /** Services of others that gates and abort rows ask, by name. */
  readonly sources?: Readonly<Record<string, NamedSource>> | undefined;
  /** The servers that have to agree on the flags. */
  readonly servers?: ServersConfig | undefined;
  /** Platforms that the flags are carried on to, by name. */
  readonly delivery?: DeliveryMap | undefined;
  /** What is waited for and looked at once an abort has brought the flags down. */
  readonly afterAbort?: AfterAbort | undefined;
  /** How far down an abort goes. Default: to the predecessor's flags. */
  readonly abortTo?: AbortTo | undefined;
  /** The ways back from every stage, by row. */
  readonly rollback?: RollbackMap | undefined;
  /** How many aborts may run at once, kept free in the account; -1 keeps none. */
  readonly reservedConcurrency: number;
  /** Never empty; the first one is all off and its stack owns the foundation. */
  readonly stages: readonly [Stage, ...Stage[]];
}

/** Anything with stages: a rollout, one that is not known to be sound yet, or what was written down of one. */
type Staged<S> = { readonly stages: readonly S[] };
type InLine = Pick<Stage, "name" | "predecessor">;

export function stageNamed<S extends InLine>(rollout: Staged<S>, name: string): S | undefined {
  return rollout.stages.find((stage) => stage.name === name);
}

/** The stage of that name. Throws a `UserError` that names the known ones. */
export function requireStage(rollout: Rollout, name: string): Stage {
  const stage = stageNamed(rollout, name);
  if (stage) return stage;
  const names = rollout.stages.map((one) => one.name);
  throw new UserError(`The stack ${name} is no stage of ${rollout.name}:`, [
    {
      where: `Pulumi.${name}.yaml`,
      what: "has no cutover:stage, or is not there",
      remedy: meant(name, names, `Known stages: ${names.join(", ")}`),
    },
  ]);
}

export function predecessorOf<S extends InLine>(
  rollout: Staged<S>,
  stage: Pick<Stage, "predecessor">,
): S | undefined {
  return stage.predecessor === undefined ? undefined : stageNamed(rollout, stage.predecessor);
}

/** The stages from the first one to `stage`: their alarms are in force while it is live. */
export function stagesUpTo<S extends InLine>(rollout: Staged<S>, stage: S | undefined): S[] {
  const line: S[] = [];
  for (let one = stage; one && !line.includes(one); one = predecessorOf(rollout, one)) line.unshift(one);
  return line;
}

/** How far down an abort of a stage goes, as the row, else the stage, else the rollout says. */
export function downTo(
  rollout: Pick<Rollout, "abortTo">,
  stage: Pick<Stage, "abortTo">,
  row: { readonly to?: AbortTo | undefined } = {},
): AbortTo {
  return row.to ?? stage.abortTo ?? rollout.abortTo ?? "predecessor";
}

/**
 * One phase below a live stage: the nearest one before it that has less, and the stage above that one, which is what comes
 * down. An abort raises nothing, so that below what only contracts lies nothing less. It is not below the predecessor of
 * the stage whose row it is. Undefined in the first stage.
 */
export function phaseBefore(
  { flags: specs, stages }: Pick<Rollout, "flags"> & Staged<Stage>,
  live: Pick<Stage, "predecessor" | "flags">,
  owner: Pick<Stage, "predecessor">,
): { readonly above: Stage | undefined; readonly to: Stage } | undefined {
  const line = stagesUpTo({ stages }, predecessorOf({ stages }, live)).reverse();
  const at = line.findIndex(
    ({ name, flags }) => name === owner.predecessor || !isAtMost(specs, live.flags, flags),
  );
  const to = line[at];
  return to && { above: line[at - 1], to };
}

/**
 * The flags that an abort of a stage goes down to: its predecessor's, a named stage's, those of the phase below what is
 * live, or all off. Where only some flags are to come down, the others have what they have while that is live.
 *
 * @param live the stage that is live. Default: the very stage, of which its predecessor is one phase down
 */
export function floorOf(
  rollout: Pick<Rollout, "flags" | "abortTo"> & Staged<Stage>,
  stage: Pick<Stage, "predecessor" | "abortTo" | "flags">,
  row: { readonly to?: AbortTo | undefined; readonly flags?: readonly string[] | undefined } = {},
  live: Pick<Stage, "predecessor" | "flags"> = stage,
): Flags {
  const { flags: specs } = rollout;
  const to = downTo(rollout, stage, row);
  const below = to === "previous" ? phaseBefore(rollout, live, stage)?.to.name : undefined;
  const named = { predecessor: stage.predecessor, previous: below, off: undefined };
  const name = Object.hasOwn(named, to) ? named[to as keyof typeof named] : to;
  const floor = (name === undefined ? undefined : stageNamed(rollout, name)?.flags) ?? allOff(specs);
  if (!row.flags) return floor;
  return { ...live.flags, ...Object.fromEntries(row.flags.map((flag) => [flag, floor[flag]])) } as Flags;
}

/** What one stack's config holds, each part validated by itself. */
export interface StackConfig {
  readonly stack: string;
  readonly rollout?: RolloutConfig | undefined;
  readonly stage?: StageConfig | undefined;
}

/** What the rollout promises of a rollback of a stage, by the row of the way that an abort of it goes. */
export function promisedBy(
  rollout: Pick<Rollout, "abortTo" | "rollback">,
  stage: Pick<Stage, "abortTo" | "rollback">,
): Promised | undefined {
  return promisedOf({ ...stage.rollback, ...rollout.rollback }, downTo(rollout, stage));
}
