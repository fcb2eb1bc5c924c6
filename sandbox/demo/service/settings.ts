import { z } from "zod";

/** A variable that must be there. */
export const text = () => z.string({ error: "must be set" }).min(1, "must not be empty");

/** A time in ms. */
export const ms = (byDefault: number, shortest: number) =>
  z.coerce.number().int().min(shortest).default(byDefault);

function fromJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "must be JSON" });
    return z.NEVER;
  }
}

/**
 * What describes any server of the sandbox. AWS_* and PG* are read by their own client libraries.
 *
 * @param shortest no interval may be shorter, in ms
 */
export const serverSettings = (name: string, namespace: string, shortest: number) => ({
  /** 0 picks a free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SERVER_NAME: z.string().min(1).default(name),
  /** Without it the PG* variables decide. */
  DATABASE_URL: z.string().optional(),
  APPCONFIG_APPLICATION: text(),
  APPCONFIG_ENVIRONMENT: text(),
  APPCONFIG_PROFILE: text(),
  METRICS_NAMESPACE: z.string().min(1).default(namespace),
  METRICS_INTERVAL_MS: ms(1_000, shortest),
  /** Once, when it starts, as from an environment; or all the while. */
  FLAGS_READ: z.enum(["start", "always"]).default("always"),
  /**
   * Its flags, as JSON, where they stand in its code: it serves these, and never asks AppConfig. As a release does that
   * comes after a rollout's end.
   */
  FLAGS_IN_CODE: z.string().optional(),
  /** The faults that it has from its start, as JSON. */
  FAULTS: z.string().default("{}").transform(fromJson),
  /** Whether it keeps its faults over a restart, in its folder for temporary files. */
  FAULTS_KEPT: z.stringbool().default(false),
  /** AppConfig itself refuses less than 15 s; the emulator does not. */
  FLAGS_POLL_MS: ms(250, shortest),
  /** How long a start waits for AppConfig's first answer before it serves with all flags off. */
  FLAGS_WAIT_MS: ms(3_000, shortest),
});

export type ServerSettings = z.output<z.ZodObject<ReturnType<typeof serverSettings>>>;

/** Reads a server's environment. All problems at once, by variable, without the values: some of them are secrets. */
export function readEnvironment<Settings>(
  environment: z.ZodType<Settings>,
  env: NodeJS.ProcessEnv,
): Settings {
  const result = environment.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment does not describe a server:\n${problems.join("\n")}`);
}
