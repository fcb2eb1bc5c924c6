import type { Flags } from "../../src/flags/flags";
import { kindOf } from "../../src/gates/gate";
import { milliseconds } from "../../src/text/duration";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { type App, asked } from "./world/app";
import { HOUR, MINUTE } from "./world/clock";
import { ops, v2 } from "./world/flags";
import { outcomeOf, smokeOf } from "./world/gates";

/** Every server tells the stage's flags. */
const converged = (of: Shipped, id: string, stage: string, flags: Flags): Behaviour => ({
  rollout: of,
  rows: [id, "servers"],
  title: `${id}: after ${stage}, every server tells the flags, within five minutes`,
  async run(rollout) {
    const gate = smokeOf(rollout, stage, id);
    const servers = rollout.servers;
    const path = of === "ops-view" ? "/api/v2.5/feature-flags" : "/feature-flags";
    const told =
      (odd?: Flags): App =>
      ({ url }) =>
        url.pathname === path
          ? { json: { data: { flags: odd && url.hostname.includes("-2.") ? odd : flags } } }
          : { status: 404 };
    const outcome = (app: App) =>
      asked(app, () => outcomeOf(gate, { rollout, promoted: stage, liveMs: HOUR, sources: { servers } }));
    same(await outcome(told()), "pass", "all of them tell them");
    for (const [flag, value] of Object.entries(flags))
      same(
        await outcome(told({ ...flags, [flag]: typeof value === "number" ? value + 1 : !value })),
        "fail",
        `one tells another ${flag}`,
      );
    same(
      milliseconds(kindOf(gate.definition).settlesWithin?.(gate.definition) ?? "0ms"),
      5 * MINUTE,
      "how long they may take",
    );
  },
});

const VALUES: readonly (readonly [string, Flags])[] = [
  ["percent10", v2(10)],
  ["percent50", v2(50)],
  ["percent100", v2(100)],
  ["deprecate-v1", v2(100, true)],
  ["remove-v1", v2(100, true, true)],
];

export const CONVERGENCE: readonly Behaviour[] = [
  converged("ops-view", "A2", "stageA", ops(true, false)),
  converged("ops-view", "SB0", "stageB", ops(true, true)),
  ...VALUES.map(([stage, flags]) => converged("v2-pipeline", "S1", stage, flags)),
];
