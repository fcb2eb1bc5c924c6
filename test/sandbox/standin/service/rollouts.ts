import { type Script, type ScriptOptions, scriptOf } from "../../../../sandbox/standin/service/script";
import type { Scripted } from "../../../../sandbox/standin/service/serviceRows";
import type { Flags } from "../../../../src/flags/flags";
import { type GateDefinition, gateDefinition } from "../../../../src/gates/gate";
import type { Step } from "../../../../src/gates/kinds/requests.step";
import type { Stage } from "../../../../src/rollout/rollout";

/** What config says of a step, before it is read. */
export type WrittenStep = Partial<Omit<Step, "path">> & { readonly path?: string };

/** A gate of several requests, as config has it. */
export function requestsGate(steps: readonly WrittenStep[], more: object = {}): GateDefinition {
  return gateDefinition.parse({
    source: "requests",
    title: "The service answers",
    writes: true,
    steps: steps.map((step) => ({ path: "/things", ...step })),
    ...more,
  });
}

/** A gate of one request. */
export const httpGate = (more: object): GateDefinition =>
  gateDefinition.parse({
    source: "http",
    title: "The service answers",
    request: { path: "/things" },
    ...more,
  });

interface StageOf {
  readonly flags?: Flags;
  readonly entry?: Readonly<Record<string, GateDefinition>>;
  readonly exit?: Readonly<Record<string, GateDefinition>>;
  readonly smoke?: Readonly<Record<string, GateDefinition>>;
}

/** A rollout with stages one, two, … after the baseline, each with its own percentage. */
export function rolloutOf(stages: readonly StageOf[], more: Partial<Scripted> = {}): Scripted {
  const names = ["baseline", "one", "two", "three"];
  const built = [{}, ...stages].map(
    ({ flags, entry = {}, exit = {}, smoke = {} }: StageOf, index): Stage => ({
      name: names[index] ?? `stage${index}`,
      ...(index === 0 ? {} : { predecessor: names[index - 1] ?? "" }),
      attempt: 1,
      flags: flags ?? { SHARE: index * 10 },
      entry,
      exit,
      smoke,
      signOffs: {},
      abort: {},
      messages: {},
      rollback: {},
    }),
  );
  return {
    stages: built as unknown as Scripted["stages"],
    flags: { SHARE: { kind: "percentage", title: "Share", off: 0, requires: [], writes: false } },
    parameters: {},
    ...more,
  };
}

const CLOCK = { now: Date.UTC(2026, 0, 17), timeScale: 1 };

/** The script of a rollout, as of a moment. */
export const scriptAt = (rollout: Scripted, options: Partial<ScriptOptions> = {}): Script =>
  scriptOf(rollout, { clock: CLOCK, ...options });
