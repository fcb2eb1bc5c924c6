import type { Asked, Answered as Plain } from "../../host/http";

/** What a tool's stand-in answers. */
export interface Answered extends Plain {
  /** What it took in, where it did. */
  readonly taken?: Taken;
}

/** A message as the tool understood it. */
export interface Taken {
  /** What a person reads first. */
  readonly headline: string;
  /** What the tool does with it, in its own words. */
  readonly action: string;
  /** What it belongs to, as the tool tells one from another. */
  readonly key?: string | undefined;
  /** Where it pages, and joins a page that somebody has acknowledged, so that nobody hears of it. */
  readonly wakesNobody?: true | undefined;
  /** The whole message, without a key. */
  readonly message: unknown;
}

/** What a message that was taken in by a tool is kept as. */
export interface Accepted extends Taken {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly tool: string;
}

export type Tool = (asked: Asked) => Answered;
