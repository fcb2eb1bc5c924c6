import { z } from "zod";
import { ms as atLeast, readEnvironment, serverSettings } from "../service/settings";

const SHORTEST_MS = 10;
const ms = (byDefault: number) => atLeast(byDefault, SHORTEST_MS);

/** A server's environment. */
const Environment = z.object({
  ...serverSettings("imports-1", "ImportPipeline", SHORTEST_MS),
  /** How long an import takes. */
  WORK_MS: ms(60),
  /** Between two looks at the queue. */
  WORKER_POLL_MS: ms(50),
  VERIFY_INTERVAL_MS: ms(250),
  /** Between two samples of CPU and memory. */
  SAMPLE_MS: ms(100),
});
export type Settings = z.output<typeof Environment>;

export const readSettings = (env: NodeJS.ProcessEnv): Settings => readEnvironment(Environment, env);
