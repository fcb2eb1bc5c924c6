import { z } from "zod";
import { KNOWN } from "./known-items";

const text = () => z.string({ error: "must be set" }).min(1, "must not be empty");
const ms = (byDefault: number) => z.coerce.number().int().min(50).default(byDefault);

/** A server's environment. AWS_* and PG* are read by their own client libraries. */
const Environment = z.object({
  /** 0 picks a free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SERVER_NAME: z.string().min(1).default("ops-1"),
  /** Without it the PG* variables decide. */
  DATABASE_URL: z.string().optional(),
  APPCONFIG_APPLICATION: text(),
  APPCONFIG_ENVIRONMENT: text(),
  APPCONFIG_PROFILE: text(),
  ANALYST_TOKEN: text(),
  VERIFIER_TOKEN: text(),
  ADMIN_TOKEN: text(),
  WORKSPACE: z.string().min(1).default(KNOWN.workspace),
  KNOWN_PATCHES: z.coerce.number().int().min(0).default(KNOWN.patches),
  KNOWN_RFIS: z.coerce.number().int().min(0).default(KNOWN.rfis),
  METRICS_NAMESPACE: z.string().min(1).default("OpsView"),
  METRICS_INTERVAL_MS: ms(1_000),
  RECONCILE_INTERVAL_MS: ms(1_000),
  AUDIT_WINDOW_MS: ms(10_000),
  /** AppConfig itself refuses less than 15 s; the emulator does not. */
  FLAGS_POLL_MS: ms(250),
  /** How long a start waits for AppConfig's first answer before it serves with all flags off. */
  FLAGS_WAIT_MS: ms(3_000),
});
export type Settings = z.output<typeof Environment>;

/** All problems at once, by variable, without the values: some of them are secrets. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const result = Environment.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment does not describe a server:\n${problems.join("\n")}`);
}
