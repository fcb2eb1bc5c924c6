import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import type { ReachSource, SqlSource } from "../gates/database";
import type { DatabaseConnection, GateLogin } from "../gates/databaseConnection";
import type { ReadingSource } from "../gates/databaseReading";
import { reasonOf } from "../text/problem";
import { within } from "../text/within";
import { ElsewhereRows } from "./elsewhere";
import { loginOf, SecretError, tokensOf } from "./login";
import { LoginWatch } from "./loginWatch";
import { metricsOf } from "./metrics";
import type { Reconciled } from "./reconcile/reconciler";
import { Reconciliations } from "./reconcile/reconciliations";
import { type Measured, measureRows, noneMeasured } from "./run";
import type { ProbeLogin, ProbeSettings } from "./settings";

/** Until when one measurement reads the login and asks. Publishing comes after it. */
export const MEASURE_MS = 15_000;

/** What a probe reaches. */
export interface ProbeWorld {
  /** The secret's text. */
  readSecret(secretArn: string): Promise<string>;
  open(connection: DatabaseConnection): SqlSource & ReachSource & ReadingSource;
  publish(metrics: readonly MetricDatum[]): Promise<void>;
  log(entry: object): void;
}

/** What one run found, as whoever called it by hand reads it. No secret is in it. */
export interface ProbeReport extends Measured {
  /** What is wrong with the login itself. Absent: nothing that is known of. */
  readonly login?: readonly string[];
  /** What was found of sources that are compared, by name. */
  readonly reconciled?: Readonly<Record<string, Reconciled>>;
  readonly tookMs: number;
}

/** What one attempt found. */
type Found = Pick<ProbeReport, "values" | "failures" | "reconciled">;

/**
 * A probe that may run again and again. It fails only where it could not publish: everything else is told by the
 * metrics themselves. The login is kept from run to run, until the database refuses it.
 */
export function createProbe(
  settings: ProbeSettings,
  world: ProbeWorld,
  measureMs = MEASURE_MS,
): () => Promise<ProbeReport> {
  let login: GateLogin | undefined;
  const watch = new LoginWatch();
  const reconciliations = new Reconciliations(settings);
  let wrong: readonly string[] = [];
  const elsewhere = settings.elsewhere && new ElsewhereRows(settings.elsewhere.rows);
  let tokens: Readonly<Record<string, string>> | undefined;

  async function readLogin(where: ProbeLogin, deadline: number): Promise<GateLogin> {
    return "secretArn" in where ? loginOf(await textBy(deadline, world.readSecret(where.secretArn))) : where;
  }

  async function measureOnce(deadline: number): Promise<Found> {
    const { database, login: where } = settings;
    if (!database || !where) return { values: {}, failures: {} };
    try {
      login ??= await readLogin(where, deadline);
    } catch (error) {
      return noneMeasured(
        { ...settings.rows, ...settings.counted },
        `the login could not be read: ${wordsOf(error)}`,
      );
    }
    const source = world.open({ ...database, ...login });
    try {
      const [rows, counted] = [
        await measureRows(settings.rows, source, deadline),
        await reconciliations.round(source, deadline),
      ];
      const measured = {
        ...together(rows, counted),
        ...(Object.keys(counted.reconciled).length > 0 ? { reconciled: counted.reconciled } : {}),
      };
      // After the rows: they alone fill the connections that a probe opens.
      wrong = await watch.look(source, isRefused(measured), deadline - performance.now());
      return measured;
    } finally {
      // Not waited for: a server that does not answer would hold up what is known already.
      source.close().catch(() => {});
    }
  }

  /** Named sources, beside the database: neither holds up the other. The tokens are kept until a source refuses them. */
  async function askElsewhere(deadline: number): Promise<Found> {
    if (!settings.elsewhere || !elsewhere) return { values: {}, failures: {} };
    const { sources, rows, secretArn } = settings.elsewhere;
    try {
      tokens ??= secretArn === undefined ? {} : tokensOf(await textBy(deadline, world.readSecret(secretArn)));
    } catch (error) {
      return noneMeasured(rows, `the tokens could not be read: ${wordsOf(error)}`);
    }
    const told = await elsewhere.round({ sources, tokens }, deadline);
    if (isRefused(told)) tokens = undefined;
    return told;
  }

  async function measure(deadline: number): Promise<Found> {
    const kept = login !== undefined;
    const measured = await measureOnce(deadline);
    if (!isRefused(measured)) return measured;
    // The password may have changed since: it is read anew, now where it was an old one, and at the next run.
    login = undefined;
    return kept ? measureOnce(deadline) : measured;
  }

  return async () => {
    const started = performance.now();
    const [known, told] = await Promise.all([
      measure(started + measureMs),
      askElsewhere(started + measureMs),
    ]);
    const measured = { ...known, ...together(known, told) };
    const tookMs = Math.round(performance.now() - started);
    const report = { ...measured, ...(wrong.length > 0 ? { login: wrong } : {}), tookMs };
    world.log({ probe: `${settings.rollout} ${settings.stage}`, ...report });
    await world.publish(metricsOf(settings.stage, measured, wrong, measured.reconciled));
    return report;
  };
}

/** What two parts measured, each of rows of its own. */
const together = (one: Measured, other: Measured): Measured => ({
  values: { ...one.values, ...other.values },
  failures: { ...one.failures, ...other.failures },
});

const isRefused = ({ failures }: Measured) =>
  Object.values(failures).some((failure) => failure.startsWith("refused"));

async function textBy(deadline: number, secret: Promise<string>): Promise<string> {
  const text = await within(Math.max(0, deadline - performance.now()), secret);
  if (text === undefined) throw new SecretError("no answer in time");
  return text;
}

/** AWS names a failure without telling what the secret holds. */
function wordsOf(error: unknown): string {
  return error instanceof Error && error.name !== "Error" && !(error instanceof SecretError)
    ? `${error.name}: ${reasonOf(error)}`
    : reasonOf(error);
}
