import { join } from "node:path";
import { kindOf } from "../../../src/gates/gate";
import { gatesFor } from "../../../src/promotion/resolve";
import type { Stage } from "../../../src/rollout/rollout";
import { commentStep } from "../comment";
import { untilSo } from "../pace";
import { checkStep, upStep } from "../steps";
import { passes, type Said, type Walk } from "./promote";
import type { Proofs } from "./proofs";
import { gateOf, keyOf, type Row } from "./rehearsedRows";
import { causeOf, type Derived, gatesOf, leverFor } from "./world";

/** What a row says without anything being done: nobody has signed, no time has passed. */
const BY_ITSELF = "nothing that it asks for was done yet";

/**
 * Everything that keeps a stage from being promoted: at first all that is not done yet, then each gate by itself.
 *
 * @returns what each gate said at first
 */
export async function blockedBy(all: Walk, stage: Stage): Promise<readonly Said[]> {
  const { act, proofs, mode } = all;
  // What is due at the flip alone is not looked at before: see `blockedAtFlip`.
  const rows = rowsBefore(all, stage).filter((row) => !isAtFlip(act, row));
  const movable = rows.filter((row) => leverFor(act.world, row));
  // That time has to pass, or to come, is told once: else nobody sees it, so quickly does it pass.
  const isTold = ({ source }: Row) => proofs.rows.some((row) => row.source === source && proofs.has(row.key));
  const pulled =
    movable.find((row) => isOfTime(act, row) && !isTold(row)) ?? movable.find(({ free }) => !free);
  if (!pulled) {
    const said = await gatesOf(act.world, stage.name);
    if (said.every(passes)) return said;
  }
  const lever = pulled && leverFor(act.world, pulled);
  const during = lever && causeOf(lever, pulled);
  const run = await upStep(act, {
    name: `${stage.name}, before what it asks for is done${pulled ? `, and with ${pulled.id} failing` : ""}`,
    stack: stage.name,
    expected: "blocked",
    flags: flagsBefore(all, stage),
    during,
  });
  for (const { gate, outcome } of run.verdicts) {
    const row = rows.find(({ id }) => id === gate);
    if (!row || outcome === "pass") continue;
    proofs.add(row.key, "blocked", (row === pulled && lever?.moves) || BY_ITSELF, run.ms);
  }
  // What time alone keeps may be over by now: the comment, too, is about what is made to fail.
  if (stage === act.world.rollout.stages.at(-1))
    await commentStep(act, stage.name, join(act.world.kept, `preview-${stage.name}.md`), during);
  if (mode === "rows") await eachGate(all, stage, rows);
  return run.verdicts.map(({ gate, outcome }) => ({ id: gate, outcome }));
}

/** Gates that are due at the flip alone, each made to fail once all others pass: nothing is raised. */
export async function blockedAtFlip(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs } = all;
  for (const row of rowsBefore(all, stage).filter((one) => isAtFlip(act, one))) {
    const lever = leverFor(act.world, row);
    if (!lever || proofs.has(row.key)) continue;
    const run = await upStep(act, {
      name: `${stage.name}, and ${row.id} fails right before the flip: ${row.title}`,
      stack: stage.name,
      expected: "blocked",
      flags: flagsBefore(all, stage),
      during: causeOf(lever, row),
    });
    // What the last look refuses stands in the error that ended the run, and in the policy's words where it is known before.
    const named = new RegExp(`\\b${row.id}\\b`);
    const { errors, violations } = run.account;
    if ([...errors, ...violations.map(({ message }) => message)].some((text) => named.test(text)))
      proofs.add(row.key, "blocked", lever.moves, run.ms);
  }
}

/** Each gate that has not blocked yet, made to fail alone. */
function eachGate({ act, proofs }: Walk, stage: Stage, rows: readonly Row[]): Promise<void> {
  return aloneStep(act, proofs, rows, `blocks ${stage.name}`, async ({ id }) => {
    const told = (await gatesOf(act.world, stage.name)).find((one) => one.id === id);
    return told && told.outcome !== "pass"
      ? undefined
      : `says ${told?.outcome ?? "nothing"}: ${told?.observed ?? ""}`;
  });
}

/**
 * Gates that have not blocked yet, each made to fail alone. What one then says is looked for until it says so: windows are
 * measured by whole parts.
 *
 * @param does what each of them does
 * @param look why one does not do it; undefined where it does
 */
export async function aloneStep(
  act: Derived,
  proofs: Proofs,
  rows: readonly Row[],
  does: string,
  look: (row: Row) => Promise<string | undefined>,
): Promise<void> {
  const open = rows.filter((row) => !proofs.has(row.key) && leverFor(act.world, row));
  if (open.length === 0) return;
  await checkStep(act, `each ${does} by itself: ${open.map(({ id }) => id).join(", ")}`, async (lines) => {
    for (const row of open) {
      const said = await failAlone(act, proofs, row, look);
      if (said !== undefined) return `${row.id} does not: it ${said}`;
      lines.push(`${row.id}, by ${leverFor(act.world, row)?.moves}: ${row.title}`);
    }
    return undefined;
  });
}

/** What one says in the end, where it does not do what it should. */
async function failAlone(
  act: Derived,
  proofs: Proofs,
  row: Row,
  look: (row: Row) => Promise<string | undefined>,
): Promise<string | undefined> {
  const lever = leverFor(act.world, row);
  if (!lever) return undefined;
  const started = Date.now();
  const { pull, release } = causeOf(lever, row);
  await pull();
  try {
    let said: string | undefined;
    const blocks = await untilSo(async () => {
      said = await look(row);
      return said === undefined || undefined;
    }, act.world.sandbox.closing);
    if (!blocks) return said;
    proofs.add(row.key, "blocked", lever.moves, Date.now() - started);
    return undefined;
  } finally {
    await release();
  }
}

function isOfTime({ world }: Derived, row: Row): boolean {
  const gate = gateOf(world.rollout, row);
  const kind = gate && kindOf(gate);
  return kind?.soaks !== undefined || kind?.clock !== undefined;
}

function isAtFlip({ world }: Derived, row: Row): boolean {
  const gate = gateOf(world.rollout, row);
  return gate !== undefined && kindOf(gate).atFlip !== undefined;
}

/** The rows that a stage's promotion is held to: its own entry, and what its predecessor is left by. */
function rowsBefore({ act, proofs }: Walk, stage: Stage): Row[] {
  const gates = gatesFor(act.world.rollout, stage);
  return gates.flatMap((gate) => proofs.rows.filter(({ key }) => key === keyOf(gate.stage, gate.id)));
}

/** What servers have while a stage waits. */
function flagsBefore({ act }: Walk, stage: Stage) {
  const { stages } = act.world.rollout;
  return stages.find(({ name }) => name === stage.predecessor)?.flags ?? stages[0].flags;
}
