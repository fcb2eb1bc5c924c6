import type { z } from "zod";
import type { MetricSource } from "../aws/metricSource";
import type { Flags } from "../flags/flags";
import type { ServersConfig } from "../flags/servers";
import { type Problem, tellWhere } from "../text/problem";
import type { Calendar } from "./calendar";
import type { Phase } from "./common";
import type { NamedSource } from "./elsewhere/source";
import type { Expectation } from "./expectation";
import type { Hand } from "./hand";
import type { WaysBack } from "./promise";
import type { Orders } from "./strength";
import type { Found, JudgeContext, Missed, Scope, Verdict } from "./verdict";

/** A gate of one kind, as one promotion is held to it: `Gate` in `gate.ts` is one of any kind. */
export type GateOf<D, Facts = object> = {
  readonly id: string;
  readonly phase: Phase;
  readonly stage: string;
  readonly definition: D;
} & Facts;

/** A stage, as far as kinds of gates go. */
export interface StageAround {
  readonly name: string;
  readonly attempt: number;
  readonly flags: Flags;
  readonly soak?: string | undefined;
  readonly snapshot?:
    | {
        readonly instance?: string | undefined;
        readonly cluster?: string | undefined;
        readonly reachedAs?: { readonly host: string } | undefined;
      }
    | undefined;
  readonly abort: Readonly<Record<string, object>>;
  readonly rollback?: WaysBack | undefined;
  readonly entry: Readonly<Record<string, object>>;
  readonly exit: Readonly<Record<string, object>>;
}

/** The rollout around a gate. */
interface Around {
  readonly rollout: {
    readonly name: string;
    readonly parameters?: object | undefined;
    readonly calendar?: Calendar | undefined;
    readonly database?:
      | { readonly host: string; readonly login?: { readonly tenant?: string | undefined } | undefined }
      | undefined;
    readonly service?: object | undefined;
    readonly sources?: Readonly<Record<string, NamedSource>> | undefined;
    readonly servers?: ServersConfig | undefined;
    readonly rollback?: WaysBack | undefined;
    readonly backup?: { readonly dumps: string } | undefined;
  };
  /** The stages from the first one to the one that is live when the gate is measured. */
  readonly line: readonly StageAround[];
  /** The stage that it is measured for. */
  readonly promoted: StageAround;
}

/** Puts the rollout's parameters into a value. */
export type Fill = <T extends string | number | boolean>(value: T) => string | number | boolean;

/** Something wrong with a gate's definition, or with what is around it; `path` says where below the gate. */
export type FieldError = Omit<Problem, "where"> & { readonly path: readonly string[] };

/** What a gate needs that nobody declares; nothing where it is there. */
export function lacking(there: boolean, error: Omit<Problem, "where">): FieldError[] {
  return tellWhere(!there, { path: ["source"], ...error });
}

/** What a value can be, where config alone shows it. */
export interface Extent {
  readonly least: number;
  readonly most: number;
  /** True where it is a whole number. */
  readonly whole: boolean;
  /** What it is, in a few words. */
  readonly words: string;
}

/** What a gate reads of CloudWatch: a metric, or arithmetic of several, over a window. */
export interface MetricReading {
  readonly source: MetricSource;
  /** Whether the worst minute counts, instead of the whole window. */
  readonly worstMinute: boolean;
  readonly window: string;
  /** How many samples there must be. */
  readonly minSamples: number;
  /** The metric whose Sum counts as the number of samples; of arithmetic, one of its own, by id. */
  readonly samplesFrom?: string | undefined;
  /** How often there should be data. */
  readonly every: string;
  /** The metric that shows that the app was alive where there are none; of arithmetic, one of its own, by id. */
  readonly heartbeat?: string | undefined;
  /** The metrics of its arithmetic, by id, whose silence counts as nothing, once they had data at all. */
  readonly filled: readonly string[];
  /** True where the gate says by itself how much of its window may be without data. */
  readonly saysGaps: boolean;
  readonly expect: Expectation;
}

/** A query that a gate asks. */
type QueryReading = { query: string; window?: string | undefined; expect: Expectation };

/** Any query that a gate asks, by its place below the gate. */
export interface AskedQuery {
  readonly path: readonly string[];
  readonly query: string;
  readonly values: readonly unknown[];
  /** What its value must be, where the gate says it of this very one. */
  readonly expect?: Expectation | undefined;
  /** True where something is decided by its value, which has to follow what the database holds. */
  readonly decides?: boolean | undefined;
  /** True where it is meant to count only the rows that a policy shows. */
  readonly filtered?: boolean | undefined;
}

/** What there is to know of a kind of gate, beside its schemas. All of it is pure. */
interface Behaviour<D, Facts> {
  /** The sections of a stage in which it means something. */
  readonly phases: readonly Phase[];
  /** What its verdict depends on beside its definition. It becomes part of the gate, so that the hash covers it. */
  bind?(definition: D, around: Around): Facts;
  /** The definition with the rollout's parameters in it. Every text that may name one goes through `fill`. */
  fill?(definition: D, fill: Fill): D;
  /** The names of values that it takes itself while it looks. No parameter is meant by them. */
  takes?(definition: D): string[];
  /** What is wrong with it. `filled` is absent where it names a parameter that nobody declares. */
  fieldErrors?(definition: D, around: Around, filled: D | undefined): FieldError[];
  /** What it demands, in words. */
  required(gate: GateOf<D, Facts>): string;
  /**
   * How it is measured, so that a person can look for themselves: Markdown, and below it the lines to type, which work
   * as they stand in a shell that has the variables of `text/shell.ts`.
   */
  measured(
    definition: D,
    hand: Hand,
    gate: GateOf<D, Facts>,
  ): { readonly how: string; readonly run?: string[] };
  /** The definition that looks at its known-bad probe; undefined where it declares none. A kind without takes none. */
  probe?(definition: D): D | undefined;
  /** Why no probe may be declared of this definition; undefined where one may. */
  neverProbed?(definition: D): string | undefined;
  /** True where looking at it changes something in the app: it is run where somebody acts on it alone (`acts.ts`). */
  writes?(definition: D): boolean;
  /** The roles whose bearer tokens its requests are sent with; `any` where code decides. Its probe has its own. */
  roles?(definition: D): readonly string[] | "any";
  /** The named source that it asks (`sources` of the rollout): its secrets are that source's. */
  asksSource?(definition: D): string;
  /** How a change of each part of its definition bears on its strength. Of a part without an order, any change may ease it. */
  readonly strength?: Orders<D>;
  /** What its value can be at all, as far as its definition shows it: by that alone an expectation is held to decide. `undefined` shows nothing. */
  extents?(definition: D): readonly (Extent | undefined)[];
  /** The lengths of time that the predecessor, whose own soak is given, must have been live. Only where it waits for that. */
  soaks?(definition: D, soak: string | undefined): string[];
  /**
   * The first moment at or after `at` (ms since the epoch) at which it holds by the hour, where it opens and closes by
   * turns; undefined where none comes. Whatever else a promotion waits for, it waits until then.
   */
  opensAt?(gate: GateOf<D, Facts>, at: number): number | undefined;
  /** What it becomes where no hour of a day may matter, and where it must be seen to hold a promotion back (`now` in ms). */
  readonly clock?: { always(definition: D): D; never(definition: D, now: number): D };
  /** What it becomes in a rehearsal on a machine that is so busy that what it asks takes so much longer, in ms. */
  onBusyMachine?(definition: D, ms: number): D;
  /** How long after the flip it may take to hold. As a smoke check it comes before those that do not wait. */
  settlesWithin?(definition: D): string;
  /** The metric that it reads: charts draw it, and soak summaries measure it. */
  metric?(definition: D): MetricReading | undefined;
  /** How long after the flip all windows are over that it looks at, in ms; of one window alone, its `window` says it. */
  takesInAll?(definition: D): number | undefined;
  /** The query that it asks. Its values may name the ends of its window. */
  query?(definition: D): QueryReading;
  /** Every query that it asks of the database, its known-bad probe's too. */
  queries?(definition: D): readonly AskedQuery[];
  /** True where a person has to state it, under `signOffs`. */
  readonly byPerson?: boolean;
  /**
   * The name of the rollout's own code that looks, where it is that which does. Who does not carry that code, such as a
   * function, cannot look: it says so by the gate's name.
   */
  byCode?(definition: D): string;
  /**
   * True where what it looks at may lie in a private network: where the rollout declares a measuring function
   * (`measure`), that one looks, from within. What AWS's own APIs tell needs no way in.
   */
  readonly inNetwork?: boolean;
  /** True where it asks every server by itself: one that answers otherwise is enough for it not to pass. */
  readonly asksEach?: boolean;
  /** True where it can look at more than one window: an expectation may say `inARow` and `noWorseThan`. */
  readonly looksAgain?: boolean;
  /** Services that it asks beside the rollout's own, by their URLs. They are asked from where pulumi runs. */
  elsewhere?(definition: D): readonly string[];
  /** What looking at it calls on AWS, as IAM names it: a function that looks at it may do so much. */
  readonly awsActions?: readonly string[];
  /** True where its pass shows that what is in the database now can be had back: a stage that writes may go by it. */
  readonly keepsData?: boolean;
  /** The commands of `cutover` by which a person makes what it asks for, in their order, for the stage that is promoted. */
  readonly madeBy?: readonly string[];
  /** What to do where it finds nothing, since somebody has to make it first. */
  readonly undone?: string;
  /** True where it stands in the ledger, in config or in an alarm: it needs no database, service or metric. */
  readonly free?: boolean;
  /** What is said of it before the flip, where only the promotion itself makes it hold: it is due at the flip alone. */
  readonly atFlip?: Pick<Verdict, "observed" | "required">;
}

/** How a kind with observations of its own judges them. */
interface Judging<G, Seen> {
  /** Total: whatever was seen, there is an answer, and a pass only where it shows what the definition demands. */
  judge(gate: G, seen: Seen, context: JudgeContext): Found;
  /** What was seen leaves out this of the time that the gate speaks of; undefined where it covers all of it. */
  misses?(gate: G, seen: Seen, scope: Scope): string | Missed | undefined;
  /** True where more of its window could only make it worse: what fails in a part of it, fails. */
  worsens?(gate: G): boolean;
  /** Why what was seen, where it is no pass, shows that what it asks does not let it in, or is broken. */
  turnedAway?(gate: G, seen: Seen): string | undefined;
  readonly rollUp?: undefined;
}

/** A kind that stands for the gates of a section: never measured, judged from their verdicts. */
interface RollingUp {
  readonly facts?: undefined;
  readonly sees?: undefined;
  readonly rollUp: { readonly phase: Phase; judge(verdicts: readonly Verdict[]): Found };
}

/** Names what was seen, as no other kind of gate does. */
interface Sees {
  readonly shape: { readonly kind: { readonly value: string } };
}

/**
 * A kind of gate, as code that takes gates of any kind sees it: where the evidence comes from, and all that follows
 * from that. Each is one pure file in `kinds/`, registered in `registry.ts`, and one that looks, in `looks.ts`.
 */
export type GateKind<D, Facts, Seen> = Behaviour<D, Facts> &
  (RollingUp | ({ readonly sees: Sees } & Judging<GateOf<D, Facts>, Seen>));

type FactsOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * Declares a kind by its schemas: what config may say, what looking at it can see, and what its verdict depends on
 * beside its definition.
 */
export function kindOfGate<
  Schema extends z.ZodType,
  Seen extends z.ZodType<{ readonly kind: string }> & Sees,
  Shape extends z.ZodRawShape = Record<never, never>,
>(
  kind: { readonly schema: Schema; readonly sees: Seen; readonly facts?: Shape } & Behaviour<
    z.output<Schema>,
    FactsOf<Shape>
  > &
    Judging<GateOf<z.output<Schema>, FactsOf<Shape>>, z.output<Seen>>,
) {
  return kind;
}

/** Declares a kind that stands for other gates. */
export function standIn<Schema extends z.ZodType>(
  kind: { readonly schema: Schema } & Behaviour<z.output<Schema>, object> & RollingUp,
) {
  return kind;
}
