import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DeliveryConfig, secretOf } from "../../src/delivery/registry";
import { variableOf } from "../../src/delivery/variables";
import { type FlagSpecs, type Flags, requiredFlag } from "../../src/flags/flags";
import type { Rollout } from "../../src/rollout/rollout";
import type { Sandbox } from "..";
import { declareServices } from "../aws/ecs";
import { declareSecrets } from "../aws/secrets";
import { writeProgram } from "../host/program";
import { untilListening } from "../host/ready";
import type { Faults } from "./platform";
import { standInFor } from "./standIns";

const ASKED_MS = 10_000;

/** What the process is told in a file. */
export interface PlatformsSettings extends Pick<Sandbox, "aws"> {
  /** The server that each platform has, one file. */
  readonly program: string;
  readonly platforms: Readonly<
    Record<string, { readonly config: DeliveryConfig; readonly declared: Readonly<Record<string, object>> }>
  >;
}

/** What a platform holds. */
interface PlatformState {
  readonly variables: Readonly<Record<string, string>>;
  /** What its server was started with. */
  readonly running: Readonly<Record<string, string>>;
  readonly starts: readonly { readonly state: "starting" | "live" | "failed" }[];
}

/** Platforms that live as long as their sandbox, also when we do not. */
export interface Platforms {
  /** What is laid over the deliveries of a rollout's config, so that they are sent here. */
  readonly overlay: Readonly<Record<string, { readonly url: string }>>;
  /** The flags that the server on a delivery's platform says that it has; undefined before its first start. */
  flagsOn(delivery: string): Promise<Flags | undefined>;
  state(delivery: string): Promise<PlatformState>;
  faults(delivery: string, set: Partial<Faults>): Promise<void>;
}

/**
 * Starts what stands in for the platforms of these deliveries, each with a server that reads its flags from the variables
 * there, as a process of its own; and declares in AWS the secrets by which they are spoken with, and the services of ECS.
 */
export async function spawnPlatforms(
  sandbox: Pick<Sandbox, "dir" | "spawn" | "aws">,
  { name: rollout, flags: specs, delivery: deliveries = {} }: Pick<Rollout, "name" | "flags" | "delivery">,
): Promise<Platforms> {
  const own = `platforms-${rollout}`;
  const at = (file: string) => join(sandbox.dir, file);
  await Promise.all([
    writeProgram(join(__dirname, "main.ts"), at(`${own}.cjs`)),
    writeProgram(join(__dirname, "..", "demo", "env", "main.ts"), at(`${own}-server.cjs`)),
    declareSecrets(sandbox.aws, Object.values(deliveries).flatMap(secretHere)),
    declareServices(
      sandbox.aws,
      Object.values(deliveries).flatMap((config) => ("ecs" in config ? config.ecs : [])),
    ),
  ]);
  const settings: PlatformsSettings = {
    aws: sandbox.aws,
    program: at(`${own}-server.cjs`),
    platforms: Object.fromEntries(
      Object.entries(deliveries).map(([name, config]) => [
        name,
        { config, declared: declaredBy(config, specs) },
      ]),
    ),
  };
  await writeFile(at(`${own}.json`), JSON.stringify(settings), { mode: 0o600 });
  const service = await sandbox.spawn(own, process.execPath, [at(`${own}.cjs`), at(`${own}.json`)]);
  const url = await untilListening(service, "What stands in for platforms did not start.");
  const ask = async (delivery: string, what: string, body?: object) =>
    fetch(`${url}/${delivery}/_sandbox/${what}`, {
      ...(body && { method: "POST", body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ASKED_MS),
    });
  return {
    overlay: Object.fromEntries(
      Object.entries(deliveries)
        .filter(([, config]) => standInFor(config) !== undefined)
        .map(([name]) => [name, { url: `${url}/${name}` }]),
    ),
    async flagsOn(delivery) {
      const answer = await ask(delivery, "flags");
      if (!answer.ok) return undefined;
      const told = (await answer.json()) as { readonly flags: Flags };
      return told.flags;
    },
    state: async (delivery) => (await (await ask(delivery, "state")).json()) as PlatformState,
    async faults(delivery, set) {
      const answer = await ask(delivery, "faults", set);
      if (!answer.ok) throw new Error(`the platform of ${delivery} answered ${answer.status}`);
    },
  };
}

function secretHere(config: DeliveryConfig): { name: string; text: string }[] {
  const [name, text] = [secretOf(config), standInFor(config)?.secret];
  return name === undefined || text === undefined ? [] : [{ name, text }];
}

/** The flags of a delivery as the kit has them. */
function declaredBy(config: DeliveryConfig, specs: FlagSpecs): Record<string, object> {
  const isCarried = (flag: string) => variableOf(config, flag) !== undefined;
  return Object.fromEntries(
    Object.entries(specs)
      .filter(([flag]) => isCarried(flag))
      .map(([flag, { kind, states, off, requires }]) => [
        flag,
        { type: kind, states, off, requires: requires.map(requiredFlag).filter(isCarried) },
      ]),
  );
}
