import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderRunbook } from "../../../cli/runbook/render";
import { loadRollout } from "../../../src/rollout/load";
import { predecessorOf, type Rollout, requireStage, type Stage } from "../../../src/rollout/rollout";
import { flags, stageB, WRITE } from "../../support/build";
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

const series = (letters: string, to: number) => Array.from({ length: to }, (_, at) => `${letters}${at + 1}`);

/** The steps of the cutover's plan, in its order, by the runbook in which people look for them. */
const PLAN = {
  stageA: [
    ...[...series("A", 4), ...series("SA", 4), ...series("E", 5), ...series("XA", 4)],
    ...["R1", "R4", "C1", "C2", "C5"],
  ],
  stageB: [
    ...[...series("B", 4), ...series("SB", 4), ...series("F", 5), ...series("XB", 4)],
    ...[...series("R", 4), "C3", "C4", "C5"],
  ],
} as const;

/** The ids of a runbook's steps as they follow one another. */
function stepsOf(markdown: string): string[] {
  // A row of the table of criteria has its own section below.
  const [before = "", , after = ""] = markdown.split(/^(## Abort\n[\s\S]*?(?=^###))/m);
  return [...`${before}${after}`.matchAll(/^(?:### (\w+): |\| ([A-Z]\w*\d) \|)/gm)].map(
    ([, section, row]) => section ?? row ?? "",
  );
}

test.each(Object.entries(PLAN))("the runbook of %s has the plan's steps in the plan's order", (name, ids) => {
  const steps = stepsOf(renderRunbook(ops, requireStage(ops, name), SCRIPTS));
  const planned: readonly string[] = ids;
  expect(steps.filter((id) => planned.includes(id))).toEqual(planned);
});

/** The lines to type below a step's heading. */
function typed(markdown: string, id: string): string {
  const section = markdown.split(/^#{2,3} /m).find((part) => part.startsWith(`${id}: `)) ?? "";
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join("");
}

test("every step of the plan has a line to type, but for what is sent by itself", () => {
  for (const [name, ids] of Object.entries(PLAN)) {
    const markdown = renderRunbook(ops, requireStage(ops, name), SCRIPTS);
    for (const id of ids.filter((one) => !one.startsWith("C")))
      expect(typed(markdown, id), `${name} ${id}`).not.toBe("");
  }
});

test.each([
  ["stageA", "A3", /psql "\$DATABASE_URL" .*workspace_id = 'ws-ops'/],
  [
    "stageA",
    "A2",
    /curl .*ops-1\.internal.*\n.*ops-2\.internal.*\nprintenv OPS_VIEW_DB_READ OPS_VIEW_DB_WRITE/,
  ],
  ["stageA", "SA4", /time_total: %\{time_total\}[\s\S]*Bearer \$ADMIN_TOKEN/],
  ["stageA", "E4", /signOffs\.E4\.attempt 1 -s stageB/],
  ["stageA", "XA1", /describe-alarms --alarm-names ops-view-stageA-XA1/],
  ["stageA", "XA4", /pg_stat_activity/],
  ["stageA", "R1", /abort --rollout ops-view -s stageA/],
  ["stageA", "R4", /psql "\$\{DATABASE_OWNER_URL:\?\}" .*-f rollouts\/ops-view/],
  ["stageB", "B1", /check --rollout ops-view -s stageA/],
  ["stageB", "B2", /status --rollout ops-view -s stageA/],
  ["stageB", "B4", /describe-db-snapshots --db-snapshot-identifier ops-view-stageb-attempt-1/],
  ["stageB", "B5", /drill --rollout ops-view -s stageA/],
  ["stageB", "F2", /--start-time "\$LIVE_SINCE"[\s\S]*\$1 \/ \$2/],
  ["stageB", "R3", /abort --rollout ops-view --all/],
])("of %s, %s is typed so", (name, id, line) => {
  expect(typed(renderRunbook(ops, requireStage(ops, name), SCRIPTS), id)).toMatch(line);
});

/** What the plan says of each abort criterion, as a person reads it at its row. */
test.each([
  ["stageA", "XA2", "investigate DB connectivity"],
  ["stageA", "XA3", "Investigate role_scope.py, no flag change needed"],
  ["stageA", "XA4", "investigate query performance"],
  ["stageA", "XA4q", "Over ten minutes, the same for quiet hours: .*investigate query performance"],
  ["stageB", "XB2", "check for version sync issues"],
  ["stageB", "XB2q", "Over ten minutes, the same for quiet hours: .*check for version sync issues"],
  ["stageB", "XB3", "reconcile manually"],
  ["stageB", "XB4", "Investigate audit_events table, check logging"],
])("the criteria of %s say of %s: %s", (name, id, words) => {
  const markdown = renderRunbook(ops, requireStage(ops, name), SCRIPTS);
  expect(markdown).toMatch(new RegExp(`^\\| ${id} \\|.*${words}`, "m"));
  expect(markdown).toMatch(new RegExp(`### ${id}: [\\s\\S]*?- On-call: .*${words}`));
});

test("only the variables that a runbook's lines take are set first", () => {
  const of = (rollout: Rollout, stage: Stage) =>
    [...renderRunbook(rollout, stage, SCRIPTS).matchAll(/^- `([A-Z_]+)`: /gm)].map(([, name]) => name);
  expect(of(ops, requireStage(ops, "stageA"))).toEqual([
    "LIVE_SINCE",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    ...of(ops, requireStage(ops, "stageA")).slice(3),
  ]);
  expect(of(v2, requireStage(v2, "baseline"))).toEqual(["DATABASE_URL"]);
  expect(of(v2, requireStage(v2, "percent50"))).toEqual(["LIVE_SINCE", "DATABASE_URL"]);
});

test("a rollout with imports says when each query is asked, and first of all that the baseline is documented", () => {
  expect(renderRunbook(v2, v2.stages[0], {})).toMatch(
    /Document the baseline[\s\S]* query --rollout v2-pipeline --baseline/,
  );
  const later = renderRunbook(v2, requireStage(v2, "percent10"), {});
  for (const asked of ["Q1 Q6 --last 1h", "Q3 Q5 --last 24h", "Q2", "Q4"])
    expect(later).toContain(` query --rollout v2-pipeline ${asked}\``);
});

test("where a calendar is declared, a soak of a day may be one full business cycle instead", () => {
  const calendar = { zone: "Europe/Berlin", days: ["mon", "fri"], open: "09:00", close: "17:30" } as const;
  const open = { ...ops, calendar: { ...calendar, days: [...calendar.days] } };
  const alternative = [
    "config set --path cutover:stage.soak '1 business cycle' -s stageA",
    "config set --path cutover:stage.entry.B2.atLeast '1 business cycle' -s stageB",
  ];
  for (const line of alternative)
    expect(renderRunbook(open, requireStage(open, "stageA"), SCRIPTS)).toContain(line);
  expect(renderRunbook(open, requireStage(open, "stageB"), SCRIPTS)).not.toContain("business");
});

test("beside a business cycle it is said which exit gates look at the soak's old length all the same", () => {
  const calendar = { zone: "Europe/Berlin", days: ["mon" as const], open: "09:00", close: "17:30" };
  const told = renderRunbook({ ...ops, calendar }, requireStage(ops, "stageA"), SCRIPTS);
  expect(told).toContain("under `weakened`. E1 still looks at 24h, as its `window` says: until");
  // A window that is the soak, however long that is, goes with it.
  const { E1, ...others } = requireStage(ops, "stageA").exit;
  const follows = { ...requireStage(ops, "stageA"), exit: { ...others, E1: { ...E1, window: "soak" } } };
  expect(renderRunbook({ ...ops, calendar }, follows as Stage, SCRIPTS)).toContain("under `weakened`.\n");
});

test("after a statement that a message shows, its stage is brought up again", () => {
  const up = (stage: string) => `\nnpm run cutover -- in --rollout ops-view pulumi up -s ${stage}\n`;
  const of = (stage: string, id: string) => typed(renderRunbook(ops, requireStage(ops, stage), SCRIPTS), id);
  // What the finish judges is read when it is typed.
  expect(of("stageB", "F4s")).toMatch(/signOffs\.F4s\.attempt 1 -s stageB\n$/);
  // The statement stands in the file of the stage that follows; the message is sent by this one.
  expect(of("stageA", "E4")).toMatch(/signOffs\.E4\.attempt 1 -s stageB\n.* up -s stageA\n$/);
  expect(of("stageA", "E4")).toContain(up("stageA"));
  expect(of("stageB", "B3")).not.toContain(" up ");
});

test("what is asked since the flags are down counts from the rollback, not from the flip up", () => {
  const lines = typed(renderRunbook(v2, requireStage(v2, "percent50"), {}), "K1");
  expect(lines).toMatch(
    /abort --rollout v2-pipeline --all[\s\S]*\nexport DOWN_SINCE="\$\(npm --silent run cutover -- status --rollout v2-pipeline --json \| jq -r \.flags\.value\.since\)"[\s\S]*psql [\s\S]*'\$DOWN_SINCE'/,
  );
  expect(lines).not.toContain("LIVE_SINCE");
});

test("a command within a sentence of the config names its rollout, as a line does", () => {
  for (const stage of v2.stages)
    expect(renderRunbook(v2, stage, {}), stage.name).not.toMatch(/(?<!\S)cutover (query|abort) [-Q]/);
  const markdown = renderRunbook(
    v2,
    requireStage(v2, "percent50"),
    {},
    { rollout: "v2-pipeline", folder: "/f" },
  );
  expect(markdown).toMatch(
    /- If not: Look at npm run cutover -- query --rollout v2-pipeline -C \/f Q4 and npm run/,
  );
  expect(markdown).toMatch(/- On-call: .*: npm run cutover -- query --rollout v2-pipeline -C \/f Q4, npm/);
});

test("a page that waits for a decision shows a line for each", () => {
  const lines = typed(renderRunbook(v2, requireStage(v2, "percent10"), {}), "T3");
  expect(lines).toContain('abort --rollout v2-pipeline -s percent10 --reason "…"');
  expect(lines).toContain('dismiss --rollout v2-pipeline -s percent10 --row T3 --reason "…"');
});

test("the emergency rollback of v2-pipeline is in the runbook of each of its stages, in order", () => {
  for (const stage of v2.stages)
    expect(renderRunbook(v2, stage, {})).toMatch(
      /### K1: [\s\S]*abort --rollout v2-pipeline --all [\s\S]*### K2: [\s\S]* query .*Q6[\s\S]*### K3: [\s\S]* query .*Q2[\s\S]*### K4: [\s\S]* query .*Q4/,
    );
});

/** As people read it. */
const unescaped = (markdown: string) => markdown.replaceAll("\\", "");

describe("where there is no way back from a stage", () => {
  const gone = renderRunbook(v2, requireStage(v2, "remove-v1"), {});
  const KEPT =
    "there is no way back from remove-v1 (v1 is removed from the code, so nobody can be sent back to it): V2_ROLLOUT_PERCENT 100 %, V1_DEPRECATED true, V1_REMOVED true stay";

  test.each([
    `stops this attempt, and is no way back; it needs`,
    `given the flags of this stage, ${KEPT}. No flag goes down.`,
    `One that fails fails the run, stops the attempt and pages on-call: ${KEPT}. No flag goes down.`,
    "After an abort the stage is not promoted again until",
    "stops the attempt, and lowers no flag, so nobody is told of it",
  ])("says: %s", (sentence) => expect(unescaped(gone)).toContain(sentence));

  test.each([
    "brings the flags of this stage down",
    "takes the flags down again",
    "stays down until",
    "In less than",
    "--follow",
    "are told",
  ])("does not say: %s", (sentence) => {
    const [, back = ""] = gone.split("## Roll back by hand");
    const [head = ""] = gone.split("## Roll back by hand");
    const [section = ""] = back.split("## Who is told");
    // Notes of config are its own words; what is kept stands above them.
    const own = section.split("\n").filter((line) => !line.startsWith("Every new import"));
    expect(`${head}${own.join("\n")}`).not.toContain(sentence);
  });

  test.each(["K1", "K2", "K3", "K4"])("%s says first of all what is kept", (row) => {
    const [, section = ""] = gone.split(`### ${row}: `);
    expect(unescaped(section.split("\n")[2] ?? "")).toMatch(/^Kept: there is no way back from remove-v1/);
  });

  test("it begins with that, why, and what stays", () => {
    const [, first = ""] = gone.split(/^## /m);
    expect(unescaped(first)).toContain(
      "There is no way back\n\n- Once remove-v1 is live, nothing goes below `V2_ROLLOUT_PERCENT` 100 %, `V1_DEPRECATED` true, `V1_REMOVED` true: **v1 is removed from the code, so nobody can be sent back to it**",
    );
    expect(first).toMatch(/T4 freezes: [\s\S]*release --rollout v2-pipeline /);
  });

  test.each([
    ["T1", /By itself: page; no flag goes down \(revert to the floor\)/, false],
    ["T3", /By itself: after 1h, unless somebody decided: no flag goes down \(revert to the floor\)/, false],
    ["T4", /By itself: page; no flag goes down, and the rollout is held \(freeze\)/, true],
    ["X5", /By itself: page; no flag changes \(paged/, false],
  ])("%s says what it does there, and how a hold ends", (row, words, held) => {
    const [, section = ""] = gone.split(`### ${row}: `);
    const [own = ""] = section.split("\n### ");
    expect(own).toMatch(words);
    expect(own.includes("- Held: ")).toBe(held);
    expect(/cutover -- release --rollout v2-pipeline /.test(own)).toBe(held);
  });

  test("the stage before it says that the flags go down", () => {
    const before = renderRunbook(v2, requireStage(v2, "deprecate-v1"), {});
    expect(before).toContain("brings the flags of this stage down");
    expect(before).not.toContain("no way back");
  });

  test("what has nothing to do with it goes down, and says so", () => {
    const stage = requireStage(v2, "remove-v1");
    const BANNER = { kind: "boolean", off: false, requires: [], writes: false } as const;
    const irreversible = { floor: stage.flags, because: "v1 is removed from the code" };
    const more = { ...stage, irreversible, flags: { ...stage.flags, BANNER: true } };
    const stages = v2.stages.map((one) =>
      one === stage ? more : { ...one, flags: { ...one.flags, BANNER: false } },
    ) as unknown as typeof v2.stages;
    const markdown = renderRunbook({ ...v2, flags: { ...v2.flags, BANNER }, stages }, more, {});
    expect(markdown).toContain("What goes down: `BANNER` true → false.");
    expect(markdown).toContain("stops the attempt, and leaves at most");
  });
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

test("a login that IAM vouches for is typed as a token, which the shell makes", () => {
  const rollout = { ...ops, database: ops.database && { ...ops.database, login: { auth: "iam" as const } } };
  const markdown = renderRunbook(rollout, requireStage(rollout, "stageA"), SCRIPTS);
  const host = "ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com";
  expect(markdown).toContain(
    `export DATABASE_URL="$(aws rds generate-db-auth-token --hostname ${host} --port 5432 --username cutover_gate_ops_view --region eu-central-1 | jq -rR '"postgresql://cutover_gate_ops_view:\\(. | @uri)@${host}:5432/ops?sslmode=verify-full"')"`,
  );
  expect(markdown).not.toContain("stack output gateLogin");
});

test("a way back that lowers nothing from a stage is in the runbook of those that it lowers something from", () => {
  const way = (flag: string) => ({ title: "One flag down", to: "predecessor", flags: [flag] });
  const rollback = { R8: way(WRITE), R9: { title: "Nothing up", to: "off" } } as Stage["rollback"];
  const bare = ROLLOUT.stages.map((stage) => ({ ...stage, rollback: {} })) as unknown as Rollout["stages"];
  const of = (name: string) => {
    const rollout = { ...ROLLOUT, stages: bare, rollback };
    return renderRunbook(rollout, requireStage(rollout, name), {}).match(/^### R[89]/gm);
  };
  expect(ROLLOUT.stages.map(({ name }) => of(name))).toEqual([["### R9"], ["### R9"], ["### R8", "### R9"]]);
});

test("one phase back, typed from a stage that only contracts, says how far down that leads", () => {
  const [first, second] = ROLLOUT.stages as unknown as [Stage, Stage];
  const up = { ...second, name: "up", predecessor: second.name, flags: flags(true, true) };
  const rollback = { R1: { title: "One step back", to: "previous" } } as Stage["rollback"];
  const last = { ...second, name: "last", predecessor: "up", contracts: [WRITE], rollback, abort: {} };
  const markdown = renderRunbook({ ...ROLLOUT, stages: [first, second, up, last] }, last, {});
  expect(markdown).toMatch(/^One phase down: from stageA to baseline\. At most `OPS_VIEW_DB_READ=false`/m);
  expect(markdown).toContain(` abort --rollout ${ROLLOUT.name} --to previous `);
});

test("what is typed goes as far down as its step says, wherever the stage itself goes", () => {
  const [first, second] = ROLLOUT.stages as unknown as [Stage, Stage];
  const of = (more: Partial<Rollout>, rollback: Stage["rollback"]) => {
    const last = { ...stageB, rollback, abort: {} };
    return renderRunbook({ ...ROLLOUT, ...more, stages: [first, second, last] }, last, {});
  };
  const way = { R1: { title: "Flags down", to: "predecessor" } } as Stage["rollback"];
  const typedAs = (words: string) => ` abort --rollout ${ROLLOUT.name} ${words}--reason "…"`;
  expect(of({}, way)).toContain(typedAs("-s stageB "));
  expect(of({ abortTo: "off" }, way)).toContain(typedAs("-s stageB --to predecessor "));
  const baseline = { R1: { title: "Flags down", to: first.name } } as Stage["rollback"];
  expect(of({}, baseline)).toContain(typedAs(`-s stageB --to ${first.name} `));
  // Where no way is declared, it is the stage's own.
  expect(of({ abortTo: "off" }, {})).toContain(typedAs("--all "));
});
