import type { Gate, GateDefinition } from "../gates/definition";
import type { AbortThreshold, DatabaseConfig, RolloutConfig, SnapshotSource, StageConfig } from "./config";
import { milliseconds } from "./duration";
import type { FlagSpecs, Flags } from "./flags";

/** One stage of a rollout, validated. */
export interface Stage {
  /** The stack's name. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly predecessor?: string | undefined;
  readonly attempt: number;
  readonly flags: Flags;
  /** As config writes it (`24h`). */
  readonly soak?: string | undefined;
  readonly lower?: { readonly reason: string } | undefined;
  readonly entry: Readonly<Record<string, GateDefinition>>;
  readonly exit: Readonly<Record<string, GateDefinition>>;
  readonly abort: Readonly<Record<string, AbortThreshold>>;
  readonly snapshot?: SnapshotSource | undefined;
}

/** A whole rollout, validated: its stages in the order in which they are promoted. */
export interface Rollout {
  readonly name: string;
  readonly title?: string | undefined;
  readonly flags: FlagSpecs;
  readonly parameters: RolloutConfig["parameters"];
  readonly database?: DatabaseConfig | undefined;
  readonly topics: RolloutConfig["topics"];
  /** Never empty; the first one is all off and its stack owns the foundation. */
  readonly stages: readonly [Stage, ...Stage[]];
}

export function stageNamed(rollout: Rollout, name: string): Stage | undefined {
  return rollout.stages.find((stage) => stage.name === name);
}

export function predecessorOf(rollout: Rollout, stage: Stage): Stage | undefined {
  return stage.predecessor === undefined ? undefined : stageNamed(rollout, stage.predecessor);
}

/**
 * The gates that a promotion of `stage` is held to: its own entry, then its predecessor's exit, with parameters
 * filled in and each soak gate carrying the longer of its own and the predecessor's soak.
 */
export function gatesFor(rollout: Rollout, stage: Stage): Gate[] {
  const predecessor = predecessorOf(rollout, stage);
  const resolve = (owner: Stage, phase: Gate["phase"]) =>
    Object.entries(owner[phase]).map(
      ([id, definition]): Gate => ({
        id,
        phase,
        stage: owner.name,
        definition: resolveDefinition(definition, rollout, predecessor),
      }),
    );
  return [...resolve(stage, "entry"), ...(predecessor ? resolve(predecessor, "exit") : [])];
}

function resolveDefinition(
  definition: GateDefinition,
  rollout: Rollout,
  predecessor: Stage | undefined,
): GateDefinition {
  switch (definition.source) {
    case "soak":
      return { ...definition, atLeast: longer(definition.atLeast, predecessor?.soak) };
    case "sql":
      return { ...definition, values: definition.values.map((value) => fillIn(value, rollout.parameters)) };
  }
}

function longer(a: string | undefined, b: string | undefined): string {
  const [first = "0s", second = "0s"] = [a, b];
  return milliseconds(first) >= milliseconds(second) ? first : second;
}

const PLACEHOLDER = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/** Replaces `{name}` by the parameter. A value that is one placeholder keeps the parameter's type. */
export function fillIn<T extends string | number | boolean>(
  value: T,
  parameters: Rollout["parameters"],
): string | number | boolean {
  if (typeof value !== "string") return value;
  const whole = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/.exec(value)?.[1];
  if (whole !== undefined && Object.hasOwn(parameters, whole)) return parameters[whole] ?? value;
  return value.replace(PLACEHOLDER, (text, name: string) =>
    Object.hasOwn(parameters, name) ? String(parameters[name]) : text,
  );
}

/** The names that a text refers to as `{name}`. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/** What one stack's config holds, each part validated by itself. */
export interface StackConfig {
  readonly stack: string;
  readonly rollout?: RolloutConfig | undefined;
  readonly stage?: StageConfig | undefined;
}
