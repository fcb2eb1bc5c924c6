import { packaged } from "./packaged";

/**
 * Every command that is printed to be typed. Whoever reads one stands anywhere: in the checkout's root, which is the
 * folder of one rollout, while they read of another; in that other one's folder; or outside. So a command names the
 * rollout, and the region where the reader's shell may be set to another one. `test/printed.test.ts` types them all,
 * and `test/commands.test.ts` refuses a command that is written anywhere else.
 */

/** What a printed command is about, and how it is reached from wherever its reader stands. */
export interface Place {
  readonly rollout: string;
  readonly region?: string | undefined;
  /** The folder of the stack files, where the rollout's name alone does not lead there: outside of the checkout. */
  readonly folder?: string | undefined;
  /** The checkout, or the folder where the package is installed, for a reader who does not stand in it. */
  readonly checkout?: string | undefined;
  /** Where it is known that the reader stands in the folder of the stack files: there plain `pulumi` is right. */
  readonly here?: boolean | undefined;
}

/** Folders of a checkout in which no rollout is looked for: what is below one is named by its folder. */
export const NO_ROLLOUTS = /^(?:\..*|node_modules|test|docs|dist|template|examples)$/;
/** How deep under the checkout a rollout is looked for. */
export const DEPTH = 4;

const REASON = '--reason "…"';

/**
 * The place of a rollout whose stack files are at `folder`. Inside the checkout its name leads there. Both paths are
 * absolute, and end without a slash.
 */
export function placeAt(rollout: string, folder: string, checkout: string, region?: string): Place {
  const inside = folder === checkout || folder.startsWith(`${checkout}/`);
  const steps = folder.slice(checkout.length).split("/").filter(Boolean);
  return inside && steps.length <= DEPTH && !steps.some((step) => NO_ROLLOUTS.test(step))
    ? { rollout, region }
    : { rollout, region, folder, checkout };
}

/** A command of `cutover`. The words come as they are typed. */
export function cutover(place: Place, command: string, ...words: readonly string[]): string {
  return [typed(place.checkout), command, ...options(place), ...words].join(" ");
}

/** A command that is about no rollout, for whoever stands outside of the checkout. */
export function outside(checkout: string, command: string, ...words: readonly string[]): string {
  return [typed(checkout), command, ...words.map(quoted)].join(" ");
}

/** A command of the rollout in whose folder its reader stands. */
export function inFolder({ checkout }: Place, command: string): string {
  return [typed(checkout), command].join(" ");
}

/** What a command begins with: for a reader elsewhere, from where `home` is. */
function typed(home: string | undefined): string {
  const prefix = home === undefined ? "" : ` --prefix ${quoted(home)}`;
  return packaged() ? `npx${prefix} cutover` : `npm${prefix} run cutover --`;
}

/** A command of `pulumi`, in the rollout's folder. From elsewhere it is given the policy pack as well. */
export function pulumi(place: Place, ...words: readonly string[]): string {
  return place.here ? ["pulumi", ...words].join(" ") : cutover(place, "in", "pulumi", ...words);
}

/** Brings a stage down, by hand. */
export const abort = (place: Place, stage: string) => cutover(place, "abort", `-s ${quoted(stage)}`, REASON);
/** Brings every flag down, by hand. */
export const abortAll = (place: Place) => cutover(place, "abort", "--all", REASON);
/** Brings what is live down by one phase, by hand. */
export const abortBack = (place: Place) => cutover(place, "abort", "--to previous", REASON);
/** Brings a stage down by hand, as far as is said and of these flags alone, where any are named. */
export const abortTo = (place: Place, stage: string, to: string, flags: readonly string[] = []) =>
  cutover(
    place,
    "abort",
    `-s ${quoted(stage)}`,
    `--to ${quoted(to)}`,
    ...(flags.length > 0 ? [`--flags ${quoted(flags.join(","))}`] : []),
    REASON,
  );
/** Does by hand what a row does: it may go further down than its stage, or take some flags alone. */
export const abortAs = (
  place: Place,
  stage: string,
  row: {
    readonly previous?: unknown;
    readonly to?: string | undefined;
    readonly only?: readonly string[] | undefined;
  },
) => {
  if (row.previous) return abortBack(place);
  return row.to === undefined ? abort(place, stage) : abortTo(place, stage, row.to, row.only);
};
/** The same of a rollout that is finished: it ends the finish. */
export const reopen = (place: Place, stage: string) =>
  cutover(place, "abort", `-s ${quoted(stage)}`, "--reopen", REASON);
export const reopenAll = (place: Place) => cutover(place, "abort", "--all", "--reopen", REASON);
/** Ends a rollout that came out well. */
export const finish = (place: Place) => cutover(place, "finish", REASON);
/** What is typed after it, in this order: the page that tells all of it, then the last stage first. */
export function leftToDo(
  { stages }: { readonly stages: readonly { readonly name: string }[] },
  place: Place,
): string[] {
  const each = stages.slice(1).reverse();
  return [
    cutover(place, "report", `--html ${quoted(`${place.rollout}.html`)}`),
    ...each.map(({ name }) => ofStack(place, "up", name)),
    ...each.map(({ name }) => ofStack(place, "destroy", name)),
    cutover(place, "retire"),
  ];
}
export const dismiss = (place: Place, stage: string, row: string) =>
  cutover(place, "dismiss", `-s ${quoted(stage)}`, `--row ${quoted(row)}`, REASON);
/** Ends every hold of a rollout. */
export const release = (place: Place) => cutover(place, "release", REASON);
/** `drill`, `check`, `status`, `preview` and such, of one stage. */
export const ofStage = (place: Place, command: string, stage: string) =>
  cutover(place, command, `-s ${quoted(stage)}`);
/** Records that a person saw a page, by the code that it carried. */
export const acknowledge = (place: Place, code: string) => cutover(place, "ack", quoted(code));
/** Sends on-call a page to acknowledge, and nothing else. */
export const pageOnCall = (place: Place, stage: string) =>
  cutover(place, "drill", `-s ${quoted(stage)}`, "--page");
/** `pulumi up` and such, of one stage's stack. */
export const ofStack = (place: Place, command: string, stack: string) =>
  pulumi(place, command, `-s ${quoted(stack)}`);
/** How the rollout stands, as a whole. */
export const status = (place: Place, ...words: readonly string[]) => cutover(place, "status", ...words);
/** Takes the foundation of a rollout away that is over. */
export const retire = (place: Place, ...words: readonly string[]) => cutover(place, "retire", ...words);
/** Questions to the imports. */
export const query = (place: Place, ...words: readonly string[]) => cutover(place, "query", ...words);
/** Writes one key of a stack's file. The value comes as it is typed. */
export const setConfig = (place: Place, stack: string, path: string, value: string) =>
  pulumi(place, `config set --path ${quoted(path)} ${value}`, `-s ${quoted(stack)}`);

/**
 * What a person types to state something under a gate's id, for one attempt of a stage. It is written into the stage's
 * file, and counts once that is reviewed. As it stands it counts for nothing: who and what are left blank.
 */
export function signOffLines(place: Place, stage: string, gate: string, attempt: number): string[] {
  const said = { by: '"…"', at: '"$(date -u +%FT%TZ)"', statement: '"…"', attempt: String(attempt) };
  return Object.entries(said).map(([key, value]) =>
    setConfig(place, stage, `cutover:stage.signOffs.${gate}.${key}`, value),
  );
}

/** A command whose output another one takes: without what npm says of itself. */
export const captured = (printed: string) => `"$(${printed.replace(/^npm /, "npm --silent ")})"`;

/**
 * A command in its short form, as it stands in sentences that several kinds of readers come to see. It is right for
 * whoever stands in the rollout's folder; for others `addressed` says the rest.
 */
export const short = {
  cutover: (command: string, ...words: readonly string[]) => ["cutover", command, ...words].join(" "),
  pulumi: (command: string, ...words: readonly string[]) => ["pulumi", command, ...words].join(" "),
  ofStack: (command: string, stack: string) => `pulumi ${command} -s ${stack}`,
  ofStage: (command: string, stage: string) => `cutover ${command} -s ${stage}`,
  pageOnCall: (stage: string) => `cutover drill -s ${stage} --page`,
  /** The option first: so it is written out with the rest of its place. An account that is not known is left blank. */
  permissions: (role: string, account = '"…"') => `cutover permissions --account ${account} ${role}`,
  abort: (stage: string) => `cutover abort -s ${stage} ${REASON}`,
  dismiss: (stage: string, row: string) => `cutover dismiss -s ${stage} --row ${row} ${REASON}`,
  reopen: (stage: string) => `cutover abort -s ${stage} --reopen ${REASON}`,
  abortAll: () => `cutover abort --all ${REASON}`,
  /** Of one stage's hold, or of every hold. */
  release: (stage?: string) =>
    ["cutover release", ...(stage === undefined ? [] : [`-s ${stage}`]), REASON].join(" "),
} as const;

/** The same sentence with its short commands written out for a reader who may stand anywhere. */
export function addressed(sentence: string, place: Place): string {
  return sentence
    .replaceAll(SHORT, (_, command: string) => `${cutover(place, command)} `)
    .replaceAll(STACKS, () => pulumi(place));
}

/** A whole line in its short form, written out: whatever follows the command's name. */
export function addressedLine(line: string, place: Place): string {
  const [, command, rest] = /^cutover ([a-z-]+)(?: (.*))?$/.exec(line) ?? [];
  if (command === undefined) return addressed(line, place);
  return cutover(place, command, ...(rest === undefined ? [] : [rest]));
}

/** What a command of `cutover` begins with where it is followed by words of its own. */
const SHORT = /(?<![\w./`-])(?<!npx (?:--prefix \S+ )?)cutover ([a-z-]+) (?=-s |--|[A-Z]\d)/g;
/** `pulumi` where its command names a stack, or config of the stack. */
const STACKS =
  /(?<![\w./`-])(?<! in (?:-\S+ \S+ )*)pulumi(?= (?:(?:up|preview|destroy|cancel|refresh) -s |stack (?:init|import|export) |state |import |config set ))/g;

/** A command within a sentence, up to the end of the sentence's part. Pages never break it in two. */
export const COMMAND =
  /(?:(?:npm (?:--prefix \S+ )?run cutover --|npx (?:--prefix \S+ )?cutover)(?: \S*[^\s.,;:])*|pulumi [a-z]+(?: [a-z]+)? -s \S*[^\s.,;:])(?=[\s.,;:]|$)/g;

/** As part of a resource's name, which a refusal of the engine quotes. */
function asName(...commands: readonly string[]): string {
  return commands.map((command) => command.replaceAll(/[^A-Za-z0-9]+/g, "-")).join("-then-");
}

/** How a stage is brought down before its stack is destroyed, as the name of a resource says it. */
export const BROUGHT_DOWN = asName("cutover abort", "pulumi up");
/** How a rollout is taken down for good, as the name of a resource says it. */
export const TAKEN_DOWN = asName("cutover retire");
/** The same, as the states of stacks have it that were brought up before there was such a command. */
export const TAKEN_DOWN_BEFORE = asName(
  "cutover abort --all",
  "pulumi destroy of each stage",
  "pulumi state unprotect --all",
);

function options({ rollout, region, folder }: Place): string[] {
  return [
    `--rollout ${quoted(rollout)}`,
    ...(folder === undefined ? [] : [`-C ${quoted(folder)}`]),
    ...(region === undefined ? [] : [`--region ${quoted(region)}`]),
  ];
}

/** One word of a shell's command line. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
