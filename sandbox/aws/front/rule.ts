import type { Answer, Refusal } from "./answer";
import type { Call, Input, Route } from "./call";
import { type Upstream, UpstreamError } from "./upstream";

/** What a rule may look at beside the call itself. */
export interface World {
  readonly upstream: Upstream;
  /** Milliseconds of the epoch. */
  now(): number;
}

/** Something that AWS refuses and the emulator takes: one row of a service's table. */
export interface Rule {
  /** Its name in tests and in the documentation. */
  readonly id: string;
  /** What AWS refuses, in words. */
  readonly refuses: string;
  /** AWS's own code. */
  readonly code: string;
  /** The HTTP status; 400 when left out. */
  readonly status?: number;
  readonly operations: readonly string[];
  /** Where AWS says so; left out where that is the API reference of the first operation. */
  readonly source?: string;
  /** The message, where this call is refused; else nothing. */
  readonly when: (
    input: Input,
    call: Call,
    world: World,
  ) => RefusalText | undefined | Promise<RefusalText | undefined>;
}

/** What a refusal says. */
export type RefusalText = string | Pick<Refusal, "message" | "more">;

/** What the front knows of one service. */
export interface Service {
  /** As a signature names it. */
  readonly name: string;
  /** The address of its API reference, as far as an operation's name follows. */
  readonly reference: string;
  /** Its operations, where it speaks REST. */
  readonly routes?: readonly Route[];
  readonly rules: readonly Rule[];
  /** Operations that the front answers by itself, or mends the answers of. */
  readonly answers?: Readonly<Record<string, (call: Call, world: World) => Promise<Answer>>>;
  /** What each of these does beyond the emulator, in words. */
  readonly mends?: Readonly<Record<string, string>>;
  /** Operations whose success changes what the front remembers. */
  readonly notices?: Readonly<Record<string, (call: Call, world: World) => void>>;
  /** What no client of AWS may do and the sandbox itself does, by the path below `/_front/`; the body is JSON. */
  readonly controls?: Readonly<Record<string, (body: unknown, world: World) => Promise<void>>>;
  /** Forgets what it remembers, as the emulator does. */
  forget?(): void;
  /** Ends what it started, before the front ends. */
  close?(): Promise<void>;
}

/** The first row of a service's table that refuses a call. */
export async function refusal(service: Service, call: Call, world: World): Promise<Refusal | undefined> {
  for (const rule of service.rules) {
    if (!rule.operations.includes(call.operation)) continue;
    const told = await asked(rule, call, world);
    if (told === undefined) continue;
    const said = typeof told === "string" ? { message: told } : told;
    return { code: rule.code, ...(rule.status !== undefined && { status: rule.status }), ...said };
  }
  return undefined;
}

/** What a rule wants to look at and is not there, the emulator misses by itself. */
async function asked(rule: Rule, call: Call, world: World): Promise<RefusalText | undefined> {
  try {
    return await rule.when(call.input, call, world);
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
}

/** An input's text, number or list, or nothing where it is something else. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : undefined;
export const listOf = <T = Input>(value: unknown): readonly T[] =>
  Array.isArray(value) ? (value as T[]) : [];
