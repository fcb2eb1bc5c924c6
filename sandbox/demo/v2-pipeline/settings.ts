import { z } from "zod";

const text = () => z.string({ error: "must be set" }).min(1, "must not be empty");
const ms = (byDefault: number) => z.coerce.number().int().min(10).default(byDefault);

/** A server's environment. AWS_* and PG* are read by their own client libraries. */
const Environment = z.object({
  /** 0 picks a free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SERVER_NAME: z.string().min(1).default("imports-1"),
  /** Without it the PG* variables decide. */
  DATABASE_URL: z.string().optional(),
  APPCONFIG_APPLICATION: text(),
  APPCONFIG_ENVIRONMENT: text(),
  APPCONFIG_PROFILE: text(),
  METRICS_NAMESPACE: z.string().min(1).default("ImportPipeline"),
  METRICS_INTERVAL_MS: ms(1_000),
  /** How long an import takes. */
  WORK_MS: ms(60),
  /** Between two looks at the queue. */
  WORKER_POLL_MS: ms(50),
  VERIFY_INTERVAL_MS: ms(250),
  /** Between two samples of CPU and memory. */
  SAMPLE_MS: ms(100),
  /** AppConfig itself refuses less than 15 s; the emulator does not. */
  FLAGS_POLL_MS: ms(250),
  /** How long a start waits for AppConfig's first answer before it serves with all flags off. */
  FLAGS_WAIT_MS: ms(3_000),
});
export type Settings = z.output<typeof Environment>;

/** All problems at once, by variable, without the values. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const result = Environment.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment does not describe a server:\n${problems.join("\n")}`);
}
