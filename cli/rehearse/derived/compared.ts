import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { emulated } from "../../../sandbox/aws/emulated";
import { probeName } from "../../../src/aws/probeNames";
import type { ProbeReport } from "../../../src/probe/probe";
import type { Reconciled } from "../../../src/probe/reconcile/reconciler";
import { toReconcile } from "../../../src/rollout/byHand";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Count } from "../../../src/rollout/config/reconcile";
import type { Stage } from "../../../src/rollout/rollout";
import { milliseconds } from "../../../src/text/duration";
import { sqlName } from "../../../src/text/sqlName";
import { untilSo } from "../pace";
import { type Cause, checkStep } from "../steps";
import { countedIn, type Differing, differencesSeen, showDiffering } from "./comparedFacts";
import type { Derived } from "./world";

/** What an abort row goes by that compares two sources, as a rehearsal looks at it. */
type Row = Pick<AbortThreshold, "compares" | "reconcile">;

/**
 * Holds what a row's probe says of two sources against what a person finds who types what on-call is sent: before anything is
 * planted, within the lag, while it is there, and once it is mended. Undefined for a row that compares nothing.
 */
export function comparing(act: Derived, stage: Stage, id: string, { compares, reconcile }: Row) {
  if (!compares || !reconcile) return undefined;
  const { rollout, sandbox, webhook } = act.world;
  const { of, count } = reconcile;
  const byHand = toReconcile(rollout, stage)[Object.keys(stage.reconcile ?? {}).indexOf(of)];
  if (!byHand) return undefined;
  const probe = () => probeOf(act, stage, of);
  const found = () => typed(act, byHand.query, compares);
  const differs = async () => {
    const before = await found();
    const said = await probe();
    const after = await found();
    return { after, told: differencesSeen(said, { before, after }, count) };
  };
  const problems: string[] = [];
  const lines: string[] = [];
  const heard = webhook.delivered.length;

  /** What is wrong while it goes on: looked at on the way, and told afterwards. */
  const around = (cause: Cause): Cause => ({
    async pull() {
      const began = await clock(act);
      await cause.pull();
      const early = countedIn(await probe(), count);
      if (early > 0 && (await clock(act)) - began < milliseconds(compares.lag))
        problems.push(`${early} counted before the lag of ${compares.lag} was over`);
    },
    async release() {
      const seen = await untilSo(async () => {
        const { after, told } = await differs();
        return after.length > 0 && told === undefined ? after : undefined;
      }, sandbox.closing);
      if (seen) lines.push(`found and named: ${showDiffering(seen)}`);
      else problems.push((await differs()).told ?? "nothing was found");
      await cause.release();
    },
  });

  return {
    around,
    before: () =>
      checkStep(act, `${id}: nothing differs in ${byHand.title}`, async () => {
        const there = countedIn(await probe(), count);
        return there === 0 ? undefined : `the probe counts ${there} before anything was planted`;
      }),
    /** @param told whether on-call is sent what to type: whatever lowers flags sends it */
    after: (told: boolean) =>
      checkStep(
        act,
        `${id}: what differs is found and named, and no other once it is mended`,
        async (shown) => {
          shown.push(...lines);
          const sent = () =>
            webhook.delivered.slice(heard).some(({ message }) => message.includes(byHand.differing)) ||
            undefined;
          if (told && !(await untilSo(async () => sent(), sandbox.closing)))
            problems.push(`on-call was not sent what to type: ${byHand.differing}`);
          // A fault of the rollout's own may leave rows behind: then both still find the same.
          const agreed = await untilSo(
            async () => ((await differs()).told === undefined ? true : undefined),
            sandbox.closing,
          );
          if (!agreed) problems.push(`once it is mended: ${(await differs()).told}`);
          return problems.length > 0 ? problems.join("\n") : undefined;
        },
      ),
  };
}

/** The probe called by hand, as its first run calls it. */
async function probeOf({ world }: Derived, stage: Stage, of: string): Promise<Reconciled | undefined> {
  const client = new LambdaClient(emulated(world.sandbox.aws));
  try {
    const FunctionName = probeName(world.rollout.name, stage.name);
    const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
    const report = JSON.parse(Buffer.from(Payload ?? []).toString() || "{}") as Partial<ProbeReport>;
    return report.reconciled?.[of];
  } finally {
    client.destroy();
  }
}

async function typed(
  { world }: Derived,
  query: string,
  { first, second }: NonNullable<Row["compares"]>,
): Promise<Differing[]> {
  const client = await world.pool.connect();
  try {
    await client.query(
      `begin; set local search_path = ${sqlName(world.rollout.database?.schema ?? "public")}`,
    );
    const { rows } = await client.query<Record<string, unknown>>(query);
    return rows.map(({ key, ...sides }) => {
      const way: Count =
        sides[second.name] === null ? "missing" : sides[first.name] === null ? "extra" : "different";
      return { key: String(key), way };
    });
  } finally {
    await client.query("rollback");
    client.release();
  }
}

/** The database's own, in ms: lags are counted by it. */
async function clock({ world }: Derived): Promise<number> {
  const { rows } = await world.pool.query("select extract(epoch from clock_timestamp()) * 1000 as now");
  return Number(rows[0]?.now);
}
