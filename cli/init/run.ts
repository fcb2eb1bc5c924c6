import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { loadRollout } from "../../src/rollout/load";
import { inFolder, quoted, short } from "../../src/text/command";
import { whyUnwritten } from "../../src/text/fileTrouble";
import { packaged } from "../../src/text/packaged";
import { UserError } from "../../src/text/problem";
import { type Ask, askThere } from "../askThere";
import { EXIT, type Exit } from "../exit";
import { fitting } from "../fitting";
import { placeHere } from "../locate";
import { versionOf } from "../version";
import type { Answers } from "./answers";
import { answersFrom, missingIn } from "./ask";
import { checkAnswers } from "./check";
import { filesOf } from "./files";
import { templateNamed } from "./plan";
import type { Given } from "./question";

export interface InitOptions extends Given {
  /** Where the files go. Made where it is not there. */
  readonly folder: string;
  readonly print?: (line: string) => void;
  /** Asks for what was not given; absent where nobody can be asked. */
  readonly ask?: Ask | undefined;
}

/** The project that every rollout's stacks run. */
const PROGRAM = join(__dirname, "..", "..");

/** Writes the files of a new rollout, each with its explanations. Never overwrites a file. */
export async function initCommand(options: InitOptions): Promise<Exit> {
  const { print = console.log } = options;
  // Whatever else were given would be of no use with it.
  if (options.template !== undefined) templateNamed(options.template);
  const missing = missingIn(options);
  if (missing.length > 0 && !options.ask && !process.stdin.isTTY) {
    print(fitting(`Nobody can be asked here: give ${missing.join(", ")}. See --help.`, process.stdout));
    return EXIT.usage;
  }
  // Who gave all that is needed is asked nothing.
  const ask = missing.length === 0 ? undefined : (options.ask ?? (await askThere("No files are written")));
  const answers = await answersFrom(options, ask);
  checkAnswers(answers);
  const folder = resolve(options.folder);
  if (packaged()) checkInstalled(folder);
  const files = filesOf(answers, {
    program: packaged() ? undefined : fromFolder(folder, "index.ts"),
    schema: fromFolder(folder, join("docs", "reference", "stack.schema.json")),
  });
  const there = files.filter(({ name }) => existsSync(join(folder, name)));
  if (there.length > 0)
    throw new UserError("No files are written:", [
      {
        where: folder,
        what: `holds ${there.map(({ name }) => name).join(", ")} already, and nothing is ever overwritten`,
        remedy: "Name another folder",
      },
    ]);
  write(folder, files);
  // What it writes has to be what it reads.
  loadRollout(folder);
  for (const line of next(
    answers,
    folder,
    files.map(({ name }) => name),
  ))
    print(line);
  return EXIT.ok;
}

/** The stacks that are written would run the package: it has to be found from where they lie. */
function checkInstalled(folder: string): void {
  try {
    createRequire(join(folder, "Pulumi.yaml")).resolve("cutover/program");
  } catch {
    throw new UserError("No files are written:", [
      {
        where: folder,
        what: "is in no repository that has the package cutover installed, and its stacks run the package's program",
        // No public registry has it.
        remedy: `In the repository's root, install the file that npm pack made of it: npm install --save-dev ./cutover-${versionOf()}.tgz. Or name a folder inside of a repository that has it`,
      },
    ]);
  }
}

function write(folder: string, files: readonly { readonly name: string; readonly text: string }[]): void {
  try {
    makeFolder(folder);
    for (const { name, text } of files) writeFileSync(join(folder, name), text, { flag: "wx" });
  } catch (error) {
    throw new UserError(`The rollout's files cannot be written: ${folder} ${whyUnwritten(error)}`);
  }
}

/** With all above it, one after the other: told to make all at once, Node never ends where a file system takes none. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Relative, so that a checkout can be moved; with slashes on every system. */
function fromFolder(folder: string, file: string): string {
  const path = relative(folder, join(PROGRAM, file)).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

function next({ name, stages }: Answers, folder: string, files: readonly string[]): string[] {
  const [first = ""] = stages.map((stage) => stage.name);
  const place = placeHere(name, folder);
  return [
    `Written to ${basename(folder)}: ${files.join(", ")}`,
    "",
    ...(folder === process.cwd() ? ["Next:"] : [`Next: cd ${quoted(relative(process.cwd(), folder))}`]),
    "  1. Read the stack files, and change what is not so: titles, metrics, thresholds, topics.",
    `  2. ${inFolder(place, "validate")}: it says whether they are sound.`,
    `  3. ${inFolder(place, "rehearse")}: it promotes every stage on this machine, without an account.`,
    "  Then, on a real account:",
    `  4. ${short.pulumi("stack init", "baseline")} && ${short.ofStack("up", "baseline")}`,
    `  5. ${short.pulumi("stack init", first)} && ${short.ofStack("preview", first)}: it says what is still missing.`,
  ];
}
