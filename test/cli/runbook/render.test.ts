import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderRunbook } from "../../../cli/runbook/render";
import { loadRollout } from "../../../src/rollout/load";
import { predecessorOf, type Rollout, requireStage, type Stage } from "../../../src/rollout/rollout";
import { stageB } from "../../support/build";
import { ROLLOUT } from "../status/facts";

const FOLDER = join(__dirname, "..", "..", "..");
const ops = loadRollout(FOLDER);
const v2 = loadRollout(join(FOLDER, "rollouts", "v2-pipeline"));
const SCRIPT = "rollouts/ops-view/rollback-012-013.sql";
const SCRIPTS = { [SCRIPT]: readFileSync(join(FOLDER, SCRIPT), "utf8") };

/** Every row id that a stage's config holds. */
function rowsOf({ entry, smoke, exit, abort, messages, rollback }: Stage): string[] {
  return [entry, smoke, exit, abort, messages, rollback].flatMap((rows) => Object.keys(rows));
}

/** The two are kept as they were last reviewed: `npx vitest -u` writes them anew when config changes. */
test.each(["stageA", "stageB"])("the runbook of %s is as it was reviewed", async (name) => {
  const markdown = renderRunbook(ops, requireStage(ops, name), SCRIPTS);
  await expect(markdown).toMatchFileSnapshot(`${name}.md`);
});

/** The rows that the cutover's plan names, by the runbook in which people look for them. */
const PLAN = {
  stageA: [
    "A1",
    "A2",
    "A3",
    "A4",
    "SA1",
    "SA2",
    "SA3",
    "SA4",
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "XA1",
    "XA2",
    "XA3",
    "XA4",
    "R1",
    "R4",
    "C1",
    "C2",
    "C5",
  ],
  stageB: [
    "B1",
    "B2",
    "B3",
    "B4",
    "SB1",
    "SB2",
    "SB3",
    "SB4",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "XB1",
    "XB2",
    "XB3",
    "XB4",
    "R2",
    "R3",
    "R4",
    "C3",
    "C4",
    "C5",
  ],
} as const;

test.each(Object.entries(PLAN))("every row of the plan is in the runbook of %s", (name, ids) => {
  const markdown = renderRunbook(ops, requireStage(ops, name), SCRIPTS);
  const missing = ids.filter((id) => !new RegExp(`^(### ${id}: |\\| ${id} \\|)`, "m").test(markdown));
  expect(missing).toEqual([]);
});

test("the emergency rollback of v2-pipeline is in the runbook of each of its stages, in order", () => {
  for (const stage of v2.stages)
    expect(renderRunbook(v2, stage, {})).toMatch(
      /### K1: [\s\S]*abort --rollout v2-pipeline --all [\s\S]*### K2: [\s\S]*### K3: [\s\S]*### K4: /,
    );
});

test("every row of every stage's config is in its runbook", () => {
  for (const rollout of [ops, v2, ROLLOUT])
    for (const stage of rollout.stages) {
      const markdown = renderRunbook(rollout, stage, SCRIPTS);
      for (const id of [...rowsOf(stage), ...Object.keys(rollout.rollback ?? {})])
        expect(markdown, `${stage.name} ${id}`).toMatch(new RegExp(`(### ${id}: |\\| ${id} \\|)`));
    }
});

describe("whatever the config says,", () => {
  const id = fc.stringMatching(/^[A-Z][A-Za-z0-9-]{0,8}$/);
  const words = fc.string({ unit: "grapheme", minLength: 3, maxLength: 80 });
  const hostile = fc.oneof(
    words,
    fc.constantFrom("# head", "a | b", "```", "1. x", "<b>", "a\nb", "`", "| --- |"),
  );

  test("every row id occurs, and no text opens a heading, a table or a block of its own", {
    timeout: 30_000,
  }, () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 4, maxLength: 4 }), hostile, (ids, title) => {
        const [gate, abort, message, back] = ids as [string, string, string, string];
        const template = ROLLOUT.stages[2] as Stage;
        const stage: Stage = {
          ...stageB,
          title,
          entry: { [gate]: { source: "signOff", title, remedy: title } },
          abort: { [abort]: { ...(template.abort.XB1 as Stage["abort"][string]), title, runbook: title } },
          messages: { [message]: { title, to: ["ops"], when: "before", soakSummary: false, text: title } },
          rollback: { [back]: { title, notes: title } },
        };
        const rollout: Rollout = {
          ...ROLLOUT,
          stages: [ROLLOUT.stages[0], ROLLOUT.stages[1] as Stage, stage],
        };
        const calm = renderRunbook(rollout, plainly(stage, title), {});
        const markdown = renderRunbook(rollout, stage, {});
        for (const one of ids) expect(markdown).toContain(one);
        expect(shapeOf(markdown)).toEqual(shapeOf(calm));
      }),
      { numRuns: 60 },
    );
  });
});

/** The same stage in words that mean nothing to Markdown. */
function plainly<T>(value: T, title: string): T {
  if (value === title) return "words" as T;
  if (Array.isArray(value)) return value.map((one) => plainly(one, title)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === "name" ? one : plainly(one, title)]),
  ) as T;
}

/** What kinds of lines there are. */
function shapeOf(markdown: string): string[] {
  return markdown.split("\n").map((line) => {
    if (/^#+ /.test(line)) return (/^#+/.exec(line) as RegExpExecArray)[0];
    if (line.startsWith("|")) return `row of ${line.split(/(?<!\\)\|/).length}`;
    if (/^`{3,}/.test(line)) return "fence";
    return line === "" ? "" : "words";
  });
}

test("a stage that declares no way back still tells how the flags go down", () => {
  const stage = predecessorOf(ROLLOUT, ROLLOUT.stages[2] as Stage) as Stage;
  expect(renderRunbook(ROLLOUT, stage, {})).toContain(
    'npm run cutover -- abort --rollout ops-view -s stageA --reason "…"',
  );
});

test("the same config makes the same bytes", () => {
  const once = () => renderRunbook(loadRollout(FOLDER), requireStage(loadRollout(FOLDER), "stageB"), SCRIPTS);
  expect(once()).toBe(once());
});
