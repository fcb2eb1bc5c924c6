import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { z } from "zod";
import { type Remains, remainsOf } from "../../src/abort/remains";
import { awsClient } from "../../src/aws/clients";
import { findStoreParts } from "../../src/flags/find";
import { readLedger } from "../../src/flags/readLedger";
import { takeStoreAway } from "../../src/flags/takeAway";
import { serverUrls, tell } from "../../src/gates/askServers";
import { sourceSaid } from "../../src/gates/flagSource";
import { awayHere } from "../../src/promotion/awayHere";
import type {
  FoundationStands,
  Holds,
  RetireStands,
  ServersStand,
  StoreStands,
} from "../../src/rollout/retire";
import type { Rollout } from "../../src/rollout/rollout";
import { serverName } from "../../src/text/address";
import { reasonOf, UserError } from "../../src/text/problem";
import { createProgress } from "../../src/text/progress";
import { pulumiJson } from "../pulumi";
import { runIn } from "../runIn";

/** What a retirement looks at and takes away. */
export interface RetireWorld {
  look(statement: string | undefined): Promise<RetireStands>;
  /** Takes away what is in AppConfig and in no stack's power. */
  takeStore(tell: (done: string) => void): Promise<void>;
  /** Takes away what the first stage's stack holds. */
  takeStack(tell: (done: string) => void): Promise<void>;
  /** What nothing took away. */
  remains(): Promise<Remains>;
  close(): void;
}

/** The rollout's own, through the AWS SDK and the `pulumi` of this shell. */
export function openWorld(
  folder: string,
  rollout: Rollout,
  region: string,
  env: NodeJS.ProcessEnv,
): RetireWorld {
  const client = awsClient(AppConfigClient, { region });
  const progress = createProgress();
  const [first, ...stages] = rollout.stages.map(({ name }) => name);
  const foundation = first ?? "";
  return {
    look: (statement) =>
      progress.step("Looking at stacks, AppConfig and servers", async () => {
        const [stacks, store, servers] = await Promise.all([
          inTurn([foundation, ...stages], (stack) => stackOf(folder, stack)),
          storeOf(client, rollout, region),
          serversOf(rollout, region, statement),
        ]);
        const [own, ...others] = stacks;
        return {
          foundation: own ?? { stack: foundation, unread: "it was not asked" },
          stages: others,
          store,
          servers,
        };
      }),
    takeStore: (said) =>
      progress.step("Deleting environment, versions and profile", async () =>
        takeStoreAway(client, await findStoreParts(client, rollout.name), said),
      ),
    async takeStack(said) {
      const stack = await stackOf(folder, foundation);
      if ("holds" in stack && stack.holds === 0) return;
      const words = [
        ["state", "unprotect", "--all", "--yes"],
        ["destroy", "--yes", "--skip-preview", ...(process.stdout.isTTY ? [] : ["--non-interactive"])],
      ];
      for (const command of words) {
        const code = await runIn(folder, ["pulumi", ...command, "--stack", foundation], env);
        if (code === 0) continue;
        said(`pulumi ${command[0]} of ${foundation} did not come through (exit code ${code})`);
        return;
      }
      said(`the stack ${foundation} is destroyed`);
    },
    remains: () => remainsOf(region, rollout.name),
    close: () => client.destroy(),
  };
}

/** One after another: they share the backend. */
async function inTurn<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (const name of names) found.push(await work(name));
  return found;
}

const state = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            type: z.string(),
            id: z.string().optional(),
            protect: z.boolean().optional(),
            external: z.boolean().optional(),
          }),
        )
        .default([]),
      // Created or deleted, and nobody knows: the stack is not empty before that is known.
      pending_operations: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});

/** What a stack only needs to work, and nobody misses. */
const NOTHING = /^pulumi:(?:pulumi:Stack|pulumi:StackReference|providers:\S+)$/;

/** What a stack's state holds of the world. One that was never made, or was removed, holds nothing. Never throws. */
export async function stackOf(
  folder: string,
  stack: string,
): Promise<FoundationStands | Extract<Holds, { unread: string }>> {
  try {
    const { deployment } = await pulumiJson(folder, ["stack", "export", "--stack", stack], state);
    const own = (deployment?.resources ?? []).filter(
      ({ type, external }) => !NOTHING.test(type) && external !== true,
    );
    const application = own.find(({ type }) => type === "aws:appconfig/application:Application");
    return {
      stack,
      holds: own.length + (deployment?.pending_operations?.length ?? 0),
      ...(application?.id === undefined
        ? {}
        : { application: { id: application.id, protected: application.protect === true } }),
    };
  } catch (error) {
    const why = error instanceof UserError ? (error.problems[0]?.what ?? error.message) : reasonOf(error);
    return /no stack named/.test(why) ? { stack, holds: 0 } : { stack, unread: why };
  }
}

/** What AppConfig holds of the rollout. Throws where it cannot be asked. */
async function storeOf(
  client: AppConfigClient,
  { name, flags }: Rollout,
  region: string,
): Promise<StoreStands> {
  const { applicationId, environmentId, profileId } = await findStoreParts(client, name);
  if (applicationId === undefined) return { kind: "gone" };
  if (environmentId === undefined || profileId === undefined)
    return { kind: "part", application: applicationId };
  try {
    const ledger = await readLedger({ applicationId, environmentId, profileId, region }, flags);
    return { kind: "whole", application: applicationId, ledger };
  } catch (error) {
    return { kind: "unread", application: applicationId, why: reasonOf(error) };
  }
}

/** Asks every server where its flags come from. */
async function serversOf(
  rollout: Rollout,
  region: string,
  statement: string | undefined,
): Promise<ServersStand> {
  const { servers } = rollout;
  if (!servers) return { kind: "undeclared", statement };
  try {
    const away = awayHere(rollout, region);
    const there = await away?.sources().catch((error: unknown) => reasonOf(error));
    if (typeof there === "object") return { kind: "asked", said: there };
    const said = (await serverUrls(servers, region)).map(async (url) =>
      sourceSaid(serverName(url), await tell(url, servers), servers),
    );
    // The function goes with the first stage's stack: what is left is then asked for from here.
    const all = (await Promise.all(said)).map((one) =>
      there === undefined || one.kind !== "unknown" ? one : { ...one, says: `${one.says}; ${there}` },
    );
    return { kind: "asked", said: all };
  } catch (error) {
    return { kind: "unlisted", why: reasonOf(error) };
  }
}
