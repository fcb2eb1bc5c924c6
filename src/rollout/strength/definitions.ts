import stringify from "safe-stable-stringify";
import { z } from "zod";
import { flagValues } from "../../flags/values";
import type { Fields } from "../../gates/strength";
import { serverName } from "../../text/address";
import { digestOf } from "../../text/digest";
import { downTo, floorOf, type Rollout, type Stage } from "../rollout";

const fields = z.record(z.string(), z.unknown());
const rows = z.record(z.string(), fields);

/** The sections of a stage whose rows are written down. */
export const SECTIONS = ["entry", "exit", "smoke", "abort", "messages", "rollback"] as const;
export type Section = (typeof SECTIONS)[number];

const stageDefinitions = z.object({
  name: z.string(),
  formerly: z.array(z.string()).default([]),
  predecessor: z.string().optional(),
  flags: flagValues,
  /** What an abort of it goes down to. */
  floor: flagValues,
  rows: z.object(
    Object.fromEntries(SECTIONS.map((section) => [section, rows])) as Record<Section, typeof rows>,
  ),
  /** All else that config says of it, and that has a bearing on what it is held to. */
  rest: fields,
});

/**
 * What a whole rollout is held to: every gate, abort row, smoke check, soak, topic, requirement and floor, as plain data
 * that can be written down at a flip and read by a later version. Holds no secret: who subscribes to a topic stands in
 * it as a hash.
 */
export const definitions = z.object({
  version: z.literal(1),
  rollout: z.string(),
  flags: rows,
  parameters: fields,
  /** By topic: each subscriber's protocol, and a hash of where it delivers; of a `secure:` one, of its ciphertext. */
  topics: z.record(z.string(), z.array(z.string())),
  /** The ways back from every stage. */
  rollback: rows,
  /** All else that config says of the rollout, and that has a bearing on what it is held to. */
  rest: fields,
  stages: z.array(stageDefinitions),
});

export type Definitions = z.infer<typeof definitions>;
export type StageDefinitions = Definitions["stages"][number];

/** Marks the hash of a ciphertext: the same secret encrypted again has another one. */
export const SECURE = "secure:";

/** The definitions of a rollout as they are now. */
export function definitionsOf(rollout: Rollout): Definitions {
  const { name, title: _, release: __, flags, parameters, topics, rollback = {}, ...more } = rollout;
  // What the account asks of resources decides nothing.
  const { stages, abortTo: ___, account: ____, channels = {}, existingTopics = {}, ...rest } = more;
  return definitions.parse(
    plain({
      version: 1,
      rollout: name,
      flags,
      parameters,
      topics: Object.fromEntries(
        Object.entries(topics).map(([topic, list]) => [
          topic,
          [
            ...Object.entries(existingTopics).flatMap(([name, { arn }]) =>
              name === topic ? [`topic ${hash(arn)}`] : [],
            ),
            ...list.map(
              ({ protocol, endpoint }) =>
                `${protocol} ${typeof endpoint === "string" ? "" : SECURE}${hash(endpoint)}`,
            ),
            ...Object.entries(channels).flatMap(([name, { topics: of, ...channel }]) =>
              of.some((one) => one === topic) ? [`${channel.kind} ${hash({ name, ...channel })}`] : [],
            ),
          ],
        ]),
      ),
      rollback,
      rest: {
        ...rest,
        ...(rest.service ? { service: { url: server(rest.service.url) } } : {}),
        ...(rest.servers ? { servers: { ...rest.servers, urls: rest.servers.urls.map(server) } } : {}),
      },
      stages: stages.map((stage) => stageOf(rollout, stage)),
    }),
  );
}

function stageOf(rollout: Rollout, stage: Stage): unknown {
  const { name, formerly, predecessor, flags } = stage;
  const { entry, exit, smoke, abort, messages, rollback, ...others } = stage;
  // Statements, reasons and counters are no part of what a stage is held to.
  const {
    name: _,
    formerly: __,
    predecessor: ___,
    flags: ____,
    title,
    attempt,
    lower,
    signOffs,
    weakened,
    abortTo,
    ...rest
  } = others;
  return {
    name,
    formerly,
    predecessor,
    flags,
    floor: floorOf(rollout, stage),
    rows: {
      entry,
      exit,
      smoke,
      abort: Object.fromEntries(Object.entries(abort).map(([row, threshold]) => [row, asWritten(threshold)])),
      messages,
      rollback,
    },
    // Its floor says all of it but this: how far down it goes while a later stage is live.
    rest: downTo(rollout, stage) === "previous" ? { ...rest, abortTo: "previous" } : rest,
  };
}

/** An abort row without what follows from its probe: as config writes it. */
function asWritten(row: Fields): Fields {
  if (row.probe === undefined) return row;
  const { metric: _, missingData: __, ...written } = row;
  if (row.reconcile === undefined && row.elsewhere === undefined) return written;
  const { probe: ___, compares: ____, ...counted } = written;
  return counted;
}

/** Without the password that a URL may hold. An older version left the scheme out. */
function server(url: string): string {
  return `${new URL(url).protocol}//${serverName(url)}`;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function hash(endpoint: unknown): string {
  return digestOf(stringify(endpoint) ?? "", 16);
}
