import { z } from "zod";
import { gate } from "../gates/gate";

/**
 * What Lambda takes and gives back in one call that waits for its answer, in bytes.
 * Source: AWS Lambda developer guide, "Lambda quotas", invocation payload (synchronous).
 */
export const MOST_BYTES = 6 * 1024 * 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const gates = z.strictObject({
  kind: z.literal("gates"),
  gates: z.array(gate),
  /** Since when the flags are live, which windows are read against; null where none are. ISO 8601, UTC. */
  liveSince: z.iso.datetime().nullable(),
  parameters: z.record(z.string(), scalar),
  timeScale: z.number().positive(),
  /** Whether somebody acts on what is seen. See `Sources`. */
  acting: z.boolean(),
  /** Bearer tokens by role: of those roles alone that these gates ask as. */
  tokens: z.record(z.string(), z.string()),
});

const imports = z.strictObject({
  kind: z.literal("imports"),
  ids: z.array(z.string()),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  olderThanMs: z.number().positive(),
});

/**
 * What every server says: of its flags; of a drill, those alone that an abort does not restart; or where its flags come
 * from.
 */
const servers = z.strictObject({
  kind: z.literal("servers"),
  about: z.enum(["flags", "drill", "source"]),
});

/** Asks for nothing: whether the function answers, and is what the program takes it for. */
const nothing = z.strictObject({ kind: z.literal("nothing") });

const asked = z.discriminatedUnion("kind", [gates, imports, servers, nothing]);

/** What the program sends. Plain data; the login is not in it, and hosts are not either. */
export const measureRequest = z.strictObject({
  cutover: z.literal(1),
  /** 128 random bits, new for each call: an answer to any other call does not carry them. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  rollout: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  /** Of the code, and of the places, that the program knows: another function does not look at anything. */
  code: hash,
  places: hash,
  asked,
});

export type MeasureRequest = z.infer<typeof measureRequest>;
export type Asked = z.infer<typeof asked>;

/** What comes back, whatever came of it. What was seen is looked at by whoever asked. */
export const measureAnswer = z.strictObject({
  cutover: z.literal(1),
  nonce: z.string(),
  /** SHA-256 of the request as it came, definitions and all. */
  request: z.string(),
  rollout: z.string(),
  /** SHA-256 of the function's own code, and of the places that it was brought up with, as it finds them. */
  code: z.string(),
  places: z.string(),
  /** By the function's own clock. ISO 8601, UTC. */
  began: z.iso.datetime(),
  ended: z.iso.datetime(),
  /** What was seen, or why the function looked at nothing. */
  result: z.union([
    z.strictObject({ seen: z.array(z.unknown()) }),
    z.strictObject({ refused: z.string().max(2_000) }),
  ]),
});

export type MeasureAnswer = z.infer<typeof measureAnswer>;
