import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import type pg from "pg";
import type { SignalPublisher } from "../../../sandbox/standin/signals/publish";
import { badValues, type Published } from "../../../sandbox/standin/signals/values";
import type { Watched } from "../../../sandbox/standin/signals/watched";
import { alarmName } from "../../../src/aws/names";
import type { Rollout } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { PATIENCE_MS } from "../pace";
import type { RehearsalProject } from "../project";
import { type Fault, OWN_FILE } from "./own";
import type { Row } from "./rows";

/** One way to make what rows look at come out badly. */
export interface Lever {
  /** What it moves, in a few words: a proof says so. */
  readonly moves: string;
  can(row: Row): boolean;
  pull(row: Row): Promise<void>;
  /** All is well again. */
  release(): Promise<void>;
}

/** What a rollout's own `rehearsal.ts` says of a row goes before all that can be derived. */
export function ownFaults(
  faults: Readonly<Record<string, Fault>>,
  { urls, pool }: { readonly urls: () => readonly string[]; readonly pool: pg.Pool },
): Lever {
  const of = ({ key, id }: Row): Fault | undefined => faults[key] ?? faults[id];
  let pulled: Fault | undefined;
  const act = async (requests: Fault["requests"], sql: readonly string[]) => {
    for (const statement of sql) await pool.query(statement);
    for (const url of urls())
      for (const { method, path, body } of requests) {
        const answer = await fetch(`${url}${path}`, {
          method,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        if (!answer.ok)
          throw new UserError(`${method} ${path}, a fault of ${OWN_FILE}, answered ${answer.status}`);
      }
  };
  return {
    moves: `as ${OWN_FILE} says`,
    can: (row) => of(row) !== undefined,
    async pull(row) {
      pulled = of(row);
      if (pulled) await act(pulled.requests, pulled.sql);
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await act(one.mend, one.mendSql);
    },
  };
}

/** The metrics that a row watches. */
export function signals(
  rows: readonly Watched[],
  good: readonly Published[],
  publisher: Pick<SignalPublisher, "instead" | "calm">,
): Lever {
  const badOf = (row: Row) => {
    const watched = rows.find(({ id }) => id === row.key);
    return watched && badValues(watched, rows, good);
  };
  return {
    moves: "its metric",
    can: (row) => badOf(row) !== undefined,
    pull: async (row) => publisher.instead(badOf(row) ?? []),
    release: () => publisher.calm(),
  };
}

/** A date that has not come: in the stack file, where the gate has it. */
export function dates(rollout: Rollout, project: () => RehearsalProject): Lever {
  let pulled: { readonly row: Row; readonly after: string } | undefined;
  const definitionOf = ({ stage, section, id }: Row) => {
    const found = rollout.stages.find(({ name }) => name === stage);
    const gate = section === "entry" || section === "exit" ? found?.[section][id] : undefined;
    return gate?.source === "date" ? gate : undefined;
  };
  const edit = (row: Row, after: string) =>
    project().edit(row.stage, ["cutover:stage", row.section, row.id, "after"], after);
  return {
    moves: "its date",
    can: (row) => definitionOf(row) !== undefined,
    async pull(row) {
      const { after } = definitionOf(row) ?? {};
      if (after === undefined) return;
      pulled = { row, after };
      await edit(row, new Date(Date.now() + 86_400_000).toISOString());
    },
    async release() {
      const one = pulled;
      pulled = undefined;
      if (one) await edit(one.row, one.after);
    },
  };
}

/** An alarm that somebody else declares, and which is stood in for here. */
export function othersAlarms(
  rollout: Rollout,
  aws: ConstructorParameters<typeof CloudWatchClient>[0],
): Lever & {
  declare(): Promise<void>;
} {
  const client = () => new CloudWatchClient(aws ?? {});
  const nameOf = ({ stage, section, id }: Row) =>
    section === "abort" ? rollout.stages.find(({ name }) => name === stage)?.abort[id]?.alarm : undefined;
  const named = rollout.stages.flatMap(({ abort }) =>
    Object.values(abort).flatMap(({ alarm }) => (alarm === undefined ? [] : [alarm])),
  );
  const pulled: string[] = [];
  const set = async (name: string, state: "OK" | "ALARM") => {
    const cloudwatch = client();
    try {
      await cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: "A rehearsal sets it" }),
      );
    } finally {
      cloudwatch.destroy();
    }
  };
  return {
    moves: "the alarm that it follows",
    can: (row) => nameOf(row) !== undefined,
    async declare() {
      const cloudwatch = client();
      try {
        for (const name of new Set(named)) {
          await cloudwatch.send(
            new PutMetricAlarmCommand({
              AlarmName: name,
              Namespace: "Rehearsal",
              MetricName: name,
              Statistic: "Maximum",
              Period: 60,
              EvaluationPeriods: 1,
              Threshold: 0,
              ComparisonOperator: "GreaterThanThreshold",
              // It stays as it was set: nothing publishes the metric.
              TreatMissingData: "ignore",
            }),
          );
          await set(name, "OK");
        }
      } finally {
        cloudwatch.destroy();
      }
    },
    async pull(row) {
      const name = nameOf(row);
      if (name === undefined) return;
      pulled.push(name);
      await set(name, "ALARM");
    },
    async release() {
      for (const name of pulled.splice(0)) await set(name, "OK");
    },
  };
}

/** For the gate that wants alarms to be quiet: one of them is not known to be. It lasts until the alarm is evaluated. */
export function blindAlarm(rollout: Rollout, aws: ConstructorParameters<typeof CloudWatchClient>[0]): Lever {
  const gateOf = ({ stage, section, id }: Row) => {
    const own = rollout.stages.find(({ name }) => name === stage);
    return section === "entry" && own?.entry[id]?.source === "alarms" ? own : undefined;
  };
  const watchedOf = (row: Row) => {
    const own = gateOf(row);
    const line: string[] = [];
    for (let at = own?.predecessor; at !== undefined; ) {
      const before = rollout.stages.find(({ name }) => name === at);
      line.push(...Object.keys(before?.abort ?? {}).map((id) => alarmName(rollout.name, at ?? "", id)));
      at = before?.predecessor;
    }
    return line[0];
  };
  return {
    moves: "an alarm without data",
    can: (row) => watchedOf(row) !== undefined,
    async pull(row) {
      const client = new CloudWatchClient(aws ?? {});
      try {
        await client.send(
          new SetAlarmStateCommand({
            AlarmName: watchedOf(row),
            StateValue: "INSUFFICIENT_DATA",
            StateReason: "A rehearsal sets it",
          }),
        );
      } finally {
        client.destroy();
      }
    },
    release: async () => {},
  };
}
