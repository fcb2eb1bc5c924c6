import { z } from "zod";
import { failed } from "../aws/failure";
import type { TopicName } from "../aws/names";
import type { FlagSpecs, Flags } from "../flags/flags";
import type { Ledger } from "../flags/ledger";
import { type Gate, kindOf } from "../gates/gate";
import { judge } from "../gates/judge";
import type { MetricReading } from "../gates/kind";
import type { Seen } from "../gates/observation";
import { milliseconds } from "../text/duration";
import { reasonOf } from "../text/problem";
import type { HeraldConfig } from "./heraldConfig";
import { standing } from "./standing";
import { type Letter, type Post, tellOnce } from "./tellOnce";
import { report, type Soak } from "./texts";
import { occurrenceAt } from "./timing";

/** What a schedule calls the herald with: the flip that it was made for, and the message that is due. */
const due = z.strictObject({
  cutover: z.literal(1),
  row: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  deployment: z.number().int().positive(),
});

/** The world that the herald speaks in. */
export interface HeraldWorld extends Post {
  ledger(): Promise<Ledger>;
  measure(metric: MetricReading, liveSince: number): Promise<Seen>;
  log(entry: object): void;
  now(): number;
}

/**
 * Says what is due, if it is true. Nothing is sent of a flip that was aborted, repeated or replaced meanwhile. Where
 * that cannot be known, or somebody could not be told, it throws: Lambda tries again, keeps the call in the
 * dead-letter queue in the end, and the herald's own alarm pages on-call.
 */
export async function herald(event: unknown, config: HeraldConfig, world: HeraldWorld): Promise<void> {
  const asked = due.safeParse(event);
  if (!asked.success) throw new Error("it was called with something else than a message that is due");
  const { row, stage, attempt, deployment } = asked.data;
  const message = Object.hasOwn(config.messages, row) ? config.messages[row] : undefined;
  const { of, timeScale } = config;
  if (stage !== of.name || !message || message.when === "before")
    throw new Error(`${stage} ${row} is no timed message of ${of.name}`);
  const { rollout, specs } = of;
  let ledger: Ledger;
  try {
    ledger = await world.ledger();
  } catch (error) {
    throw new Error(
      `${rollout} ${stage} ${row} was not sent: the ledger cannot be read, so it is not known whether it is true: ${reasonOf(error)}`,
    );
  }
  const every = "every" in message.when ? message.when.every : undefined;
  const after = "after" in message.when ? message.when.after : (every ?? "");
  const needed = milliseconds(after) / timeScale;
  const found = standing(ledger, { of, attempt, deployment }, needed);
  const cancel = (kind: string, sentence: string) =>
    world.log({ event: "cancelled", row, attempt, kind, sentence });
  if (found.kind !== "live" && found.kind !== "followed") return cancel(found.kind, found.sentence);
  if (every !== undefined && found.kind === "followed")
    return cancel("followed", `${stage}, attempt ${attempt}, was followed by ${found.by.stage}`);
  const liveSince = Date.parse(found.since);
  const occurrence = every && occurrenceAt(liveSince, world.now(), every, timeScale);
  if (occurrence === 0) return cancel("early", `its first time is ${every} after the flip`);
  const lived = {
    since: found.since,
    forMs: ((found.kind === "followed" ? Date.parse(found.by.at) : world.now()) - liveSince) * timeScale,
    flags: declared(specs, ledger.live?.flags ?? {}),
    check: every && occurrence ? { occurrence, every } : undefined,
    followedBy: found.kind === "followed" ? found.by : undefined,
  };
  const soak = message.soakSummary ? await summary(config, attempt, liveSince, world) : undefined;
  const notice = report(
    { rollout, release: config.release, region: config.store.region, stage, attempt, row, message },
    lived,
    soak,
  );
  const letters = message.to.map((to: TopicName): Letter => ({ to, topicArn: config.topics[to], notice }));
  // Better told twice than never.
  const before = await world.sent(attempt).catch((error: unknown) => {
    world.log({ event: "unknown-what-was-told", reason: reasonOf(error) });
    return new Set<string>();
  });
  const told = await tellOnce(letters, world, before);
  world.log({ event: "told", row, attempt, ...told });
  if (told.failed.length > 0)
    throw new Error(told.failed.map(({ key, reason }) => `${key} could not be sent: ${reason}`).join("; "));
}

/** The gates on metrics, measured as a promotion measures them. One that cannot be measured says so by itself. */
async function summary(
  { gates, timeScale }: HeraldConfig,
  attempt: number,
  liveSince: number,
  world: HeraldWorld,
): Promise<Soak> {
  const verdictOn = async (gate: Gate, metric: MetricReading) => {
    const seen = await world
      .measure(metric, liveSince)
      .catch((error: unknown): Seen => failed("bad-answer", reasonOf(error)));
    const at = new Date(world.now()).toISOString();
    // Measured here and now for this very gate, so there is no definition to hold it against.
    const observation = { gate: gate.id, definition: "", at, tookMs: 0, seen };
    return judge(gate, observation, { now: world.now(), timeScale, attempt });
  };
  const others: string[] = [];
  const verdicts = await Promise.all(
    gates.flatMap((gate) => {
      const metric = kindOf(gate.definition).metric?.(gate.definition);
      if (metric) return [verdictOn(gate, metric)];
      others.push(gate.id);
      return [];
    }),
  );
  return { verdicts, others };
}

/** Only what the rollout declares: nobody knows what else a document holds. */
function declared(specs: FlagSpecs, flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([flag]) => Object.hasOwn(specs, flag)));
}
