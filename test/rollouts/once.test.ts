import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { markdownOf } from "../../cli/preview/markdown";
import { viewOf } from "../../cli/preview/view";
import { readEvidence } from "../../cli/report/gather/evidence";
import { signalSpecs } from "../../cli/report/gather/signals";
import { render } from "../../cli/report/render";
import { inPlansOrder } from "../../cli/runbook/gates";
import { renderRunbook } from "../../cli/runbook/render";
import { renderStatus } from "../../cli/status/render";
import { statusView } from "../../cli/status/view";
import { dashboardBody } from "../../components/dashboardBody";
import { abortRows } from "../../src/abort/abortRows";
import { abortsOf } from "../../src/abort/inForce";
import { page } from "../../src/abort/pages";
import { alarmName } from "../../src/aws/names";
import { recordName } from "../../src/promotion/kept";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../src/promotion/resolve";
import { loadRollout } from "../../src/rollout/load";
import { predecessorOf, type Rollout, type Stage, stagesUpTo } from "../../src/rollout/rollout";
import { PLAIN } from "../../src/text/page";
import { redactor } from "../../src/text/redact";
import { factsOf } from "../cli/preview/facts";
import { at, reportFixture } from "../cli/report/fixture";
import { facts } from "../cli/status/facts";
import { ago, entry, ledger, note } from "../support/build";

const FOLDER = join(__dirname, "..", "..");
const ROLLOUTS = [loadRollout(FOLDER), loadRollout(join(FOLDER, "rollouts", "v2-pipeline"))];
const STAGES = ROLLOUTS.flatMap((rollout) =>
  rollout.stages.map((stage) => ({ name: `${rollout.name} ${stage.name}`, rollout, stage })),
);

/** What a pattern finds in the part of a text below a heading, up to the next one, sorted. */
function rowsIn(text: string, heading: string, row: RegExp): string[] {
  const [, part = ""] = text.split(`\n${heading}`);
  const end = part.search(/\n## |\n### If |\n[A-Z]{2}[A-Z ]+ {2}/);
  return [...(end < 0 ? part : part.slice(0, end)).matchAll(row)].map((match) => match[1] ?? "").sort();
}

const sorted = (ids: readonly string[]) => [...ids].sort();
const ids = (gates: readonly { readonly id: string }[]) => sorted(gates.map(({ id }) => id));

/** The stages that are promoted on gates, each right before its promotion. */
const PROMOTED = STAGES.flatMap(({ name, rollout, stage }) => {
  const before = predecessorOf(rollout, stage);
  return before ? [{ name, rollout, stage, ...raiseOf(rollout, stage, before) }] : [];
});

function raiseOf(rollout: Rollout, stage: Stage, before: Stage) {
  const promoted = rollout.stages.slice(0, rollout.stages.indexOf(before) + 1);
  const found = ledger(
    before.flags,
    promoted.map(({ name, attempt }, index) =>
      entry(index + 1, {
        completedAt: ago((1_000 - index) * 3_600_000),
        note: note({ rollout: rollout.name, stage: name, attempt }),
      }),
    ),
  );
  return { found, raise: factsOf({ rollout, stage: stage.name, ledger: found }) };
}

describe.each(PROMOTED)("each gate and smoke check of $name stands exactly once", (one) => {
  const { rollout, stage, found, raise } = one;

  test("in the comment", () => {
    const comment = markdownOf(viewOf(raise, redactor({ secrets: [], hosts: [] })), 1_000_000);
    const part = (heading: string) => comment.split(`\n### ${heading}`)[1]?.split("\n### ")[0] ?? "";
    const gates = [...part("Gates").matchAll(/^\| `([\w-]+)` \|/gm)].map(([, id = ""]) => id);
    expect(sorted(gates)).toEqual(ids(gatesFor(rollout, stage)));
    const [smoke = ""] = part("If ").match(/^After the flip: .*/m) ?? [];
    expect(sorted([...smoke.matchAll(/`([\w-]+)`/g)].map(([, id = ""]) => id))).toEqual(
      ids(smokeGatesOf(rollout, stage)),
    );
  });

  test("in the status, which tells of gates alone", async () => {
    const { subject, evidence } = raise.report?.promotion ?? {};
    if (!subject || !evidence) throw new Error(`${stage.name} would not be raised`);
    const measured = { ok: true as const, value: { subject, evidence } };
    const view = statusView(await facts(found, { rollout, measured }));
    const text = renderStatus(view, { width: 120, paints: PLAIN, all: true }).join("\n");
    const row = /^ +([\w-]+) +(?:pass|fail|inconclusive|not-run) /gm;
    expect(rowsIn(text, "GATES", row)).toEqual(ids(gatesFor(rollout, stage)));
  });

  test("in the report's evidence, with its title", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cutover-once-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [gates, smoke] = [gatesFor(rollout, stage), smokeGatesOf(rollout, stage)];
    const verdicts = (some: typeof gates) =>
      some.map(({ id, definition: { title } }) => {
        return { gate: id, title, outcome: "pass" as const, observed: "1", required: "1", remedy: "" };
      });
    const atFlip = { evidence: raise.report?.promotion?.evidence, verdicts: verdicts(gates) };
    const settlement = { outcome: "settled", verdicts: verdicts(smoke) };
    const urn = `urn:pulumi:s::p::cutover:index:Stage$pulumi:index:Stash::${recordName(stage.name)}`;
    const output = { attempt: stage.attempt, atFlip, settlement };
    const resources = [{ urn, type: "pulumi:index:Stash", outputs: { output } }];
    const state = JSON.stringify({ version: 3, deployment: { resources } });
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\ncat <<'END'\n${state}\nEND\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
    const env = { PATH: `${folder}:/bin:/usr/bin` };
    const evidence = await readEvidence(rollout, [stage.name], folder, env);
    const html = sectionOf(render(reportFixture({ evidence })), "evidence");
    const rows = [...html.matchAll(/<th scope="row">([\w-]+)<br><span class="fine">/g)];
    expect(sorted(rows.map(([, id = ""]) => id))).toEqual(sorted([...ids(gates), ...ids(smoke)]));
  });
});

function sectionOf(html: string, id: string): string {
  return html.split(`<section id="${id}"`)[1]?.split("</section>")[0] ?? "";
}

describe.each(ROLLOUTS)("the report of $name tells once", (rollout) => {
  const alarms = rollout.stages.flatMap(({ name, abort }) =>
    Object.entries(abort).map(([row, { title, action }]) => ({ row, stage: name, title, action })),
  );
  const messages = rollout.stages.flatMap(({ name, messages }) =>
    Object.entries(messages).map(([row, { title, to }]) => ({ row, stage: name, title, to: [...to] })),
  );
  const html = render(
    reportFixture({
      alarms: {
        known: true,
        value: alarms.map((alarm) => {
          const history = [
            { at: at(1_000), to: "OK" as const },
            { at: at(2_000), to: "ALARM" as const },
            { at: at(3_000), to: "OK" as const },
          ];
          return { ...alarm, state: "OK", history: { known: true, value: history } };
        }),
      },
      messages: messages.map((message) => ({ ...message, when: "at the flip" })),
      told: {
        known: true,
        value: messages.flatMap(({ row, stage, to }) =>
          // One right after the other.
          to.map((topic, index) => ({ row, stage, attempt: 1, to: topic, at: at(5_000 + index * 900) })),
        ),
      },
      events: [],
    }),
  );

  test("each abort row among its alarms", () => {
    const rows = [
      ...sectionOf(html, "now").matchAll(/<th scope="row">([\w-]+) <span class="fine">([\w-]+)</g),
    ];
    expect(sorted(rows.map(([, row, stage]) => `${stage} ${row}`))).toEqual(
      sorted(alarms.map(({ stage, row }) => `${stage} ${row}`)),
    );
  });

  test("each alarm that went off, its end, and each message that was sent", () => {
    const list = sectionOf(html, "timeline").split('<ol class="events">').slice(1).join("");
    const told = (kind: string) =>
      [...list.matchAll(new RegExp(`<li data-kind="${kind}">.*?</strong> (.*?)(?::|<)`, "g"))].map(
        ([, said = ""]) => said,
      );
    const fired = sorted(alarms.map(({ stage, row }) => `${stage} ${row}`));
    expect(sorted(told("alarm"))).toEqual(fired);
    expect(sorted(told("quiet"))).toEqual(fired);
    expect(sorted(told("message"))).toEqual(
      sorted(messages.map(({ row, to }) => `${row} to ${to.join(", ")}`)),
    );
  });
});

describe.each(STAGES)("each row of $name stands exactly once", ({ rollout, stage }) => {
  const aborts = sorted(abortsOf(rollout, stage).map(({ row }) => row));

  test("in its section of the runbook", () => {
    const runbook = renderRunbook(rollout, stage, {});
    const headed = (heading: string) => rowsIn(runbook, heading, /^### ([\w-]+): /gm);
    const entryGates = gatesFor(rollout, stage).filter(({ phase }) => phase === "entry");
    const gates = {
      entry: entryGates,
      smoke: smokeGatesOf(rollout, stage),
      exit: exitGatesOf(rollout, stage),
    };
    const { entry, smoke, exit } = inPlansOrder(gates);
    expect(headed("## Before: what must hold")).toEqual(ids(entry));
    expect(headed("## After: smoke checks")).toEqual(ids(smoke));
    expect(headed("## While it is live")).toEqual(ids(exit));
    expect(ids([...entry, ...smoke, ...exit])).toEqual(ids(Object.values(gates).flat()));
    expect(headed("## Abort")).toEqual(aborts);
    const told = rowsIn(runbook, "## Who is told", /^\| (?!Row |Topic |---)([\w-]+) \|/gm);
    expect(told).toEqual(sorted([...Object.keys(stage.messages), "C5"]));
    const back = [...stagesUpTo(rollout, stage), rollout].flatMap((one) => Object.keys(one.rollback ?? {}));
    expect(headed("## Roll back by hand")).toEqual(sorted([...new Set(back)]));
  });

  test("in the comment's table of aborts", () => {
    const view = viewOf(
      { name: rollout.name, stage: stage.name, rollout },
      redactor({ secrets: [], hosts: [] }),
    );
    const [, below = ""] = markdownOf(view).split("\n### If ");
    const [table = ""] = below.split("\n### ");
    expect([...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, row]) => row).sort()).toEqual(aborts);
  });

  test("in its page", () => {
    const rows = Object.entries(abortRows(rollout, stage));
    expect(rows.map(([, { row }]) => row)).toEqual(Object.keys(stage.abort));
    for (const [name, row] of rows) {
      const alarm = { ...row, name, state: "ALARM" as const, reason: "It is so", at: ago(0) };
      const config = { rollout: rollout.name, stage: stage.name, attempt: 1, specs: {} };
      const { text } = page(config, alarm, { kind: "page-only" });
      expect([...text.matchAll(/^Row: +(\S+)$/gm)].map(([, id]) => id)).toEqual([row.row]);
    }
  });

  test("in the status: its alarms and messages", async () => {
    const promoted = entry(1, {
      completedAt: ago(60_000),
      note: note({ rollout: rollout.name, stage: stage.name, attempt: stage.attempt }),
    });
    const names = Object.keys(stage.abort).map((row) => alarmName(rollout.name, stage.name, row));
    const alarms = Object.fromEntries(names.map((name) => [name, { state: "OK" as const }]));
    const found = ledger(stage.flags, [promoted]);
    const view = statusView(
      await facts(found, { rollout, alarms: { ok: true, value: alarms }, measured: undefined }),
    );
    const text = renderStatus(view, { width: 120, paints: PLAIN, all: true }).join("\n");
    for (const row of Object.keys(stage.abort))
      expect(text.match(new RegExp(`^ +${row} +ok `, "gm"))).toHaveLength(1);
    for (const [row, { when }] of Object.entries(stage.messages))
      if (when !== "before") expect(text.split(`${row} of ${stage.name} to `)).toHaveLength(2);
  });
});

test.each(ROLLOUTS)("each abort row and metric gate of $name stands once in the report", (rollout) => {
  const signals = signalSpecs(rollout).map(({ source: _, ...spec }) => ({
    ...spec,
    period: 60,
    points: { known: true as const, value: [] },
  }));
  const html = render(reportFixture({ signals }));
  const rows = [
    ...sectionOf(html, "signals").matchAll(/<strong>([\w-]+)<\/strong> <span class="fine">([\w-]+)</g),
  ];
  const declared = rollout.stages.flatMap(({ name, abort, entry, smoke, exit }) => [
    ...Object.keys(abort).map((row) => `${name} ${row}`),
    ...Object.entries({ ...entry, ...smoke, ...exit }).flatMap(([row, { source }]) =>
      source === "metric" ? [`${name} ${row}`] : [],
    ),
  ]);
  expect(rows.map(([, row, stage]) => `${stage} ${row}`).sort()).toEqual(sorted(declared));
});

test.each(ROLLOUTS)("the dashboard of $name draws the very limits that its report draws", (rollout) => {
  const of = { rollout, stages: rollout.stages, region: "eu-central-1", alarms: [], changes: [], remark: "" };
  const { widgets } = JSON.parse(dashboardBody(of)) as {
    widgets: { properties: { title?: string; annotations?: { horizontal?: { label: string }[] } } }[];
  };
  const drawn = widgets.flatMap(({ properties: { title = "", annotations } }) =>
    (annotations?.horizontal ?? []).map(({ label }) => `${title.split(" ")[0]} ${label}`),
  );
  const reported = signalSpecs(rollout).flatMap(({ lines }) =>
    lines.map(({ row, label }) => `${row} ${label}`),
  );
  expect(sorted(drawn)).toEqual(sorted(reported));
});
