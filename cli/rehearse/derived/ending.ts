import { stripVTControlCharacters } from "node:util";
import { isAct } from "../../../src/gates/acts";
import { exitGatesOf } from "../../../src/promotion/resolve";
import { EXIT } from "../../exit";
import { attemptsStep } from "../attempts";
import { checkOf, runCutover } from "../command";
import { type Ending, earlyFinishStep, finishedSteps, finishStep, retireSteps } from "../ending";
import { holdStep } from "../hold";
import { untilQuiet } from "../quiet";
import { doStep } from "../steps";
import { aloneStep } from "./blocked";
import { datesCome, signAll, type Walk } from "./promote";
import { keyOf, signOffsIn } from "./rehearsedRows";
import { sentStep } from "./sent";
import type { Derived } from "./world";

/** How a rollout that went well ends, by its config. */
function endingOf({ act }: Walk) {
  const { stages, name: rollout } = act.world.rollout;
  const [first, ...others] = stages;
  const last = stages.at(-1) ?? first;
  const [letter] = Object.entries(last.messages).filter(([, { when }]) => when === "finish");
  const ending: Ending = {
    rollout,
    stacks: others.map(({ name }) => name).toReversed() as [string, ...string[]],
    foundation: first.name,
    flags: last.flags,
    ...(letter ? { message: { row: letter[0], topics: letter[1].to.length } } : {}),
  };
  return { last, ending };
}

/** Finishes a rollout that went well: before that, each exit gate of the last stage keeps it from its finish. */
export async function finish(all: Walk): Promise<void> {
  const { act, proofs, mode } = all;
  const { world } = act;
  const { last, ending } = endingOf(all);
  await doStep(act, "every alarm is quiet", () => untilQuiet(world, world.rollout));
  const exit = proofs.rows.filter(({ stage, section }) => stage === last.name && section === "exit");
  // What nobody has signed yet blocks by itself; each of the others is made to.
  for (const row of exit.filter(({ byPerson }) => byPerson))
    if ((await saidBy(act, last.name, row.id)) === undefined)
      proofs.add(row.key, "blocked", "nobody has signed", 0);
  // What changes something in the app is run by the finish alone.
  const acts = exit.filter(({ id }) => last.exit[id] !== undefined && isAct({ definition: last.exit[id] }));
  const looks = exit.filter((row) => !acts.includes(row));
  if (mode === "rows")
    await aloneStep(act, proofs, looks, `keeps ${last.name} from its finish`, ({ id }) =>
      saidBy(act, last.name, id),
    );
  const signed = signOffsIn(last.exit);
  if (signed.length > 0) {
    if (mode !== "quick") await earlyFinishStep(act, ending, `before ${signed.join(" and ")}`);
    await signAll(all, last, signed);
  }
  // A stage that was promoted again and again shows what each attempt was promoted on.
  for (const [stage, attempts] of all.promoted)
    if (attempts.length > 1 && mode !== "quick") await attemptsStep(act, stage, attempts);
  await datesCome(all, last, exitGatesOf(world.rollout, last));
  await holdStep(act, last.name);
  if (mode === "rows") {
    await aloneStep(act, proofs, acts, `keeps ${last.name} from its finish`, ({ id }) => refusedBy(act, id));
    await sentStep(all, () => true);
  }
  const started = Date.now();
  await finishStep(act, ending);
  if (ending.message)
    proofs.add(keyOf(last.name, ending.message.row), "sent", "the finish", Date.now() - started);
}

/** What follows a finish; the story tells it of the last stage. */
export function finished(all: Walk): Promise<void> {
  const { ending } = endingOf(all);
  return finishedSteps(all.act, ending, all.mode === "rows" ? ending.stacks : [ending.stacks[0]]);
}

/** In the end nothing of it is left. */
export async function retire(all: Walk): Promise<void> {
  const { ending } = endingOf(all);
  await retireSteps(all.act, ending, () => all.act.world.fleet.inCode(ending.flags));
}

/** Why a gate does not keep a stage, as `cutover check` says; undefined where it does. */
async function saidBy({ world }: Derived, stage: string, gate: string): Promise<string | undefined> {
  const { gates } = await checkOf(world, stage);
  const told = gates.find(({ id }) => id === gate);
  if (!told) return "is not told of by cutover check";
  return KEEPS.includes(told.outcome) ? undefined : `says ${told.outcome}: ${told.observed}`;
}

/** Outcomes that keep a rollout from its finish. */
const KEEPS: readonly string[] = ["fail", "inconclusive"];

/** Why `cutover finish` was not refused by a gate; undefined where it was. */
async function refusedBy({ world }: Derived, gate: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await runCutover(world, ["finish", "--reason", "before its time"]);
  const said = stripVTControlCharacters(`${stdout}\n${stderr}`);
  if (code === EXIT.blocked && new RegExp(`\\b${gate}\\b`).test(said)) return undefined;
  return `ended cutover finish with ${code}: ${said.trim()}`;
}
