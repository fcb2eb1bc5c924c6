import { randomUUID } from "node:crypto";
import pc from "picocolors";
import { endingOf } from "../../src/aws/known";
import { showFlags } from "../../src/flags/flags";
import { showMessageKey } from "../../src/messages/sendOnce";
import { finish } from "../../src/promotion/finish";
import type { Finished, FinishWorld } from "../../src/promotion/finishWorld";
import { showVerdicts } from "../../src/promotion/show";
import { showFinish } from "../../src/rollout/finished";
import { lastStage } from "../../src/rollout/finishing";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { addressed, finish as finishAgain, leftToDo, type Place, reopen } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { createProgress } from "../../src/text/progress";
import { EXIT, type Exit } from "../exit";
import { fitting } from "../fitting";
import { placeHere } from "../locate";
import { showUnproven } from "../proofs";
import { type Opened, openStage } from "../pulumi";
import { worldOf } from "./world";

export interface FinishOptions {
  readonly reason: string;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly print?: (line: string) => void;
  /** What it is done in. Default: AWS, the stacks and whatever the gates ask. */
  readonly world?: (opened: Opened) => FinishWorld & { close(): void };
  readonly open?: typeof openStage;
  readonly patience?: number;
}

/** Finishes a rollout. See `finish`; says what came of it, and what is left to do. */
export async function finishCommand(options: FinishOptions): Promise<Exit> {
  const { folder, print = console.log, open = openStage } = options;
  const reason = options.reason.trim();
  if (reason.length < 3) {
    print(fitting("Say why the rollout is finished, for the ledger: --reason.", process.stdout));
    return EXIT.usage;
  }
  const opened = await open(folder, lastStage(loadRollout(folder)).name);
  const { rollout, settings, foundation } = opened;
  const place = placeHere(rollout.name, folder);
  const world = (options.world ?? worldOf)(opened);
  try {
    const asked = {
      ...{ rollout, reason, id: randomUUID(), region: settings.region, timeScale: settings.timeScale },
      topics: foundation.topics,
      ...(options.patience === undefined ? {} : { patience: options.patience }),
    };
    const became = await createProgress().step(`Finishing ${rollout.name}`, () => finish(asked, world));
    return report(rollout, place, became, print);
  } catch (error) {
    if (error instanceof UserError) throw error;
    print(`${rollout.name}: IT IS NOT KNOWN WHETHER IT IS FINISHED, or its flags are up: ${endingOf(error)}`);
    print(`Run the same command again, which finds out: ${finishAgain(place)}`);
    print(`To bring the flags down by hand: ${reopen(place, lastStage(rollout).name)}`);
    return EXIT.failed;
  } finally {
    world.close();
  }
}

function report(rollout: Rollout, place: Place, became: Finished, print: (line: string) => void): Exit {
  switch (became.kind) {
    case "blocked":
      gates(became, place, print);
      print(
        pc.yellow(
          `${rollout.name} is not finished: not every exit gate of ${lastStage(rollout).name} passes.`,
        ),
      );
      return EXIT.blocked;
    case "taken-back":
      print(pc.red(`${rollout.name} IS NOT FINISHED ANY MORE: ${became.why}.`));
      for (const { outcome, warnings } of became.down) {
        const { kept, after = {} } = outcome;
        print(
          `  ${kept ? "NOT EVERY FLAG WENT DOWN, live is" : "the flags are down to"} ${showFlags(after)}${kept ? `: ${kept}` : ""}`,
        );
        for (const warning of warnings) print(`  WARNING: ${warning}`);
      }
      if (became.flags) print(`Live now: ${showFlags(became.flags)}`);
      print("Find out what it was about. To go on, the stage is promoted anew, in its next attempt");
      return EXIT.failed;
    case "overtaken":
      print(
        pc.red(`${rollout.name} is ${showFinish(became.finish)}, AND IS NOT WHAT IS LIVE: ${became.why}.`),
      );
      print(`Live now: ${showFlags(became.flags)}`);
      print(
        "Nobody was told. Find out who deployed it, and why. Nothing goes up while the finish is in the ledger",
      );
      print(`To bring the flags down, which ends it: ${reopen(place, lastStage(rollout).name)}`);
      return EXIT.failed;
    case "unknown":
      print(
        pc.red(
          `${rollout.name} is ${showFinish(became.finish)}, and what came right after it is not known: ${addressed(became.why, place)}`,
        ),
      );
      print(`Nobody was told. Run the same command again: ${finishAgain(place)}`);
      return EXIT.failed;
    case "finished":
      return ended(rollout, place, became, print);
  }
}

function gates(
  { verdicts = [], proofs = [] }: Pick<Extract<Finished, { kind: "finished" }>, "verdicts" | "proofs">,
  place: Place,
  print: (line: string) => void,
): void {
  if (verdicts.length > 0)
    print(showVerdicts(verdicts.map((one) => ({ ...one, remedy: addressed(one.remedy, place) }))));
  for (const line of showUnproven(proofs, verdicts)) print(line);
}

function ended(
  rollout: Rollout,
  place: Place,
  became: Extract<Finished, { kind: "finished" }>,
  print: (line: string) => void,
): Exit {
  const { finish: done, again, flags, told, untold, forgotten } = became;
  gates(became, place, print);
  print(pc.green(`${rollout.name} is ${again ? "already " : ""}${showFinish(done)}`));
  print(`The flags stay: ${showFlags(flags)}`);
  const shown = (keys: readonly string[]) => keys.map(showMessageKey).join(", ");
  if (told.told.length > 0) print(`Told now: ${shown(told.told)}`);
  if (told.before.length > 0) print(`Told before: ${shown(told.before)}`);
  for (const { key, reason } of told.unkept)
    print(
      `${showMessageKey(key)} was told, but that could not be kept (${reason}): typed again, it is told again`,
    );
  for (const { key, reason } of told.failed)
    print(pc.red(`${showMessageKey(key)} COULD NOT BE SENT: ${reason}`));
  if (untold !== undefined) print(pc.red(`NOBODY WAS TOLD: it is not known who was told already: ${untold}`));
  if (forgotten)
    print(
      "Who was told is not known any more: it was kept beside the last stage, whose stack is gone. Nobody was told now",
    );
  const open = told.failed.length > 0 || untold !== undefined;
  if (open) print(`Mend it, and run the same command again; nobody is told twice: ${finishAgain(place)}`);
  print("What is left to do:");
  for (const line of leftToDo(rollout, place)) print(`  ${line}`);
  return open ? EXIT.failed : EXIT.ok;
}
