import * as pulumi from "@pulumi/pulumi";
import { abortRows } from "../src/abort/abortRows";
import { followersOf } from "../src/delivery/followers";
import { partsOf } from "../src/gates/databaseConnection";
import { rolesOfSource } from "../src/gates/elsewhere/source";
import { elsewhereRows, probeRows } from "../src/probe/probedRows";
import { countedRows, reconciliations } from "../src/probe/reconcile/settings";
import { toReconcile } from "../src/rollout/byHand";
import { staysDown } from "../src/rollout/contracted";
import { doorsOf } from "../src/rollout/doors";
import { fillingOf } from "../src/rollout/filling";
import { floorOf, promisedBy } from "../src/rollout/rollout";
import { abortAlarm } from "./abortAlarm";
import { AbortSwitch } from "./abortSwitch";
import { Probe, type ProbeArgs } from "./probe";
import type { StageArgs } from "./stageArgs";

/** What brings a stage's flags down. */
export interface Guards {
  /** What must be there before the flags are raised. */
  readonly ready: pulumi.Resource[];
  /** All of it. */
  readonly parts: pulumi.Resource[];
}

/** The switch that lowers the flags, then the alarms that pull it. Both stand before the flags are raised. */
export function declareGuards(name: string, args: StageArgs, child: pulumi.CustomResourceOptions): Guards {
  const { rollout, stage, topics } = args;
  // Of a finished rollout nothing brings the flags down by itself any more.
  if (args.finished || Object.keys(stage.abort).length === 0) return { ready: [], parts: [] };
  const abort = new AbortSwitch(
    `${name}-abort`,
    {
      rollout: rollout.name,
      stage: stage.name,
      region: args.region,
      formerly: stage.formerly,
      attempt: stage.attempt,
      specs: rollout.flags,
      floor: floorOf(rollout, stage),
      doors: doorsOf(rollout),
      alarms: abortRows(rollout, stage, args.timeScale),
      ...followersOf(rollout),
      promised: promisedBy(rollout, stage),
      contracted: staysDown(rollout, stage),
      reconcile: toReconcile(rollout, stage).map(({ title, differing }) => ({ title, line: differing })),
      reservedConcurrency: rollout.reservedConcurrency,
      applicationId: args.applicationId,
      environmentId: args.environmentId,
      profileId: args.profileId,
      strategyId: args.strategyId,
      topics,
    },
    child,
  );
  const onCallTopicArn = pulumi.output(topics).onCall;
  const probe = declareProbe(name, args, onCallTopicArn, child);
  const rows = Object.entries(stage.abort).map(([row, threshold]) =>
    abortAlarm(
      `${name}-${row}`,
      {
        rollout: rollout.name,
        stage: stage.name,
        row,
        threshold,
        onCallTopicArn,
        abortTopicArn: abort.topicArn,
        before: fillHook(name, args, row),
      },
      { ...child, dependsOn: [...abort.ready, ...(probe?.ready ?? [])] },
    ),
  );
  const alarms = rows.flatMap(({ alarm, filter }) => (filter ? [filter, alarm] : [alarm]));
  return {
    ready: [...abort.ready, ...(probe?.ready ?? []), ...alarms],
    parts: [abort, ...(probe ? [probe] : []), ...alarms],
  };
}

/** What the alarm of a row waits for, so that it does not go off by itself; undefined where that is nothing. */
function fillHook(
  name: string,
  { stage, awaitFilled }: Pick<StageArgs, "stage" | "awaitFilled">,
  row: string,
): pulumi.ResourceHook | undefined {
  const threshold = stage.abort[row];
  if (!threshold || !fillingOf(threshold)) return undefined;
  return new pulumi.ResourceHook(`${name}-${row}-filled`, () => awaitFilled(row));
}

/** Publishes the signals that live in the database, and at named sources. */
function declareProbe(
  name: string,
  { rollout, stage, region, database, timeScale, tokens }: StageArgs,
  onCallTopicArn: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): Probe | undefined {
  const rows = probeRows(stage.abort, rollout.parameters, timeScale);
  const [reconcile, counted] = [reconciliations(stage), countedRows(stage)];
  const elsewhere = elsewhereRows(stage.abort);
  const reads = database && Object.keys({ ...rows, ...reconcile }).length > 0 ? partsOf(database) : undefined;
  if (!reads && Object.keys(elsewhere).length === 0) return undefined;
  return new Probe(
    `${name}-probe`,
    {
      rollout: rollout.name,
      stage: stage.name,
      region,
      rows,
      reconcile,
      counted,
      database: reads?.place,
      login: reads?.login,
      elsewhere: askedElsewhere(elsewhere, rollout.sources, tokens),
      resource: rollout.database?.login?.resource,
      // As gates are: where a function looks at them from within a network, their sources are asked from there.
      vpc: rollout.database?.vpc ?? (reads ? undefined : rollout.measure?.vpc),
      onCallTopicArn,
    },
    opts,
  );
}

/** The sources that rows ask, and those tokens alone that their headers carry. */
function askedElsewhere(
  rows: ReturnType<typeof elsewhereRows>,
  declared: StageArgs["rollout"]["sources"] = {},
  tokens: NonNullable<StageArgs["tokens"]> = {},
): ProbeArgs["elsewhere"] {
  if (Object.keys(rows).length === 0) return undefined;
  const asked = new Set(Object.values(rows).map(({ from }) => from));
  const sources = Object.fromEntries(Object.entries(declared).filter(([name]) => asked.has(name)));
  const roles = new Set(Object.values(sources).flatMap(rolesOfSource));
  return {
    rows,
    sources,
    tokens: Object.fromEntries(Object.entries(tokens).filter(([role]) => roles.has(role))),
  };
}
