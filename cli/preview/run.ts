import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { readLoosely } from "../../src/abort/looseConfig";
import { COPY_VARIABLE, ownTokens, PLACES_VARIABLE, type Places, placesIn } from "../../src/promotion/places";
import { REPORT_VARIABLE, readReport } from "../../src/promotion/runReport";
import { BASE_VARIABLE } from "../../src/promotion/strength";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage } from "../../src/rollout/rollout";
import type { Base } from "../../src/rollout/strength/judge";
import { whyUnwritten } from "../../src/text/fileTrouble";
import { onInterrupt } from "../../src/text/interrupt";
import { reasonOf, UserError } from "../../src/text/problem";
import { hostsOf, type Known, redactor, secretsIn } from "../../src/text/redact";
import { readEngineEvents } from "../engine-events";
import { EXIT, type Exit, UsageError } from "../exit";
import { placeOf } from "../locate";
import { POLICY_PACK } from "../policyPack";
import { withheldConfig } from "../withheld";
import { baseAt } from "./base";
import type { EngineFacts, PreviewFacts, Trouble } from "./facts";
import { headlineOf } from "./headline";
import { markdownOf } from "./markdown";
import { tellsSomething, troubleOf } from "./trouble";
import { type PreviewView, viewOf } from "./view";

export interface PreviewOptions {
  readonly stage: string;
  /** The folder with Pulumi.yaml and the stack files. */
  readonly folder: string;
  /** The commit that the pull request is to be merged into. */
  readonly base?: string | undefined;
  /** The state is a copy that `cutover ci state` made, and the stack file's own secrets have no key here. */
  readonly copy?: boolean | undefined;
  /** Where the comment is written. */
  readonly markdown?: string | undefined;
  /** Prints the same for machines. */
  readonly json?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  /** What is told while it runs; never part of the result. */
  readonly say?: (line: string) => void;
}

const CODE: Readonly<Record<PreviewView["outcome"], Exit>> = {
  allowed: EXIT.ok,
  blocked: EXIT.blocked,
  failed: EXIT.failed,
};

/**
 * Runs a real `pulumi preview` of a stage with the policy pack, and tells what came of it: as a comment, as JSON,
 * or both. Also where it is blocked, and where it fails. Returns the exit code.
 */
export async function previewCommand(options: PreviewOptions): Promise<Exit> {
  const { env = process.env, print = console.log, say = console.error } = options;
  const folder = resolve(options.folder);
  if (process.stderr.isTTY) say(`Running pulumi preview of ${options.stage} …`);
  const facts = await previewFacts({ ...options, folder, env });
  const view = viewOf(facts, redactor(known(facts.rollout, env)));
  const comment = markdownOf(view);
  if (options.markdown !== undefined) await write(options.markdown, comment);
  if (options.json) print(JSON.stringify(view, null, 2));
  else if (options.markdown === undefined) print(comment.trimEnd());
  else {
    const { mark, words } = headlineOf(view);
    print(`${mark} ${view.rollout} ${view.stage}: ${words}`);
    for (const line of view.trouble ? [`${view.trouble.what}. ${view.trouble.remedy}.`] : []) print(line);
    print(`The comment is in ${options.markdown}`);
  }
  return CODE[view.outcome];
}

async function write(file: string, comment: string): Promise<void> {
  try {
    await writeFile(file, comment);
  } catch (error) {
    throw new UserError("The comment cannot be written:", [
      {
        where: file,
        what: whyUnwritten(error),
        remedy: "Name a file in a folder that is there and may be written to",
      },
    ]);
  }
}

/** What a preview came to. Whatever goes wrong is a part of it, but for what cannot be meant. */
async function previewFacts({
  stage,
  folder,
  base: commit,
  copy = false,
  env = process.env,
}: Pick<PreviewOptions, "stage" | "folder" | "env" | "base" | "copy">): Promise<PreviewFacts> {
  let rollout: Rollout | undefined;
  try {
    rollout = loadRollout(folder);
    requireStage(rollout, stage);
    const { name } = rollout;
    const base = commit === undefined ? undefined : await baseAt(commit, { name, folder });
    const newInBase = commit !== undefined && !base;
    const places = commit === undefined ? undefined : placesIn(base);
    const ran = await runPreview({ folder, stage, env, base, places, copy });
    return { name, place: placeOf(name, folder), stage, rollout, base, newInBase, copy, ...ran };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const name = rollout?.name ?? nameOf(folder);
    return { name, place: placeOf(name, folder), stage, rollout, trouble: troubleWith(error) };
  }
}

/** A mistake in config is told in its own words, everything else as what it is. */
function troubleWith(error: unknown): Trouble {
  if (!(error instanceof UserError))
    return {
      what: "The preview broke off",
      remedy: "Run the same command again; CUTOVER_DEBUG=1 shows more",
      said: [reasonOf(error)],
    };
  const [headline = "", ...rest] = error.message.split("\n");
  const only = error.problems.length === 1 ? error.problems[0] : undefined;
  return {
    what: only ? `${headline} ${only.where} ${only.what}` : headline.replace(/:$/, ""),
    remedy: only?.remedy ?? "Mend what is listed here, then run the same command again",
    said: only ? [] : rest.map((line) => line.replace(/^ *- /, "")),
  };
}

/** The rollout's name where its config is broken: a later comment has to find the one about this. */
function nameOf(folder: string): string {
  return readLoosely(folder).rollout ?? basename(folder);
}

type Ran = Pick<PreviewFacts, "report" | "engine" | "trouble">;

interface Previewed {
  readonly folder: string;
  readonly stage: string;
  readonly env: NodeJS.ProcessEnv;
  readonly base: Base | undefined;
  readonly places: Places | undefined;
  readonly copy: boolean;
}

async function runPreview({ folder, stage, env, base, places, copy }: Previewed): Promise<Ran> {
  const pack = env.PULUMI_OPTION_POLICY_PACK || POLICY_PACK;
  // Readable by nobody else: the engine's log may hold what its display leaves out.
  const temp = await mkdtemp(join(tmpdir(), "cutover-preview-"));
  const clean = () => rm(temp, { recursive: true, force: true });
  const child = new AbortController();
  const ignoreInterrupts = onInterrupt(async () => {
    child.abort();
    await clean();
  });
  try {
    const events = join(temp, "events.json");
    const report = join(temp, "report.json");
    await writeFile(events, "");
    const before = join(temp, "base.json");
    if (base) await writeFile(before, JSON.stringify(base));
    const trusted = join(temp, "places.json");
    if (places) await writeFile(trusted, JSON.stringify(places));
    const config = join(temp, "stack.yaml");
    if (copy) {
      const own = await readFile(join(folder, `Pulumi.${stage}.yaml`), "utf8");
      await writeFile(config, withheldConfig(own));
    }
    const words = [
      "preview",
      "--stack",
      stage,
      "--non-interactive",
      "--color",
      "never",
      "--event-log",
      events,
    ];
    const ran = await pulumi(
      [...words, ...(copy ? ["--config-file", config] : [])],
      folder,
      {
        ...env,
        // The engine offers its event log only where debug commands are on.
        PULUMI_DEBUG_COMMANDS: "true",
        PULUMI_OPTION_POLICY_PACK: pack,
        [REPORT_VARIABLE]: report,
        ...(base ? { [BASE_VARIABLE]: before } : {}),
        ...(places ? { [PLACES_VARIABLE]: trusted } : {}),
        // The key is the one that the copy was encrypted with: the file has none any more.
        ...(copy ? { [COPY_VARIABLE]: "1", PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true" } : {}),
      },
      child.signal,
    );
    const account = await readEngineEvents(events);
    const read = await readReport(report);
    const engine: EngineFacts = { violations: account.violations, steps: account.steps };
    // A violation alone is no failure: the preview has looked at everything.
    const errors = account.errors.filter(tellsSomething);
    const failed = ran.code !== 0 && (account.violations.length === 0 || errors.length > 0);
    return {
      report: read,
      engine: account.steps.length > 0 ? engine : undefined,
      trouble: failed ? troubleOf({ stage, errors, printed: ran.printed }) : undefined,
    };
  } finally {
    await clean();
    ignoreInterrupts();
  }
}

/** Runs `pulumi` to its end. Throws a `UserError` where there is none. */
function pulumi(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly printed: string }> {
  return new Promise((done, fail) => {
    const child = spawn("pulumi", args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      killSignal: "SIGINT",
      signal,
    });
    let printed = "";
    const keep = (part: Buffer) => {
      // Enough to tell what went wrong; the end is what counts.
      printed = `${printed}${part.toString("utf8")}`.slice(-64 * 1024);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error: NodeJS.ErrnoException) =>
      fail(
        error.code === "ENOENT"
          ? new UserError("There is no pulumi to preview with:", [
              {
                where: "PATH",
                what: "holds no pulumi",
                remedy: "Install the Pulumi CLI, then run this again",
              },
            ])
          : error,
      ),
    );
    child.once("close", (code) => done({ code: code ?? 1, printed }));
  });
}

/** What this run knows that the comment must not say. */
function known(rollout: Rollout | undefined, env: NodeJS.ProcessEnv): Known {
  const urls = [
    rollout?.service?.url,
    ...(rollout?.servers?.urls ?? []),
    ...Object.values(rollout?.topics ?? {}).flatMap((list) =>
      list.flatMap(({ endpoint }) => (typeof endpoint === "string" ? [endpoint] : [])),
    ),
    env.AWS_ENDPOINT_URL,
  ];
  return {
    secrets: [...secretsIn(env), ...Object.values(ownTokens(env) ?? {})],
    hosts: [
      ...(rollout?.database ? [rollout.database.host] : []),
      ...urls.flatMap((url) => (url === undefined ? [] : hostsOf(url))),
    ],
  };
}
