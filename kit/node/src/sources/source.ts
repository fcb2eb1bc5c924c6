import type { Declarations } from "../declare";

/** What one look at a source brought. */
export interface Reading {
  /** The document; absent where it is the same as last time, or where there is none yet. */
  readonly text?: string;
  /** The source's own word for the document's version. A digest stands in where it has none. */
  readonly version?: string | undefined;
  /** The source asks not to be asked again before so many ms. */
  readonly pauseMs?: number;
  /** Nothing has been deployed there yet, or it is gone: the sentence to report. */
  readonly none?: string;
}

/** Where flags come from. One file for each; an app may bring its own. */
export interface Source {
  /** As the report says it. `cutover retire` takes a word with `appconfig` in it for a server that still needs it. */
  readonly name: string;
  /** True where what it says cannot change while the process runs: it is asked until it has answered once. */
  readonly once?: boolean;
  /**
   * Looks once. Rejects where the source cannot be asked.
   *
   * @param signal aborts once the look has taken too long
   */
  read(declared: Declarations, signal: AbortSignal): Promise<Reading>;
  /** What was read last could not be used: it is wanted again, also where it has not changed. */
  forget?(): void;
  /** Frees what it holds. */
  close?(): void;
}

/** Which configuration in AppConfig; names or ids. */
export interface AppConfigAt {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

/** A source that asks for less than AppConfig may be asked: 429, or what a client library makes of it. */
export class Throttled extends Error {}
