/** What a rollout's own functions are given before its app runs. */
export interface Prepared {
  /** The sandbox's database, as its owner: `postgresql://…`. */
  readonly databaseUrl: string;
  /** Bearer tokens, by role: those of `tokens`, and made-up ones of the other roles that gates name. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** What they are given once it runs. */
export interface Running extends Prepared {
  /** One for each server. A restart keeps them. */
  readonly urls: readonly string[];
}

/** A request to every server. */
interface FaultRequest {
  /** Default: POST. */
  readonly method?: string;
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A value of a stack file, as a pull request might write it. */
interface ConfigChange {
  /** The stage whose stack file it stands in. */
  readonly stack: string;
  /** From `config` on: `["cutover:rollout", "parameters", "sunset"]`. */
  readonly path: (string | number)[];
  readonly value: unknown;
}

/** What makes a row's cause come about, and what mends it: statements first, then requests, then changes of config. */
interface OwnFault {
  readonly requests?: FaultRequest[];
  readonly mend?: FaultRequest[];
  /** Statements on the rollout's database, as its owner. */
  readonly sql?: string[];
  readonly mendSql?: string[];
  /** Changed as long as it lasts, in the copies of the stack files. What stood there comes back by itself. */
  readonly config?: ConfigChange[];
}

/** The answer to one request of a gate. What is left out is made up. */
interface OwnAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A rollout's own app, in whatever language. It listens on `PORT`. */
interface OwnApp {
  /** The program and its arguments, run in the folder of the stack files. */
  readonly command: string[];
  readonly env?: Record<string, string>;
  /** How many, from 1 to 8. Default: 2. */
  readonly servers?: number;
  /** Where a server answers, whatever it is, once it serves. Default: where it tells its flags. */
  readonly ready?: string;
  /** The namespaces of the metrics that it publishes itself: none of these are made up. */
  readonly publishes?: string[];
}

/**
 * What a rollout's `rehearsal.ts` exports by default: the pieces of the world that it brings itself. Everything that is
 * left out is made up.
 */
export interface OwnWorld {
  /** Run once, in this order, before anything else: SQL files by their paths, or functions. */
  readonly seed?: (string | ((given: Prepared) => Promise<void>))[];
  readonly app?: OwnApp;
  /** Starts people at work, or whatever else goes on beside the rehearsal until its end. */
  readonly clients?: (given: Running) => { stop(): Promise<unknown> } | Promise<{ stop(): Promise<unknown> }>;
  /** What the made-up app answers a row (`STAGE.ROW`), one answer for each of its requests; null for one that is made up. */
  readonly answers?: Record<string, (OwnAnswer | null)[]>;
  /** By row id, or `STAGE.ROW`. */
  readonly faults?: Record<string, OwnFault>;
  /** Bearer tokens that the app knows, by role. */
  readonly tokens?: Record<string, string>;
  /**
   * By stage, and by what holds whenever that stage has been promoted. A check says what does not hold, in a sentence;
   * undefined where all does.
   */
  readonly checks?: Record<string, Record<string, (given: Running) => Promise<string | undefined>>>;
  /** How much faster than the clock time may pass at most, so that the app does within a day what a day asks of it. */
  readonly fastest?: number;
}
