import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { reportData } from "../../../cli/report/data";
import { type ReportOptions, reportCommand } from "../../../cli/report/run";
import { writeNote } from "../../../src/flags/ledger";
import { UserError } from "../../../src/text/problem";
import { note } from "../../support/build";
import { type Asked, json, nobody, pointAwsTo, standIn } from "../../support/standIn";

const BEGAN = Date.parse("2026-11-21T10:00:00.000Z");
const BASELINE = `config:
  aws:region: eu-central-1
  cutover:rollout:
    name: ops-view
    title: From memory to PostgreSQL
    flags:
      READ: { kind: boolean }
    service: { url: "https://ops.secret-host.example" }
    topics: { onCall: [{ protocol: email, endpoint: on-call@secret-host.example }] }
  cutover:stage: { flags: { READ: false } }
`;
const STAGE = `config:
  cutover:stage:
    predecessor: baseline
    soak: 24h
    flags: { READ: true }
    abort:
      XA1:
        title: The queue at ops.secret-host.example answers with an error
        metric: { namespace: OpsView, name: Queue5xx, statistic: Sum }
        threshold: { gt: 0 }
        missingData: notBreaching
        action: rollback
`;

type Answer = (asked: Asked, response: ServerResponse) => unknown;
const denied: Answer = ({ headers }, response) =>
  json(
    response,
    { __type: "AccessDeniedException", message: "ada@example.com may not" },
    headers["x-amz-target"] ? 400 : 403,
  );

/** AppConfig with two deployments: all off, then stageA. */
const appConfig: Answer = ({ path }, response) => {
  const [where = ""] = path.split("?");
  if (where === "/applications") return json(response, { Items: [{ Id: "app1", Name: "ops-view" }] });
  if (where.endsWith("/environments")) return json(response, { Items: [{ Id: "env1", Name: "live" }] });
  if (where.endsWith("/configurationprofiles"))
    return json(response, { Items: [{ Id: "prof1", Name: "flags" }] });
  if (where === "/deploymentstrategies") return json(response, { Items: [] });
  const version = /hostedconfigurationversions\/(\d)$/.exec(where)?.[1];
  if (version !== undefined) return response.writeHead(200).end(JSON.stringify({ READ: version === "2" }));
  const number = Number(/deployments\/(\d)$/.exec(where)?.[1] ?? 0);
  const deployment = (n: number) => ({
    DeploymentNumber: n,
    State: "COMPLETE",
    ConfigurationProfileId: "prof1",
    ConfigurationVersion: String(n),
    CompletedAt: new Date(BEGAN + n * 60_000).toISOString(),
    Description: writeNote(note({ stage: n === 1 ? "baseline" : "stageA" })),
  });
  if (number === 0 && where.endsWith("/deployments"))
    return json(response, { Items: [deployment(2), deployment(1)] });
  if (number === 1 || number === 2) return json(response, deployment(number));
  return json(response, { __type: "ResourceNotFoundException" }, 404);
};

const cloudWatch: Answer = ({ headers }, response) => {
  const operation = String(headers["x-amz-target"]).split(".")[1];
  if (operation === "DescribeAlarms")
    return json(response, { MetricAlarms: [{ AlarmName: "ops-view-stageA-XA1", StateValue: "OK" }] });
  if (operation === "DescribeAlarmHistory") return json(response, { AlarmHistoryItems: [] });
  return json(response, {
    MetricDataResults: [
      { Id: "s0_value", Timestamps: [BEGAN / 1_000 + 90], Values: [0], StatusCode: "Complete" },
    ],
  });
};

/** AWS, in two parts: what holds the flags, and what holds the signals. */
async function aws(flags: Answer, signals: Answer): Promise<void> {
  const { url } = await standIn((asked, response) =>
    (asked.headers["x-amz-target"] === undefined ? flags : signals)(asked, response),
  );
  pointAwsTo(url);
}

/** Runs the command in a project of its own. No `pulumi` is on its PATH. */
async function run(options: Partial<ReportOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "cutover-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "Pulumi.baseline.yaml"), BASELINE);
  writeFileSync(join(folder, "Pulumi.stageA.yaml"), STAGE);
  const html = join(folder, "report.html");
  const print = vi.fn();
  const warn = vi.fn();
  const env = { PATH: folder, AWS_REGION: "eu-central-1" };
  const code = await reportCommand({ folder, html, env, print, warn, ...options });
  const said = (of: typeof print) => of.mock.calls.map(([line]) => String(line));
  return { code, folder, html, out: said(print), warned: said(warn) };
}

const page = ({ html }: { html: string }) => readFileSync(html, "utf8");

describe("a report", () => {
  test("is written, and names on standard error what it lacks", async () => {
    await aws(appConfig, cloudWatch);
    const done = await run();
    expect(done.code).toBe(0);
    expect(done.out).toEqual([
      expect.stringMatching(/^ops-view: stageA is live.*\nThe report is in .*report\.html$/s),
    ]);
    expect(done.warned).toEqual([
      expect.stringMatching(/^PARTIAL: Whether what brings the flags down could act: unknown, .*STS/),
      "PARTIAL: Evidence of stageA: unknown, there is no pulumi on PATH.",
    ]);
    expect(page(done)).toContain('<td><span class="chip t-good">On</span></td>');
    expect(page(done)).toContain("Queue5xx");
  });

  test("holds no address of the rollout's own, nor of anybody", async () => {
    await aws(appConfig, denied);
    const done = await run();
    expect(page(done)).not.toMatch(/secret-host|ada@example/);
    expect(done.warned.join()).not.toMatch(/secret-host|ada@example/);
  });

  test("is the same as JSON for machines, and nothing else is printed", async () => {
    await aws(appConfig, cloudWatch);
    const { code, out } = await run({ json: true, html: undefined });
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    const data = reportData.parse(JSON.parse(out[0] ?? ""));
    expect(data).toMatchObject({ rollout: "ops-view", rehearsal: false, ledger: { known: true } });
    expect(data.ledger.known && data.ledger.value.live).toMatchObject({
      stage: "stageA",
      flags: { READ: true },
    });
    expect(data.ledger.known && data.ledger.value.deployments.map(({ flags }) => flags)).toEqual([
      { known: true, value: { READ: false } },
      { known: true, value: { READ: true } },
    ]);
    expect(data.stages[1]?.soakEnds).toBe(new Date(BEGAN + 120_000 + 24 * 3_600_000).toISOString());
    expect(data.signals[0]?.points).toEqual({ known: true, value: [[BEGAN + 90_000, 0]] });
  });

  test("is partial where alarms, metrics and messages may not be read", async () => {
    await aws(appConfig, denied);
    const done = await run();
    expect(done.code).toBe(0);
    expect(done.warned).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^PARTIAL: Alarms: unknown, access denied/),
        expect.stringMatching(/^PARTIAL: Signal Queue5xx: unknown, access denied/),
      ]),
    );
    expect(page(done)).toContain("Not everything could be read");
  });

  test("is partial where the flags may not be read", async () => {
    await aws(denied, cloudWatch);
    const done = await run();
    expect(done.code).toBe(0);
    expect(done.warned[0]).toMatch(/^PARTIAL: Live flags and what was deployed: unknown, access denied/);
    expect(page(done)).toMatch(/Which flags are live is not known: access denied/);
  });

  test("tells what else happened", async () => {
    await aws(appConfig, cloudWatch);
    const folder = mkdtempSync(join(tmpdir(), "cutover-events-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const events = join(folder, "events.json");
    const at = new Date(BEGAN + 150_000).toISOString();
    writeFileSync(events, JSON.stringify([{ at, kind: "note", title: "The office closed" }]));
    expect(page(await run({ events }))).toContain("The office closed");
  });
});

describe("there is no report, and one sentence says why", () => {
  const message = (options: Partial<ReportOptions> = {}) =>
    run(options).then(
      () => "it was written",
      (error: unknown) => {
        expect(error).toBeInstanceOf(UserError);
        return (error as Error).message;
      },
    );

  test("of a rollout that was never started", async () => {
    await aws((_, response) => json(response, { Items: [] }), cloudWatch);
    expect(await message()).toMatch(/ops-view.*\n.*is not there/);
  });

  test("where nothing at all may be read", async () => {
    await aws(denied, denied);
    expect(await message()).toMatch(
      /^Nothing could be read of the rollout ops-view: access denied.*\n.*credentials/s,
    );
  });

  test("where AWS cannot be reached", async () => {
    pointAwsTo(await nobody());
    expect(await message({ patience: 50 })).toMatch(
      /^Nothing could be read of the rollout ops-view: .*cannot be reached/,
    );
  });

  test.each([
    ["that are not there", undefined, /events\.json: is not there/],
    ["that are no JSON", "oops", /is not JSON/],
    ["without a time", '[{"kind":"note","title":"x"}]', /0\.at/],
  ])("of events %s", async (_, text, words) => {
    const folder = mkdtempSync(join(tmpdir(), "cutover-events-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const events = join(folder, "events.json");
    if (text !== undefined) writeFileSync(events, text);
    expect(await message({ events })).toMatch(words);
  });

  test("where the file cannot be written", async () => {
    await aws(appConfig, cloudWatch);
    expect(await message({ html: "/nowhere/at/all.html" })).toMatch(
      /cannot be written.*\n.*lies in a folder that is not there/,
    );
  });
});

test("somebody who says not where it goes is told how", async () => {
  const { code, warned } = await run({ html: undefined });
  expect(code).toBe(2);
  expect(warned).toEqual([expect.stringContaining("--html FILE")]);
});
