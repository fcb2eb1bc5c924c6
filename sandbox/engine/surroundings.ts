import type { Progress } from "../../src/text/progress";
import type { Processes } from "../host/processes";

/** What looking for an engine, and making one, has to work with. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly processes: Processes;
  readonly progress: Progress;
  /** The user's cache folder of this project. */
  readonly cache?: string;
  /** How much disk is free, for tests. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}
