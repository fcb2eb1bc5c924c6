import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/gates/judge";
import type { Observation } from "../../../src/gates/observation";
import { admit } from "../../../src/promotion/admit";
import { showJudgement, showVerdicts } from "../../../src/promotion/show";
import {
  ago,
  evidence,
  liveFor,
  NOW,
  observe,
  READ,
  soakGate,
  sqlGate,
  subject,
  value,
  WRITE,
} from "../../support/build";

const HOUR = 3_600_000;
const a1 = sqlGate("A1", {
  title: "Migrations 012 and 013 are applied",
  expect: { eq: 2 },
  remedy: "Apply migrations 012 and 013",
});
const a3 = sqlGate("A3", { title: "The workspace has patches" });
const b2 = soakGate("B2", { title: "Stage A has been live for 24 h" });

const about = subject({ liveSince: ago(20 * HOUR) });

function report(observations: Observation[]): string {
  const judgement = admit(
    { subject: about, gates: [a3, a1, b2], evidence: evidence(observations, about) },
    { now: NOW, timeScale: 1, moment: "flip" },
  );
  return showJudgement(about, judgement);
}

/** What a reader sees in each cell of a row, wrapped lines put together again. */
function cells(table: string, gate: string): string[] {
  const rows: string[][] = [];
  let open = false;
  for (const line of table.split("\n")) {
    if (!line.startsWith("│")) {
      open = false;
      continue;
    }
    const parts = line
      .split("│")
      .slice(1, -1)
      .map((part) => part.trim().replace(/ +/g, " "));
    // A line whose first cells are empty goes on with the row above it.
    if (open && parts[0] === "" && parts[1] === "") {
      const last = rows.at(-1) as string[];
      parts.forEach((part, at) => {
        if (part !== "") last[at] = `${last[at]} ${part}`;
      });
    } else rows.push(parts);
    open = true;
  }
  return rows.find((row) => row[0] === gate) ?? [];
}

const blocked = report([observe(a1, value(1)), observe(a3, value(12)), observe(b2, liveFor(20 * HOUR))]);

describe("the report of a blocked promotion", () => {
  it("says first what is not promoted, how many gates pass, and that flags stay", () => {
    expect(blocked.split("\n").slice(0, 3)).toEqual([
      "ops-view stageB, attempt 1, is not promoted: 1 of 3 gates pass.",
      `Flags stay: ${READ} true, ${WRITE} false.`,
      `Asked for:  ${READ} true, ${WRITE} true.`,
    ]);
  });

  it("shows each gate with verdict, title, observed, required and what to do", () => {
    expect(cells(blocked, "A1")).toEqual([
      "A1",
      "FAIL",
      "Migrations 012 and 013 are applied observed 1 required = 2 to do Apply migrations 012 and 013",
    ]);
    expect(cells(blocked, "A3")).toEqual(["A3", "PASS", "The workspace has patches 12; required > 0"]);
    expect(cells(blocked, "B2")).toEqual([
      "B2",
      "FAIL",
      "Stage A has been live for 24 h observed stageA live for 20 h, since 2026-11-20 16:00:00Z required ≥ 24h without a break to do Wait until the soak is over: 2026-11-21 16:00:00Z",
    ]);
  });

  it("has a line of its own for what was observed, required and to do", () => {
    const lines = blocked.split("\n").map((line) => line.replace(/^│.{6}│.{6,14}│ | *│$/g, ""));
    expect(lines).toEqual(
      expect.arrayContaining([
        "Migrations 012 and 013 are applied",
        "  observed  1",
        "  required  = 2",
        "  to do     Apply migrations 012 and 013",
      ]),
    );
  });

  it("puts what speaks against the promotion above what passes", () => {
    const order = ["A1", "B2", "A3"].map((gate) => blocked.indexOf(`│ ${gate} `));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every((at) => at > 0)).toBe(true);
  });

  it("ends with the earliest time where all else passes, and leaves it out where something has to be mended", () => {
    const waiting = report([observe(a1, value(2)), observe(a3, value(12)), observe(b2, liveFor(20 * HOUR))]);
    expect(waiting.split("\n").at(-1)).toBe("Earliest promotion: 2026-11-21 16:00:00Z");
    expect(blocked).not.toContain("Earliest promotion");
  });

  it("tells what is wrong with the evidence as a whole", () => {
    const stray = report([observe(a1, value(2)), { ...observe(a3, value(12)), gate: "Z9" }]);
    expect(stray.split("\n")).toContain(
      "! The evidence holds an observation for Z9, which is no gate of this promotion.",
    );
    expect(stray).toContain("NOT-RUN");
  });

  it("is plain text that a terminal of 80 columns shows, with the engine's indent of ten before it", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(blocked).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const table = blocked.split("\n").filter((line) => /^[┌├│└]/.test(line));
    expect(table.length).toBeGreaterThan(10);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(70);
  });
});

describe("the gate table", () => {
  const verdict = (spec: Partial<Verdict>): Verdict => ({
    gate: "A1",
    title: "Title",
    outcome: "fail",
    observed: "1",
    required: "= 2",
    remedy: "Mend it",
    ...spec,
  });

  it("shows the longest row id that config takes in full", () => {
    const id = "Queue-latency-p95-of-all";
    expect(id).toHaveLength(24);
    const shown = showVerdicts([verdict({ gate: id })]).replace(/[^A-Za-z0-9-]/g, "");
    expect(shown).toContain(id);
  });

  it("loses no word of what was observed, required or to do", () => {
    const url = "https://ops.example.com/api/v2.5/workspaces/ws-ops/operations/queue?limit=100";
    const table = showVerdicts([
      verdict({
        observed: `unreachable: connect ECONNREFUSED to ${url}`,
        required: "data.counts.total_of_known_items > 0",
        remedy: `Look at ${url}`,
      }),
    ]);
    const [, , text] = cells(table, "A1").map((cell) => cell.replace(/\s/g, ""));
    expect(text).toBe(
      `Titleobservedunreachable:connectECONNREFUSEDto${url}requireddata.counts.total_of_known_items>0todoLookat${url}`,
    );
  });

  it("shows what a database answered as text: it commands no terminal, and is as wide as it looks", () => {
    const table = showVerdicts([
      verdict({ observed: `a\x1b[2J\r\nb\u202ec ${"漢字".repeat(30)}`, required: "\x07none" }),
    ]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(table).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(table).toContain("a [2J b c");
    for (const line of table.split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(70);
  });
});
