import Table from "cli-table3";
import { showLeft } from "../../src/abort/remains";
import { showValue } from "../../src/flags/flags";
import { deliveriesInOrder } from "../../src/rollout/deliveries";
import { finishOf } from "../../src/rollout/finished";
import { flagsInCode, isEmptyHere, isGone, type RetireStands, refusals } from "../../src/rollout/retire";
import type { Rollout } from "../../src/rollout/rollout";
import { type Place, pulumi, quoted, retire } from "../../src/text/command";
import { counted } from "../../src/text/counted";
import { showProblem, UserError } from "../../src/text/problem";
import { plainLine } from "../../src/text/text";
import { askThere } from "../askThere";
import { EXIT, type Exit } from "../exit";
import { fitting } from "../fitting";
import { placeHere } from "../locate";
import { readProject } from "../project";
import { openWorld, type RetireWorld } from "./world";

export interface RetireOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  /** Asks nobody. */
  readonly yes?: boolean | undefined;
  /** A person's word that no server reads the flags any more, where the rollout declares none to be asked. */
  readonly serversDone?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  /** Asks a person; absent where nobody sits there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  readonly world?: RetireWorld;
}

/** What is typed as an answer by whoever sits at a terminal. */
const there = () =>
  process.stdin.isTTY
    ? async (text: string) => (await askThere("NOTHING was taken away"))({ text, check: () => undefined })
    : undefined;

/**
 * Takes a rollout's foundation away: looks, refuses with every reason, says what each flag must be in code, asks, looks
 * once more, and takes away in an order that can be gone through again from wherever it ended.
 */
export async function retireCommand(options: RetireOptions): Promise<Exit> {
  const { env = process.env, print = console.log, ask = there() } = options;
  const { rollout, region } = readProject(options.folder, env);
  const place = placeHere(rollout.name, options.folder);
  const statement = options.serversDone?.trim() || undefined;
  if (statement !== undefined && rollout.servers)
    throw new UserError("--servers-done counts only where a rollout declares no servers:", [
      {
        where: "--servers-done",
        what: `${rollout.name} declares servers, and each says for itself where its flags come from`,
        remedy: `Leave it out: ${retire(place)}`,
      },
    ]);
  const world = options.world ?? openWorld(options.folder, rollout, region, env);
  const first = rollout.stages[0].name;
  try {
    const stands = await world.look(statement);
    if (isGone(stands)) {
      print(`${rollout.name}: all of it is gone already`);
      print(afterwards(place, rollout));
      return EXIT.ok;
    }
    if (stops(stands, rollout, place, print)) return EXIT.blocked;
    tellWhatGoes(stands, rollout, print);
    if (!options.yes) {
      const typed = await ask?.(`Type ${rollout.name} to take it away for good: `);
      if (typed !== rollout.name) {
        print(
          ask
            ? `${rollout.name}: NOTHING was taken away, since its name was not typed`
            : `${rollout.name}: NOTHING was taken away, since nobody can be asked here. Typed with --yes it asks nobody: ${retire(place, "--yes", ...(statement === undefined ? [] : [`--servers-done ${quoted(statement)}`]))}`,
        );
        return EXIT.failed;
      }
      // Whoever was asked took their time: what counts is how it stands now.
      if (stops(await world.look(statement), rollout, place, print)) return EXIT.blocked;
    }
    const step = (done: string) => print(`${rollout.name}: ${done}`);
    await world.takeStore(step);
    await world.takeStack(step);
    const left = await world.look(statement);
    if (!isEmptyHere(left)) {
      print(
        `${rollout.name}: the stack ${first} is NOT gone yet. See above why; then run the same command again, it goes on from here: ${retire(place)}`,
      );
      return EXIT.failed;
    }
    const remains = await world.remains();
    if (remains.left.length > 0)
      print(`${rollout.name}: left behind, to be deleted by hand: ${showLeft(remains)}`);
    for (const what of remains.unknown) print(`${rollout.name}: ${what}`);
    print(`${rollout.name}: all of it is gone`);
    print(afterwards(place, rollout));
    return EXIT.ok;
  } finally {
    world.close();
  }
}

/** Prints all that stands in the way. */
function stops(stands: RetireStands, rollout: Rollout, place: Place, print: (line: string) => void): boolean {
  const problems = refusals(stands, rollout, place);
  if (problems.length === 0) return false;
  print(`${rollout.name}: NOTHING was taken away. This stands in the way:`);
  for (const problem of problems) print(fitting(`  - ${plainLine(showProblem(problem))}`, process.stdout));
  return true;
}

/** What each flag must be in code, who says that nobody reads it from AppConfig any more, and what is gone already. */
function tellWhatGoes(
  { store, servers, foundation }: RetireStands,
  rollout: Rollout,
  print: (line: string) => void,
): void {
  const ledger = store.kind === "whole" ? store.ledger : undefined;
  const finish = ledger && finishOf(rollout, ledger);
  print(
    ledger === undefined
      ? `${rollout.name}: taken away in part already, by an earlier retirement or by a person. Which flags were live is not known any more: that retirement said so before it took anything away`
      : finish
        ? `${rollout.name}: finished by deployment ${finish.deployment}${finish.completedAt === undefined ? "" : ` at ${finish.completedAt}`}`
        : `${rollout.name}: given up, every flag is off`,
  );
  if (ledger) {
    const table = new Table({ head: ["flag", "in code", "what it does"], style: { head: [], border: [] } });
    for (const { flag, value, title } of flagsInCode(rollout.flags, ledger.live?.flags))
      table.push([flag, value === undefined ? "not live" : showValue(value), title ?? ""]);
    print("This is what each flag must be in code by now:");
    print(table.toString());
  }
  if (servers.kind === "asked")
    for (const { server, says } of servers.said) print(`  ${server} ${plainLine(says)}`);
  if (servers.kind === "undeclared")
    print(`  No server is declared. Your word for it: ${plainLine(servers.statement ?? "")}`);
  const holds = "holds" in foundation ? foundation.holds : 0;
  print(
    `The stack ${foundation.stack} holds ${counted(holds, "resource")}, which ${holds === 1 ? "goes" : "go"} with it.`,
  );
}

/** Nobody but their owner takes variables from a platform: servers there may read them still, and go on as they are. */
function staysOutside(rollout: Rollout): string[] {
  const deliveries = deliveriesInOrder(rollout);
  if (deliveries.length === 0) return [];
  return [
    "What was carried on stays on the platforms, as it was last. Delete there by hand, once nothing reads it:",
    ...deliveries.map(({ name, to, variables }) => `  ${name} (${plainLine(to)}): ${variables.join(", ")}`),
  ];
}

/** What is left to be done by whoever wants the empty stacks gone, too. */
function afterwards(place: Place, rollout: Rollout): string {
  const stacks = rollout.stages.map(({ name }) => name).reverse();
  return [
    ...staysOutside(rollout),
    "Its stacks are empty, and still listed. To forget each with its history, while its file stays:",
    ...stacks.map((stack) => `  ${pulumi(place, "stack", "rm", quoted(stack), "--preserve-config")}`),
  ].join("\n");
}
