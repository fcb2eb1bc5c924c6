import { setTimeout as sleep } from "node:timers/promises";
import { placeIn } from "../aws/arn";
import { withClient } from "../aws/clients";
import { functionError } from "../aws/functionError";
import { reasonOf, UserError } from "../text/problem";
import { ROUNDS } from "./cadence";
import type { ProbeReport } from "./probe";

/**
 * How a probe is called by hand: what it answers, or what it failed with. With `rounds`, it goes on measuring by
 * itself, and its answer is not waited for.
 */
export type Invoke = (
  functionArn: string,
  rounds?: number,
) => Promise<{ readonly report: ProbeReport } | { readonly error: string } | { readonly begun: true }>;

/** A new role is not known everywhere at once, nor is a new network interface. */
const ATTEMPTS = 6;
const PAUSE_MS = 5_000;
/** A call lasts as long as the function. Repeated by the loop alone. */
const LIMITS = { request: 60_000, attempts: 1 };
/** What the database itself said about a query: waiting changes nothing. */
const LASTING = /^(refused|bad-answer|no-data)/;

/**
 * Runs the probe once before its schedule begins, and the alarms with it. Alarms take silence for a breach: without a
 * first value, a stage would be taken down again as soon as it is up. And a signal that cannot be measured is no
 * reason to raise flags. The schedule takes up to a minute to begin: until then the probe goes on by itself.
 */
export async function firstRun(
  functionArn: string,
  invoke: Invoke,
  { attempts = ATTEMPTS, pauseMs = PAUSE_MS } = {},
): Promise<ProbeReport> {
  for (let attempt = 1; ; attempt++) {
    const { report, problems } = await once(functionArn, invoke);
    if (report) return report;
    if (attempt >= attempts || (attempt > 1 && problems.some(([, what = ""]) => LASTING.test(what)))) {
      throw new UserError(
        "The probe cannot measure, so its alarms would see nothing:",
        problems.map(([where = "", what = ""]) => ({
          where,
          what,
          remedy: "Mend its query, the grants (database.reads) or the way to the database",
        })),
      );
    }
    await sleep(pauseMs);
  }
}

/** Calls it once, and where it could measure everything, once more so that it goes on. */
async function once(
  functionArn: string,
  invoke: Invoke,
): Promise<{ report?: ProbeReport; problems: string[][] }> {
  try {
    const answer = await invoke(functionArn);
    if (!("report" in answer))
      return { problems: [["probe", "error" in answer ? answer.error : "no answer"]] };
    const problems = Object.entries(answer.report.failures);
    if (problems.length > 0) return { problems };
    await invoke(functionArn, ROUNDS);
    return { report: answer.report, problems };
  } catch (error) {
    return { problems: [["probe", reasonOf(error)]] };
  }
}

/** Calls the function on AWS. */
export const invokeLambda: Invoke = async (functionArn, rounds) => {
  // Loaded here: a program whose stages have no probe does not pay for it.
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const { region } = placeIn(functionArn);
  return withClient(LambdaClient, { region, limits: LIMITS }, async (client) => {
    if (rounds !== undefined) {
      const Payload = JSON.stringify({ rounds });
      await client.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: "Event", Payload }));
      return { begun: true };
    }
    const answer = await client.send(new InvokeCommand({ FunctionName: functionArn }));
    const said = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined)
      return { error: functionError(said) ?? "it failed without a word" };
    return { report: JSON.parse(said) as ProbeReport };
  });
};
