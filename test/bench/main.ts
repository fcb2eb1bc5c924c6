import Table from "cli-table3";
import { SetupError } from "../../sandbox";
import { benchAbort } from "./abort";
import { benchBackups } from "./backups";
import { benchDeliver } from "./deliver";
import type { Figure } from "./figure";
import { benchGates } from "./gates";
import { benchKit } from "./kit";
import { benchCode } from "./mutants/code";
import { benchMutants } from "./mutants/run";
import { benchPreview } from "./preview";
import { benchPreviewComment } from "./previewComment";
import { benchQueries } from "./queries";
import { benchReconcile } from "./reconcile/reconcile";
import { benchRehearsal } from "./rehearsal";
import { benchReport } from "./report";
import { benchSoaks } from "./soaks";
import { benchStatus } from "./status";
import { benchUp } from "./up";

/** Each measures something that has a limit. `npm run bench` runs all, `npm run bench -- preview` one. */
const BENCHES: Readonly<Record<string, (say: (line: string) => void) => Promise<Figure[]>>> = {
  abort: benchAbort,
  backups: benchBackups,
  deliver: benchDeliver,
  gates: benchGates,
  kit: benchKit,
  mutants: benchMutants,
  code: benchCode,
  preview: benchPreview,
  "preview-comment": benchPreviewComment,
  queries: benchQueries,
  reconcile: benchReconcile,
  rehearsal: benchRehearsal,
  report: benchReport,
  soaks: benchSoaks,
  status: benchStatus,
  up: benchUp,
};

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) {
    console.error(`There is no bench ${unknown.join(", ")}. Known: ${Object.keys(BENCHES).join(", ")}`);
    return 2;
  }
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    figures.push(...(await bench((line) => console.log(`${name}: ${line}`))));
  }
  const table = new Table({ head: ["what", "measured", "limit", "ok"], style: { head: [], border: [] } });
  for (const { what, shown, limit, ok } of figures) table.push([what, shown, limit, ok ? "✔" : "✖"]);
  console.log(`\n${table.toString()}`);
  return figures.every((figure) => figure.ok) ? 0 : 1;
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    return 1;
  })
  .then((code) => process.exit(code));
