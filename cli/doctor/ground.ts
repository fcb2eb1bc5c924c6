import { resolve } from "node:path";
import { failure, type Known, known } from "../../src/aws/known";
import type { Ledger } from "../../src/flags/ledger";
import { secretsOfLogin } from "../../src/gates/databaseConnection";
import { foundationOutputs, gateLogin } from "../../src/promotion/foundationOutputs";
import { awsEndpoint, checkTimeScale } from "../../src/rollout/config/timeScale";
import { loadWritten } from "../../src/rollout/load";
import { liveStage } from "../../src/rollout/position";
import { type Rollout, type Stage, stagesUpTo } from "../../src/rollout/rollout";
import { type Place, short } from "../../src/text/command";
import { type Problem, reasonOf, UserError } from "../../src/text/problem";
import { secretsIn } from "../../src/text/redact";
import { placeHere } from "../locate";
import { settingsOf } from "../project";
import { type Caller, readCaller } from "./look/caller";
import { readLedgerHere } from "./look/ledger";
import { readConfig, readOutputs, readStacks } from "./look/state";

/** What the stack files say, where they can be read. */
export interface Written extends ReturnType<typeof loadWritten> {
  readonly place: Place;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
}

/** How far a rollout came. */
export interface Came {
  /** Undefined where nothing of it is in AWS yet. */
  readonly ledger: Ledger | undefined;
  /** Stages whose alarms have to be there: they were promoted. */
  readonly promoted: readonly string[];
  readonly raised: readonly string[];
  /** The stages that matter now: those up to the next one to be promoted. */
  readonly due: readonly string[];
}

/**
 * What checks lean on. Each part is read once, when the first check asks for it; what cannot be read is unknown, and
 * says why.
 */
export class Ground {
  readonly folder: string;
  /** Undefined where nobody says it. */
  readonly region: string | undefined;
  readonly written: Known<Written>;
  /** What is wrong with the stack files; empty where they are sound. */
  readonly problems: readonly Problem[];
  /** Of the stack files, as they are written. */
  readonly setting: (key: string) => unknown;
  /** The same of each stack that says it. */
  readonly settings: (key: string) => ReadonlyMap<string, string>;
  readonly endpoint: string | undefined;
  /** What no line may hold. */
  readonly secrets: string[];
  readonly #ends: number;
  readonly #kept = new Map<string, Promise<unknown>>();

  /** @param within how long all checks may take together, in ms */
  constructor(
    folder: string,
    readonly env: NodeJS.ProcessEnv,
    within: number,
  ) {
    this.folder = resolve(folder);
    this.endpoint = awsEndpoint(env);
    this.secrets = secretsIn(env);
    this.#ends = performance.now() + within;
    const { written, problems, setting, settings } = read(this.folder, env);
    this.written = written;
    this.problems = problems;
    this.setting = setting;
    this.settings = settings;
    // Whoever starts a command has set it to what the stack says.
    const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || setting("aws:region");
    this.region = typeof region === "string" && region !== "" ? region : undefined;
  }

  /** How long one part may take now, in ms: the rest of the time, but for what telling of it takes. */
  get left(): number {
    return Math.max(1, this.#ends - performance.now());
  }

  /** Reads a part once. */
  once<T>(part: string, work: (signal: AbortSignal) => Promise<T>): Promise<Known<T>> {
    const before = this.#kept.get(part);
    if (before) return before as Promise<Known<T>>;
    const { left } = this;
    const asked = known(() => work(AbortSignal.timeout(Math.ceil(left))), left).then((found) =>
      found.ok ? found : { ...found, why: found.why.trim() },
    );
    this.#kept.set(part, asked);
    return asked;
  }

  /** The names of the stacks that there are. */
  stacks(): Promise<Known<readonly string[]>> {
    return this.once("stacks", (signal) => readStacks(this.folder, this.env, signal));
  }

  /** A stack's config, its secrets in plain. */
  config(stack: string): Promise<Known<Readonly<Record<string, string>>>> {
    return this.once(`config ${stack}`, async (signal) => {
      const { values, secrets } = await readConfig(this.folder, stack, this.env, signal);
      this.secrets.push(...secrets);
      return values;
    });
  }

  /** The first stage's outputs, its secrets in plain; undefined where it is not up. */
  outputs(): Promise<Known<Readonly<Record<string, unknown>> | undefined>> {
    return this.once("outputs", async (signal) => {
      const first = this.files.rollout.stages[0].name;
      const stacks = must(await this.stacks());
      if (!stacks.includes(first)) return undefined;
      const outputs = await readOutputs(this.folder, first, this.env, signal);
      const login = gateLogin.safeParse(outputs.gateLogin).data;
      if (login) this.secrets.push(...secretsOfLogin(login));
      return foundationOutputs.safeParse(outputs).success ? outputs : undefined;
    });
  }

  caller(): Promise<Known<Caller>> {
    return this.once("caller", () => readCaller(this.region ?? ""));
  }

  came(): Promise<Known<Came>> {
    return this.once("came", async () => {
      const { rollout } = this.files;
      const ledger = await readLedgerHere(rollout, this.region ?? "", this.left);
      return cameOf(rollout, ledger);
    });
  }

  /** The stack files. Throws where the stack files cannot be read: checks that need it are not made then. */
  get files(): Written {
    return must(this.written);
  }
}

/** The value, or a `UserError` that says why there is none. */
export function must<T>(part: Known<T>): T {
  if (part.ok) return part.value;
  throw new UserError("", [{ where: "", what: part.why, remedy: part.remedy }]);
}

function cameOf(rollout: Rollout, ledger: Ledger | undefined): Came {
  const live = ledger && liveStage(rollout, ledger);
  const raised = stagesUpTo(rollout, live).map(({ name }) => name);
  const promoted = (ledger?.history ?? []).flatMap(({ note }) =>
    note?.kind === "promote" && note.rollout === rollout.name ? [note.stage] : [],
  );
  const last = live ?? rollout.stages[0];
  const next = rollout.stages.find((stage: Stage) => stage.predecessor === last.name);
  return {
    ledger,
    promoted: [...new Set(promoted)],
    raised,
    due: stagesUpTo(rollout, next ?? last).map(({ name }) => name),
  };
}

function read(
  folder: string,
  env: NodeJS.ProcessEnv,
): Pick<Ground, "written" | "problems" | "setting" | "settings"> {
  try {
    const loaded = loadWritten(folder);
    const { rollout } = loaded;
    const settings = settingsOf(folder, rollout);
    const setting = (key: string) => [...settings(key).values()][0];
    const scale = checkedScale(setting, env);
    const place = placeHere(rollout.name, folder);
    return {
      written: { ok: true, value: { ...loaded, place, timeScale: scale.timeScale } },
      problems: scale.problems,
      setting,
      settings: (key) => new Map([...settings(key)].map(([stack, value]) => [stack, String(value)])),
    };
  } catch (error) {
    const problems =
      error instanceof UserError && error.problems.length > 0
        ? error.problems
        : [{ where: folder, what: reasonOf(error), remedy: `See ${short.cutover("validate")}` }];
    return { written: failure(error), problems, setting: () => undefined, settings: () => new Map() };
  }
}

function checkedScale(
  setting: (key: string) => unknown,
  env: NodeJS.ProcessEnv,
): { readonly timeScale: number; readonly problems: readonly Problem[] } {
  const endpoints = setting("aws:endpoints");
  const asked = Number(setting("cutover:timeScale") ?? 1);
  try {
    const given = endpoints === undefined ? undefined : JSON.stringify(endpoints);
    return { timeScale: checkTimeScale(asked, env, given), problems: [] };
  } catch (error) {
    return { timeScale: 1, problems: error instanceof UserError ? error.problems : [] };
  }
}
