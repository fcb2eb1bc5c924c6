import { mayAnswerLater, type Outside, type OutsideAnswer } from "../text/askOutside";
import { jsonIn } from "../text/json";
import type { Platform } from "./carry";

/** A request to a platform's API. */
export interface Request extends Outside {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
}

/** How a platform is reached. */
export interface Reach {
  /** Sends a request, and waits for its answer. Throws where none came in time. */
  ask(request: Request): Promise<OutsideAnswer>;
  /** AWS, for what lies there. */
  readonly aws: AwsReach;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Of AWS, what deliveries change. */
export interface AwsReach {
  /** Values of SSM parameters, by their names; none for those that are not there. */
  parameters(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  putParameter(name: string, value: string): Promise<void>;
  /** Starts the tasks of ECS services anew. */
  restart(services: readonly { readonly cluster: string; readonly service: string }[]): Promise<void>;
  /** Services of which a deployment that began before is still under way, by `cluster/service`; or why one failed. */
  restarting(
    services: readonly { readonly cluster: string; readonly service: string }[],
    since: number,
  ): Promise<readonly { readonly service: string; readonly failed?: string | undefined }[]>;
}

/** Somewhere that flags are delivered to: what config says of it, and how it is spoken with. */
export interface DeliveryKind<Config> {
  /** What it is called in words. */
  readonly title: string;
  /** How long it takes at most where config does not say. Source: beside each. */
  readonly within: string;
  /** Which of the platform's it is, in words: `project prj_12345`. */
  place(config: Config): string;
  /**
   * Whether two at one address are the same place; `unsure` where config alone does not tell. Default: where `place` says the
   * same of both.
   */
  isPlaceOf?(one: Config, other: Config): boolean | "unsure";
  /** What is wrong with the secret's text, in words that do not quote it; undefined where nothing is. */
  secretProblem?(secret: string): string | undefined;
  open(config: Config, secret: string, reach: Reach): Platform;
  /**
   * What the platform lacks, so that no delivery there can come through, in words; undefined where it lacks nothing. Reads
   * alone. Throws where the platform cannot be asked, or says no.
   */
  lacks(config: Config, secret: string, reach: Reach): Promise<string | undefined>;
}

/** What is quoted of an answer, in characters: a multiple of what is shown, since a secret in it is masked before it is cut. */
const QUOTED = 1_200;

/** An answer that is none: a platform's own words, without what was sent. */
export class Unanswered extends Error {
  constructor(
    title: string,
    readonly answer: OutsideAnswer,
    /** True where no later try finds it otherwise, until somebody mends it. */
    readonly forGood: boolean,
  ) {
    super(
      `${title} answered ${answer.status}: ${answer.body.replaceAll(/\s+/g, " ").trim().slice(0, QUOTED)}`,
    );
  }
}

/** The JSON of an answer. Throws `Unanswered` where it is none of success. */
export function jsonOf(title: string, answer: OutsideAnswer): unknown {
  if (answer.status < 200 || answer.status >= 300)
    throw new Unanswered(title, answer, !mayAnswerLater(answer.status));
  if (answer.body.trim() === "") return undefined;
  const json = jsonIn(answer.body);
  // A proxy's page in place of the API's answer: it may be gone at the next try.
  if (json === undefined) throw new Unanswered(title, answer, false);
  return json;
}
