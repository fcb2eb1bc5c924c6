import { readFileSync } from "node:fs";
import { loadRollout } from "../../src/rollout/load";
import { UserError } from "../../src/text/problem";
import { openPool } from "../postgres/reach";
import { signalsOf, startMadeUp } from "./madeUp";
import type { MadeUpSettings, StandinReport } from "./spawn";

/** What goes on in a made-up world, as a process of its own: says in a line of JSON that it does, or why it cannot. */
async function main(file: string): Promise<void> {
  const { folder, aws, postgres, timeScale, publishes } = JSON.parse(
    readFileSync(file, "utf8"),
  ) as MadeUpSettings;
  const rollout = loadRollout(folder);
  const pool = openPool(postgres);
  const signals = signalsOf(rollout);
  const made = await startMadeUp({ aws, pool, rollout, timeScale, signals, publishes });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => void made.stop().finally(() => process.exit(0)));
  tell({ ready: true });
}

const tell = (told: StandinReport) => console.log(JSON.stringify(told));

main(String(process.argv[2])).catch((error: unknown) => {
  if (error instanceof UserError) tell({ problem: error.message });
  else console.error(error);
  process.exit(1);
});
