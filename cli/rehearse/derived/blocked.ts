import { gatesFor } from "../../../src/promotion/resolve";
import type { Stage } from "../../../src/rollout/rollout";
import { checkStep, upStep } from "../steps";
import type { Walk } from "./promote";
import { keyOf, type Row } from "./rows";
import { gatesOf, leverFor, whileBad } from "./world";

/** What a row's own kind says without anything being done: nobody has signed, no time has passed. */
const BY_ITSELF = "nothing that it asks for was done yet";

/** Everything that keeps a stage from being promoted: at first all that is not done yet, then each gate by itself. */
export async function blockedBy(all: Walk, stage: Stage): Promise<void> {
  const { act, proofs, mode } = all;
  const rows = rowsBefore(all, stage);
  const movable = rows.filter((row) => leverFor(act.world, row));
  const [pulled] = movable.filter(({ source }) => source !== "alarms");
  const natural = rows.some(({ source }) => ["signOff", "soak", "drill", "date"].includes(source));
  if (!pulled && !natural) return;
  const look = async () => {
    const run = await upStep(act, {
      name: `${stage.name}, before what it asks for is done${pulled ? `, and with ${pulled.id} failing` : ""}`,
      stack: stage.name,
      expected: "blocked",
      flags: flagsBefore(all, stage),
    });
    for (const { gate, outcome } of run.verdicts) {
      const row = rows.find(({ id }) => id === gate);
      if (!row || outcome === "pass") continue;
      const lever = row === pulled ? leverFor(act.world, row) : undefined;
      proofs.add(row.key, "blocked", lever?.moves ?? BY_ITSELF, run.ms);
    }
  };
  const lever = pulled && leverFor(act.world, pulled);
  await (lever ? whileBad(lever, pulled, look) : look());
  if (mode === "rows") await eachGate(all, stage, rows);
}

/** Each gate that has not blocked yet, made to fail alone. */
async function eachGate({ act, proofs }: Walk, stage: Stage, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const lever = leverFor(act.world, row);
    if (proofs.has(row.key) || !lever) continue;
    await checkStep(act, `${row.id} blocks ${stage.name} by itself: ${row.title}`, () =>
      whileBad(lever, row, async () => {
        const started = Date.now();
        const told = (await gatesOf(act.world, stage.name)).find(({ id }) => id === row.id);
        if (!told || told.outcome === "pass")
          return `it says ${told?.outcome ?? "nothing"}: ${told?.observed ?? ""}`;
        proofs.add(row.key, "blocked", lever.moves, Date.now() - started);
        return undefined;
      }),
    );
  }
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
