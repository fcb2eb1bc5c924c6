import { join } from "node:path";
import type { Progress, Sandbox } from "../../sandbox";
import { declareAlarms } from "../../sandbox/aws/alarms";
import { declareBuckets } from "../../sandbox/aws/buckets";
import { declareServices } from "../../sandbox/aws/ecs";
import { declareLogGroups } from "../../sandbox/aws/logs";
import { declareDatabases } from "../../sandbox/aws/rds";
import { declareSecrets } from "../../sandbox/aws/secrets";
import { together } from "../../sandbox/host/together";
import { type Platforms, spawnPlatforms } from "../../sandbox/platforms/start";
import { sourcePath } from "../../sandbox/standin/service/sourcePath";
import { standInFor } from "../../sandbox/webhook/tools";
import { secretOf } from "../../src/channels/registry";
import { type EcsService, restartsOf } from "../../src/flags/restart";
import { bucketOf } from "../../src/gates/dumps/address";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { UserError } from "../../src/text/problem";
import { atAnyHour } from "./anyHour";
import { type Here, overlayOf, reachedHere } from "./overlay";
import { SandboxProject } from "./project";
import { pulumiPath, Secrets, tokenKeys } from "./secrets";

/** What a rollout is opened with. */
export interface OpenOptions<Fleet, Found> {
  /** The folder of the rollout's own stack files. They are copied, and never edited. */
  readonly source: string;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  /** Where its topics deliver. */
  readonly webhook: { readonly url: string };
  /**
   * Starts the servers, or says where somebody else will. `restartedWith` is the service that the rollout restarts,
   * where it names one.
   */
  readonly start: (restartedWith: EcsService | undefined) => Promise<Fleet>;
  /** Secrets of the config of every stack but the first, by key. What is left out is made up. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Done as soon as the first stack is there, while the servers start and the other stacks are created. */
  readonly meanwhile?: (project: SandboxProject, rollout: Rollout) => Promise<Found>;
}

/** A rollout whose stacks can be brought up in a sandbox. */
export interface OpenedRollout<Fleet, Found> {
  readonly rollout: Rollout;
  readonly project: SandboxProject;
  readonly fleet: Fleet;
  /** What its flags are carried on to; undefined where it has no delivery. */
  readonly platforms: Platforms | undefined;
  /** What was found `meanwhile`; undefined where nothing was asked for. */
  readonly found: Found;
  /** The secrets of its stacks, by key; those that were made up among them. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Opens the world of any rollout in a sandbox: its very own stack files, pointed at the sandbox, with a stack for each;
 * the services, databases, log groups and alarms of AWS that they name; its servers; and the platforms that its flags are
 * carried on to. Gates' tables are the caller's to make, before the
 * first stage is brought up. Throws a `UserError` where its files do not load, or a stack cannot be created.
 */
export async function openRollout<Fleet extends { readonly urls: readonly string[] }, Found = undefined>(
  sandbox: Sandbox,
  progress: Progress,
  { source, timeScale, webhook, start, secrets: given = {}, meanwhile }: OpenOptions<Fleet, Found>,
): Promise<OpenedRollout<Fleet, Found>> {
  const rollout = loadRollout(source);
  const stacks = rollout.stages.map(({ name }) => name);
  const project = new SandboxProject(join(sandbox.dir, "project"), source);
  const platforms = rollout.delivery
    ? await progress.step("Starting platforms", () => spawnPlatforms(sandbox, rollout))
    : undefined;
  const here = { ...sandbox, webhook, timeScale, deliveries: platforms?.overlay };
  await project.write(stacks, (stack) => overlayOf(rollout, stack, here));
  await atAnyHour(rollout, project);
  const restarted = restartsOf(rollout);
  await declareServices(sandbox.aws, restarted);
  await declareDatabases(
    sandbox.aws,
    rollout.stages.flatMap(({ snapshot }) => snapshot ?? []),
  );
  const dumps = rollout.backup && bucketOf(rollout.backup.dumps);
  await declareBuckets(sandbox.aws, dumps ? [dumps.bucket] : []);
  const rows = rollout.stages.flatMap(({ abort }) => Object.values(abort));
  const logs = [rollout.afterAbort, ...rows].flatMap((one) => one?.logs ?? []);
  await declareLogGroups(
    sandbox.aws,
    logs.map(({ group }) => group),
  );
  await declareAlarms(
    sandbox.aws,
    rows.flatMap(({ alarm }) => alarm ?? []),
  );
  await declareSecrets(
    sandbox.aws,
    Object.values(rollout.channels ?? {}).flatMap((channel) => {
      const [name, text] = [secretOf(channel), standInFor(channel.kind, webhook).secret];
      return name === undefined || text === undefined ? [] : [{ name, text }];
    }),
  );
  const secrets = new Secrets(given);
  const [foundation, ...others] = rollout.stages;
  const creating = { sandbox, project, secrets };
  const keys = [...tokenKeys(rollout), ...Object.keys(given)];
  const createOthers = async () => {
    for (const { name } of others) {
      await project.encryptAs(foundation.name, name);
      await createStack(creating, name, secrets.pairs(keys));
    }
  };
  const [fleet, found] = await together([
    progress.step("Starting the servers", () => start(restarted[0])),
    progress.step("Creating the stacks", async () => {
      const password = ["postgresql:password", sandbox.postgres.admin.password] as const;
      await createStack(creating, foundation.name, rollout.database ? [password] : []);
      const looking = meanwhile?.(project, rollout) ?? Promise.resolve(undefined as Found);
      const [first] = await together([looking, createOthers()]);
      return first;
    }),
  ]);
  // Known only now: the servers started while the stacks were created.
  const at = ["cutover:rollout"] as const;
  if (rollout.service) await project.edit(foundation.name, [...at, "service", "url"], fleet.urls[0]);
  for (const name of Object.keys(rollout.sources ?? {}))
    await project.edit(
      foundation.name,
      [...at, "sources", name, "url"],
      `${fleet.urls[0]}${sourcePath(name)}`,
    );
  if (rollout.servers) await project.edit(foundation.name, [...at, "servers", "urls"], fleet.urls);
  await pointProviders(project, rollout, here);
  return { rollout, project, fleet, platforms, found, secrets: secrets.all };
}

/** Providers of databases are asked for their backups at the webhook, and every database is the sandbox's own. */
async function pointProviders(project: SandboxProject, rollout: Rollout, here: Here): Promise<void> {
  for (const { name: stage, entry } of rollout.stages)
    for (const [id, gate] of Object.entries(entry)) {
      if (!("provider" in gate)) continue;
      const at = { stage, section: "entry", id } as const;
      await project.editGate(at, "url", `${here.webhook.url}/${gate.provider}`);
      await project.editGate(at, "reachedAs", reachedHere(here));
    }
}

interface Creating {
  readonly sandbox: Sandbox;
  readonly project: SandboxProject;
  readonly secrets: Secrets;
}

/** Creates a stack of a project with its secrets: those of its own file, and these beside them. */
async function createStack(
  { sandbox, project, secrets }: Creating,
  stack: string,
  beside: readonly Pair[],
): Promise<void> {
  // Which stack is selected stands in a file that every run reads, and others run meanwhile.
  await mustSucceed(sandbox, project.folder, ["stack", "init", stack, "--no-select"]);
  const removed = project.secretsOf(stack);
  const keys = removed.filter(({ length }) => length === 1).map(([key]) => key);
  const paths = removed.filter(({ length }) => length > 1).map(pulumiPath);
  const own = new Map([...secrets.pairs(keys), ...beside]);
  await setSecrets(sandbox, project.folder, stack, [], [...own]);
  await setSecrets(sandbox, project.folder, stack, ["--path"], secrets.pairs(paths));
}

type Pair = readonly [key: string, value: string];

async function setSecrets(
  sandbox: Sandbox,
  folder: string,
  stack: string,
  options: readonly string[],
  values: readonly Pair[],
): Promise<void> {
  if (values.length === 0) return;
  // As one word each: a value by itself may begin with a dash, and would be taken for an option.
  const pairs = values.flatMap(([key, value]) => ["--secret", `${key}=${value}`]);
  await mustSucceed(sandbox, folder, ["config", "set-all", "--stack", stack, ...options, ...pairs]);
}

async function mustSucceed(sandbox: Sandbox, cwd: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await sandbox.pulumi([...args, "--non-interactive"], { cwd });
  if (code !== 0) throw new UserError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${stderr.trim()}`);
}
