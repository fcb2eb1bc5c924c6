import * as pulumi from "@pulumi/pulumi";
import { type DatabaseConnection, type GateLogin, reachedAs } from "../src/gates/databaseConnection";
import type { Baseline } from "../src/imports/answer";
import { type Measured, measureBaseline } from "../src/imports/baseline";
import type { DatabaseConfig } from "../src/rollout/config/database";
import type { ImportsConfig } from "../src/rollout/config/imports";
import { runError } from "../src/text/runError";

/** Measures the baseline; never fails. */
export type MeasureBaseline = (connection: DatabaseConnection, mapping: ImportsConfig) => Promise<Measured>;

/** What a baseline is recorded with. */
export interface BaselineArgs {
  readonly database: DatabaseConfig & { readonly imports: ImportsConfig };
  readonly login: pulumi.Output<GateLogin>;
  /** Once these are there, the questions can be asked. */
  readonly queries: readonly pulumi.CustomResource[];
  readonly measure?: MeasureBaseline | undefined;
}

/**
 * Records the answers to Q1 to Q6 at the first `up`, before any stage raises a flag. They stay in the stack's state,
 * as evidence does: whoever may read the stack can read them, without the database. A new number under
 * `imports.baseline` records them anew.
 *
 * Secret, since patterns of errors are made of texts that nobody has checked for secrets.
 */
export function recordBaseline(
  name: string,
  { database, login, queries, measure = measureBaseline }: BaselineArgs,
  opts: pulumi.ResourceOptions,
): pulumi.Output<Baseline> {
  const { imports } = database;
  const measured = pulumi
    .output({ login, ids: queries.map(({ id }) => id) })
    .apply(
      async ({ login }): Promise<Measured> =>
        pulumi.runtime.isDryRun()
          ? { failure: "a preview records nothing" }
          : measure({ ...reachedAs(database), ...login }, imports),
    );
  // Measured at each run, and kept from the first: only one that is about to be recorded has to have succeeded.
  const whole = new pulumi.ResourceHook(`${name}-baseline`, async () => {
    const value = await settled(measured);
    if ("failure" in value)
      throw runError(
        `The baseline of Q1 to Q6 could not be recorded: ${value.failure}. See that the gate role reaches the database from here, then run pulumi up again.`,
      );
  });
  const stash = new pulumi.Stash(
    `${name}-baseline`,
    { input: pulumi.secret(measured) },
    {
      ...opts,
      ignoreChanges: ["input"],
      additionalSecretOutputs: ["input", "output"],
      replacementTrigger: imports.baseline,
      hooks: { beforeCreate: [whole] },
    },
  );
  return pulumi.secret(stash.output.apply((value) => value as Baseline));
}

/** The value of an output that is known by now. */
function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as T));
  });
}
