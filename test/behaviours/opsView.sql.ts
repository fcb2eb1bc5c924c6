import type pg from "pg";
import type { Outcome } from "../../src/gates/judge";
import type { Rollout } from "../../src/rollout/rollout";
import { type Behaviour, same } from "./behaviour";
import { DAY } from "./world/clock";
import { exitOf, gateBefore, smokeOf } from "./world/gates";
import { asking } from "./world/sql";

const TABLES =
  "workspaces, users, user_workspace_roles, patches, rfis, batches, audit_events, custody_transitions, acknowledged";

/** A workspace that is the rollout's, and another one, without anything in them. */
async function empty(pool: pg.Pool, rollout: Rollout): Promise<void> {
  await pool.query(`truncate ${TABLES} restart identity cascade`);
  await pool.query("alter policy real_workspaces on user_workspace_roles to public");
  await pool.query("insert into workspaces select unnest($1::text[]), 'w'", [
    [rollout.parameters.workspace, "another"],
  ]);
  await pool.query("insert into users select unnest($1::text[]), 'u'", [["ana", "vera"]]);
}

/** What is done to the database before it is looked at; $1 is the rollout's workspace. */
type Done = readonly string[];
type Case = readonly [when: string, done: Done, outcome: Outcome];

const patch = (workspace: string) =>
  `insert into patches (id, workspace_id, author_id, record_id, field_key, intent) select gen_random_uuid(), ${workspace}, 'ana', 'r', 'f', 'i'`;
const role = (workspace: string, name: string) =>
  `insert into user_workspace_roles (workspace_id, user_id, role) select ${workspace}, 'ana', '${name}'`;
const audit = (ago: string, key = "1") =>
  `insert into audit_events (workspace_id, actor_id, action, entity_kind, entity_id, entity_version, timestamp_iso)
   select $1, 'ana', 'moved', 'patch', n, 1, now() - interval '${ago}' from unnest(array[${key}]::text[]) n`;
const moves = (count: number, ago: string, first = 1) =>
  `insert into custody_transitions (workspace_id, entity_kind, entity_id, entity_version, from_status, to_status, occurred_at)
   select $1, 'patch', n::text, 1, 'Draft', 'Submitted', now() - interval '${ago}' from generate_series(${first}, ${first + count - 1}) n`;
const audited = (count: number, ago: string, first = 1) =>
  audit(ago, Array.from({ length: count }, (_, n) => `'${first + n}'`).join(","));
/** What was told of patches, and what became of them: `kept` is a row as it was told. */
const tellsOf = (count: number, ago: string, first = 1, version = 1, status = "Draft") =>
  `insert into acknowledged (id, version, status, told_at)
   select 'p' || n, ${version}, '${status}', now() - interval '${ago}' from generate_series(${first}, ${first + count - 1}) n`;
const keeps = (count: number, first = 1, version = 1, status = "Draft") =>
  `insert into patches (id, workspace_id, author_id, record_id, field_key, intent, version, status)
   select 'p' || n, $1, 'ana', 'r', 'f', 'i', ${version}, '${status}' from generate_series(${first}, ${first + count - 1}) n`;

const FIND = { entry: gateBefore, smoke: smokeOf, exit: exitOf };

const gate = (
  id: string,
  title: string,
  [phase, stage]: readonly ["entry" | "smoke" | "exit", "stageA" | "stageB"],
  proofs: Done,
  cases: readonly Case[],
  liveMs?: number,
): Behaviour => ({
  rollout: "ops-view",
  rows: [id, "database"],
  title: `${id}: ${title}`,
  sql: true,
  async run(rollout, tools) {
    const asked = await asking(rollout, tools);
    const found = FIND[phase](rollout, stage, id);
    const put = async (done: Done) => {
      await empty(asked.pool, rollout);
      for (const text of done)
        await asked.pool.query(text, text.includes("$1") ? [rollout.parameters.workspace] : []);
    };
    for (const [when, done, outcome] of cases) {
      await put(done);
      same(await asked.outcomeOf(found, stage, liveMs), outcome, when);
    }
    await put(proofs);
    await asked.proves(found, stage);
  },
});

const probe = (
  id: string,
  title: string,
  cases: readonly (readonly [when: string, done: Done, fires: boolean])[],
): Behaviour => ({
  rollout: "ops-view",
  rows: [id, "database"],
  title: `${id}: ${title}`,
  sql: true,
  async run(rollout, tools) {
    const asked = await asking(rollout, tools);
    const { threshold } = rollout.stages.find(({ name }) => name === "stageB")?.abort[id] ?? {};
    same(Object.keys(threshold ?? {}), ["gt"], `the bound of ${id}`);
    for (const [when, done, fires] of cases) {
      await empty(asked.pool, rollout);
      for (const text of done)
        await asked.pool.query(text, text.includes("$1") ? [rollout.parameters.workspace] : []);
      same((await asked.probed("stageB", id)) > (threshold?.gt ?? Number.NaN), fires, when);
    }
  },
});

const applied = (...versions: string[]): Done => [
  "delete from schema_migrations",
  `insert into schema_migrations (version) values ${versions.map((one) => `('${one}')`).join(", ")}`,
];

export const OPS_VIEW_SQL: readonly Behaviour[] = [
  gate("A1", "migrations 012 and 013 are applied, both of them", ["entry", "stageA"], applied("001"), [
    ["both", applied("001", "011", "012", "013", "014"), "pass"],
    ["012 alone", applied("001", "011", "012", "014"), "fail"],
    ["013 alone", applied("001", "011", "013", "014"), "fail"],
    ["neither", applied("001", "002"), "fail"],
  ]),
  gate(
    "A3",
    "the workspace has patches",
    ["entry", "stageA"],
    [patch("$1")],
    [
      ["one", [patch("$1")], "pass"],
      ["none", [], "fail"],
      ["another workspace has one", [patch("'another'")], "fail"],
    ],
  ),
  gate(
    "A4",
    "the workspace has an admin",
    ["entry", "stageA"],
    [role("$1", "admin")],
    [
      ["one", [role("$1", "admin")], "pass"],
      ["nobody", [], "fail"],
      ["an analyst", [role("$1", "analyst")], "fail"],
      ["another workspace has one", [role("'another'", "admin"), role("$1", "verifier")], "fail"],
      [
        "one, and no policy shows the gate role a row",
        [role("$1", "admin"), "alter policy real_workspaces on user_workspace_roles to pg_monitor"],
        "inconclusive",
      ],
    ],
  ),
  gate(
    "SB4",
    "audit events were written in the last ten minutes",
    ["smoke", "stageB"],
    [audit("1 minute")],
    [
      ["one, nine minutes ago", [audit("9 minutes")], "pass"],
      ["one, eleven minutes ago", [audit("11 minutes")], "fail"],
      ["none", [], "fail"],
    ],
  ),
  gate(
    "F3",
    "every transition of 48 h has its audit event, and the last ten of the stage, and there were ten",
    ["exit", "stageB"],
    [moves(10, "1 hour")],
    [
      ["ten, all of them audited", [moves(10, "47 hours"), audited(10, "47 hours")], "pass"],
      ["one is not", [moves(10, "47 hours"), audited(9, "47 hours")], "fail"],
      [
        "one from before is not",
        [moves(10, "1 hour"), audited(10, "1 hour"), moves(1, "49 hours", 11)],
        "pass",
      ],
      ["nine", [moves(9, "1 hour"), audited(9, "1 hour")], "inconclusive"],
      [
        "nine, and the tenth from before the 48 h",
        [moves(9, "1 hour"), audited(10, "1 hour"), moves(1, "49 hours", 10)],
        "pass",
      ],
      [
        "three a day, and the oldest of the last ten is not audited",
        [moves(9, "1 hour"), audited(9, "1 hour"), moves(1, "60 hours", 10)],
        "fail",
      ],
      [
        "one from before the 48 h is not, nor among the last ten",
        [moves(10, "1 hour"), audited(10, "1 hour"), moves(1, "60 hours", 11)],
        "pass",
      ],
      [
        "twenty in 48 h, and the oldest of them is not",
        [moves(19, "1 hour"), audited(19, "1 hour"), moves(1, "47 hours", 20)],
        "fail",
      ],
      [
        "nine, and more from before the stage",
        [moves(9, "1 hour"), audited(20, "1 hour"), moves(11, "100 hours", 10)],
        "inconclusive",
      ],
    ],
    3 * DAY,
  ),
  gate(
    "F4",
    "what ten clients and more were told in 48 h is what the database holds",
    ["exit", "stageB"],
    [tellsOf(10, "1 hour")],
    [
      ["ten that are held", [tellsOf(10, "47 hours"), keeps(10)], "pass"],
      ["one that is missing", [tellsOf(10, "1 hour"), keeps(9)], "fail"],
      ["one that is older", [tellsOf(10, "1 hour"), tellsOf(1, "47 hours", 11, 2), keeps(11)], "fail"],
      ["one of another status", [tellsOf(11, "1 hour"), keeps(10), keeps(1, 11, 1, "Submitted")], "fail"],
      ["one that went on since", [tellsOf(11, "1 hour"), keeps(10), keeps(1, 11, 2, "Submitted")], "pass"],
      ["one from before", [tellsOf(10, "1 hour"), tellsOf(1, "49 hours", 11), keeps(10)], "pass"],
      ["nine", [tellsOf(9, "1 hour"), keeps(9)], "inconclusive"],
      ["ten from before", [tellsOf(10, "49 hours"), keeps(10)], "inconclusive"],
    ],
  ),
  probe("XB3", "what a client was told, and the database lacks or has otherwise", [
    ["none", [], false],
    ["what is held", [tellsOf(3, "1 hour"), keeps(3)], false],
    ["what nobody was told of", [keeps(3)], false],
    ["one that is missing", [tellsOf(3, "100 hours"), keeps(2)], true],
    ["one of another status", [tellsOf(1, "1 hour"), keeps(1, 1, 1, "Submitted")], true],
  ]),
  probe("XB4", "a transition of the last hour without its audit event", [
    ["none", [], false],
    ["one", [moves(1, "59 minutes")], true],
    ["one with its event", [moves(1, "59 minutes"), audited(1, "59 minutes")], false],
    ["one with the event of another", [moves(1, "59 minutes"), audited(1, "59 minutes", 2)], true],
    ["one of more than an hour ago", [moves(1, "61 minutes")], false],
  ]),
];
