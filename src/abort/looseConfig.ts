import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { type ReadProvider, readProvider } from "../aws/identity/provider";
import { type Followers, followersOf } from "../delivery/followers";
import type { Door } from "../flags/doors";
import type { FlagSpecs } from "../flags/flags";
import { flagValues } from "../flags/values";
import { type Promised, promisedOf } from "../gates/promise";
import { irreversible } from "../rollout/config/irreversible";
import { type RollbackMap, rollbackMap } from "../rollout/config/rollback";
import { type AbortTo, abortTo } from "../rollout/config/rowConfig";
import { rolloutConfig } from "../rollout/config/stackFile";
import { topicsApart } from "../rollout/config/topics";
import { doorsOf } from "../rollout/doors";
import { downTo } from "../rollout/rollout";
import { existingArns } from "../rollout/topics";
import { whyUnread } from "../text/fileTrouble";
import { isObject } from "../text/json";
import type { Whose } from "./tellEveryone";

/** As much of a project's config as could be read. */
export interface LooseConfig {
  /** Every rollout that the files declare, by name. A sound folder declares one. */
  readonly rollouts: readonly string[];
  /** The only one. Absent where there is none, or where there are several. */
  readonly rollout?: string | undefined;
  readonly specs?: FlagSpecs | undefined;
  readonly region?: string | undefined;
  /** What the AWS provider of each stack is configured with, and the stack that declares the rollout. */
  readonly providers?: ReadonlyMap<string, ReadProvider>;
  readonly owner?: string | undefined;
  readonly stages: ReadonlyMap<string, LooseStage>;
  readonly followers: Followers;
  /** The ARNs of topics that are the account's own. */
  readonly existing?: Whose["existing"];
  /** How far down an abort goes, where the stage does not say. */
  readonly abortTo?: AbortTo | undefined;
  /** The ways back from every stage. */
  readonly rollback?: RollbackMap | undefined;
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[];
}

const to = abortTo.optional().catch("off");
const ways = rollbackMap.optional().catch(undefined);
/** One stage, as far as it could be read. */
const stage = z.object({
  flags: flagValues.optional().catch(undefined),
  predecessor: z.string().optional().catch(undefined),
  attempt: z.int().positive().catch(1),
  formerly: z.array(z.string()).optional().catch(undefined),
  /** How far down an abort of it goes. Read as all the way where what it says makes no sense. */
  abortTo: to,
  rollback: ways,
  irreversible: irreversible.optional().catch(undefined),
  /** The rows that alarms watch, by id. */
  abort: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
type LooseStage = Readonly<z.infer<typeof stage>>;

const services = z.array(
  z.object({ cluster: z.string(), service: z.string(), restart: z.boolean().optional() }),
);

/**
 * Reads stack files for break-glass: each by itself, and of each what is sound. A mistake anywhere in the config
 * stops every promotion, and must not stop an abort.
 */
export function readLoosely(folder: string): LooseConfig {
  const problems: string[] = [];
  const stages = new Map<string, LooseStage>();
  const rollouts = new Set<string>();
  const providers = new Map<string, ReadProvider>();
  let found: Pick<LooseConfig, "specs" | "region" | "owner" | "abortTo" | "rollback" | "existing"> = {};
  let followers: Followers = { restart: [], deliver: [] };
  for (const [stack, config] of stackFiles(folder, problems)) {
    const provider = readProvider(config, (key) => `Pulumi.${stack}.yaml ${key}`);
    providers.set(stack, provider);
    const { region } = provider.settings;
    found = { ...found, region: found.region ?? region };
    const raw = objectOf(config["cutover:rollout"]);
    if (raw) {
      const { shape } = rolloutConfig;
      const [name, specs] = [shape.name.safeParse(raw.name), shape.flags.safeParse(raw.flags)];
      if (!specs.success) problems.push(`the flags of ${stack} cannot be read`);
      if (name.success) rollouts.add(name.data);
      const own = { abortTo: to.parse(raw.abortTo), rollback: ways.parse(raw.rollback) };
      const topics = shape.topics.safeParse(raw.topics);
      const existing = topics.success ? existingArns(topicsApart(topics.data)) : {};
      found = { ...found, owner: stack, specs: specs.data, ...own, existing };
      const ecs = services.safeParse(objectOf(raw.servers)?.ecs).data ?? [];
      followers = followersOf({ servers: { ecs }, delivery: objectOf(raw.delivery) });
    }
    const own = stage.safeParse(config["cutover:stage"]);
    if (own.success) stages.set(stack, own.data);
  }
  const [only] = rollouts;
  return {
    ...found,
    rollouts: [...rollouts],
    ...(rollouts.size === 1 ? { rollout: only } : {}),
    stages,
    providers,
    followers,
    problems,
  };
}

/** What the AWS provider of a stack is configured with; where no such stack is known, of the rollout's first. */
export function providerOf({ providers, owner = "" }: LooseConfig, stack = owner): ReadProvider {
  return providers?.get(stack) ?? providers?.get(owner) ?? readProvider({});
}

/** The stages that there is no way back from, as far as they could be read; the flag store knows them, too. */
export function doorsIn({ specs, stages }: LooseConfig): Door[] {
  if (!specs) return [];
  const known = [...stages].flatMap(([name, { flags, ...stage }]) =>
    flags ? [{ ...stage, name, flags }] : [],
  );
  return doorsOf({ flags: specs, stages: known });
}

/** What the rollout promises of an abort of one stage, or of all of them: as far as it could be read. */
export function promisedIn(config: LooseConfig, stage: string | undefined): Promised | undefined {
  const own = stage === undefined ? undefined : config.stages.get(stage);
  const stages = own ? [own] : [...config.stages.values()];
  const rows = Object.assign({}, ...stages.map(({ rollback }) => rollback), config.rollback) as RollbackMap;
  return promisedOf(rows, own ? downTo(config, own) : "off");
}

function stackFiles(folder: string, problems: string[]): [stack: string, config: Record<string, unknown>][] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    problems.push(`the folder ${folder} ${whyUnread(error)}`);
    return [];
  }
  return names.sort().flatMap((file): [string, Record<string, unknown>][] => {
    const stack = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(file)?.[1];
    if (stack === undefined) return [];
    try {
      const config = objectOf(objectOf(parse(readFileSync(join(folder, file), "utf8")))?.config);
      return config ? [[stack, config]] : [];
    } catch {
      // The parser's own words quote the file, which may hold what nobody should read.
      problems.push(`${file} cannot be read`);
      return [];
    }
  });
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return isObject(value) ? value : undefined;
}
