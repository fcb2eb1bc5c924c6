import { readLoosely } from "../../src/abort/looseConfig";
import { offlineProblems } from "../../src/aws/identity/offline";
import type { ReadProvider } from "../../src/aws/identity/provider";
import { showFlags } from "../../src/flags/flags";
import { PHASES } from "../../src/gates/common";
import { loadWritten } from "../../src/rollout/load";
import type { Rollout, Stage } from "../../src/rollout/rollout";
import { topicElsewhere } from "../../src/rollout/topics";
import { counted } from "../../src/text/counted";
import { Page, PLAIN, pageWidth } from "../../src/text/page";
import { type Problem, UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { soundnessOf } from "../soundness";

export interface ValidateOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  readonly print?: (line: string) => void;
  /** Of the terminal. */
  readonly columns?: number | undefined;
}

/** The sections of a stage that hold rows, as its file has them. */
const SECTIONS = [...PHASES, "abort", "messages", "rollback"] as const;

/**
 * Says what a folder's stack files declare. Throws a `UserError` with every problem where they are not sound, hold a
 * query that the gates' session would refuse, name a check that checks.ts beside them does not have, or set something of
 * the AWS provider that cannot be so. Asks AWS nothing.
 */
export async function validateCommand(options: ValidateOptions): Promise<Exit> {
  const { folder, print = console.log, columns = process.stdout.columns } = options;
  const { providers = new Map() } = readLoosely(folder);
  const ofAws = offlineProblems(providers);
  const written = loaded(folder, ofAws);
  const { problems: unsound, parsed } = await soundnessOf(folder, written);
  const problems = [...unsound, ...ofAws, ...regionOfTopics(written.rollout, providers)];
  if (problems.length > 0) throw new UserError(UNSOUND, problems);
  const page = new Page(pageWidth(columns), PLAIN);
  for (const line of declared(written.rollout, page)) print(line);
  if (!parsed) for (const line of page.text(NO_PARSER)) print(line);
  return EXIT.ok;
}

/** Where the files cannot be loaded, what else is wrong with them is told as well. */
function loaded(folder: string, others: readonly Problem[]): ReturnType<typeof loadWritten> {
  try {
    return loadWritten(folder);
  } catch (error) {
    if (!(error instanceof UserError) || error.problems.length === 0 || others.length === 0) throw error;
    throw new UserError(UNSOUND, [...error.problems, ...others]);
  }
}

const UNSOUND = "The rollout cannot be brought up as it is:";

/** An alarm reaches no topic in another region. */
function regionOfTopics(
  { stages, existingTopics = {} }: Rollout,
  providers: ReadonlyMap<string, ReadProvider>,
): Problem[] {
  const [{ name }] = stages;
  const region = providers.get(name)?.settings.region;
  if (region === undefined) return [];
  return Object.entries(existingTopics).flatMap(([topic, { arn }]) => {
    const where = `Pulumi.${name}.yaml cutover:rollout.topics.${topic}.arn`;
    return topicElsewhere(arn, region, { where, says: "aws:region is" }) ?? [];
  });
}

const NO_PARSER =
  "Its queries were not read: the package libpg-query, which npm installs with cutover unless it is told to leave optional ones out, is not there.";

function declared(rollout: Rollout, page: Page): string[] {
  const { name, flags, stages } = rollout;
  const rows = stages.flatMap((stage) => SECTIONS.flatMap((section) => Object.keys(stage[section])));
  const shared = Object.keys(rollout.rollback ?? {});
  const counts = [
    counted(Object.keys(flags).length, "flag"),
    counted(stages.length, "stage"),
    counted(rows.length + shared.length, "row"),
  ];
  return [
    ...page.text(`${name} is sound: ${counts.join(", ")}.`),
    ...page.section("Flags"),
    ...Object.entries(flags).flatMap(([flag, { kind, writes }]) =>
      page.row([], `${flag}: ${kind}${writes ? ", lets the new path write" : ""}`),
    ),
    ...stages.flatMap((stage) => [
      ...page.section(stage.name, showFlags(stage.flags)),
      ...SECTIONS.flatMap((section) => rowsOf(stage, section, page)),
    ]),
    ...(shared.length > 0 ? [...page.section("From every stage"), ...cell("rollback", shared, page)] : []),
  ];
}

function rowsOf(stage: Stage, section: (typeof SECTIONS)[number], page: Page): string[] {
  const ids = Object.keys(stage[section]);
  return ids.length === 0 ? [] : cell(section, ids, page);
}

function cell(section: string, ids: readonly string[], page: Page): string[] {
  return page.row([{ text: section, width: 10 }], ids.join(", "));
}
