import { describe, expect, it, test } from "vitest";
import { type Gate, kindOf } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import type { Sources } from "../../../src/gates/look";
import { evidence as evidenceSchema, type Seen } from "../../../src/gates/observation";
import { admit, type Moment } from "../../../src/promotion/admit";
import { measure, observe, observeWithin } from "../../../src/promotion/measure";
import { entry, flags, gateOf, ledger, soakGate, sqlGate, stage, subject } from "../../support/build";
import { fakeAws, json, standIn } from "../../support/standIn";

const live = ledger(flags(true, false), [entry(2)]);

function sources(spec: Partial<Sources> = {}): Sources {
  return {
    ledger: live,
    live: "stageA",
    promoted: stage("stageB"),
    parameters: {},
    checks: { fine: async () => "fine" },
    region: "eu-central-1",
    timeScale: 1,
    ...spec,
  };
}

const metric = gateOf("E1", {
  source: "metric",
  namespace: "N",
  name: "M",
  statistic: "Sum",
  window: "soak",
  minSamples: 1,
  expect: { eq: 0 },
});
const FREEZE = { from: "2026-12-18T00:00:00Z", until: "2027-01-04T00:00:00Z", reason: "Year end" };
const gates: Record<Gate["definition"]["source"], Gate> = {
  soak: soakGate("B2"),
  sql: sqlGate("A3"),
  metric,
  alarms: gateOf("XA", { source: "alarms" }, { alarms: {} }),
  http: gateOf("B3", { source: "http", request: { path: "/" } }),
  requests: gateOf("E2", { source: "requests", steps: [{ path: "/" }] }),
  check: gateOf("E3", { source: "check", check: "fine" }),
  elsewhere: gateOf("E5", { source: "elsewhere", from: "prom", promql: "up", expect: { eq: 1 } }),
  convergence: gateOf("A2", { source: "convergence" }, { flags: flags(true, false) }),
  everyServer: gateOf("V1", {
    source: "everyServer",
    path: "/version",
    value: "build",
    expect: { eq: "2.5.0" },
  }),
  signOff: gateOf("E4", { source: "signOff" }),
  snapshot: gateOf("B4", { source: "snapshot" }),
  backup: gateOf("B7", { source: "backup" }),
  restored: gateOf("B8", { source: "restored" }),
  providerBackup: gateOf("B9", {
    ...{ source: "providerBackup", provider: "supabase", as: "provider" },
    project: "abcdefghijklmnopqrst",
  }),
  drill: gateOf("B5", { source: "drill" }, { drill: { rollout: "ops-view", stage: "stageA" } }),
  date: gateOf("D3", { source: "date", after: "2027-03-01T00:00:00Z" }),
  calendar: gateOf("W1", { source: "calendar", freezes: [FREEZE] }),
  exit: gateOf("B1", { source: "exit" }),
};
const all = Object.values(gates);

describe("measuring", () => {
  it("from within a private network looks at what may lie there, and at nothing else", async () => {
    await fakeAws({});
    const observations = await Promise.all(all.map((gate) => observeWithin(gate, sources(), undefined)));
    const unknown = observations.flatMap(({ gate, seen }) =>
      seen.kind === "failure" && seen.message === "judged from other gates, never measured" ? [gate] : [],
    );
    expect(unknown).toEqual(all.flatMap(({ id, definition }) => (kindOf(definition).inNetwork ? [] : [id])));
  });

  it("never fails: a source that is not there is an observation that says so", async () => {
    await fakeAws({});
    const measured = await measure(subject(), all, sources(), "flip");
    const kinds = measured.observations.map(({ gate, seen }) => [
      gate,
      seen.kind === "failure" ? seen.message : seen.kind,
    ]);
    expect(kinds).toContainEqual(["A3", "the rollout declares no database"]);
    expect(kinds).toContainEqual(["B3", "the rollout declares no service"]);
    expect(kinds).toContainEqual(["E2", "the rollout declares no service"]);
    expect(kinds).toContainEqual(["E3", "check"]);
    expect(kinds).toContainEqual(["E5", "the rollout declares no sources"]);
    expect(kinds).toContainEqual(["A2", "the rollout declares no servers"]);
    expect(kinds).toContainEqual(["B4", "the stage declares no snapshot"]);
    expect(kinds).toContainEqual(["B7", "the rollout does not say where dumps lie"]);
    expect(kinds).toContainEqual(["B8", "the rollout does not say where dumps lie"]);
    expect(kinds).toContainEqual(["B9", "the rollout declares no service"]);
    expect(kinds).toContainEqual(["B5", expect.stringContaining("was never drilled")]);
    expect(kinds).toContainEqual(["B2", "occupancy"]);
  }, 20_000);

  it.each<[Moment, boolean]>([
    ["admission", false],
    ["flip", true],
  ])("at %s looks at a snapshot: %s; never at the gate that stands for others", async (moment, looked) => {
    const some = [gates.snapshot, gates.exit, gates.signOff];
    const { observations } = await measure(subject(), some, sources(), moment);
    expect(observations.map(({ gate }) => gate)).toEqual(looked ? ["B4", "E4"] : ["E4"]);
  });

  it("runs nothing that writes, and holds it against the promotion", async () => {
    const app = await standIn((_, response) => json(response, {}));
    const steps = [{ path: "/batches", method: "POST" }];
    const act = gateOf("F5", { source: "requests", writes: true, steps }, { phase: "exit" });
    const to = sources({ service: { url: app.url, tokens: {} } });
    const { observations } = await measure(subject(), [act], to, "flip");
    expect(app.asked).toEqual([]);
    expect(observations).toMatchObject([{ gate: "F5", seen: { kind: "failure" } }]);
  });

  it("is about what it was asked to be about, and of these very definitions", async () => {
    const about = subject({ attempt: 3 });
    const measured = await measure(about, [gates.soak], sources(), "flip");
    expect(measured.subject).toEqual(about);
    expect(measured.observations[0]).toMatchObject({ gate: "B2", definition: gateHash(gates.soak) });
    expect(evidenceSchema.parse(JSON.parse(JSON.stringify(measured)))).toEqual(measured);
  });

  it("measures all gates at once", async () => {
    let open = 0;
    let most = 0;
    const server = await standIn((_, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        json(response, {});
      }, 300);
    });
    const many = Array.from({ length: 6 }, (_, index) =>
      gateOf(`H${index}`, { source: "http", request: { path: "/" } }),
    );
    await measure(subject(), many, sources({ service: { url: server.url, tokens: {} } }), "flip");
    expect(most).toBe(6);
    expect(server.asked).toHaveLength(6);
  });

  it("of a promotion without a live stage finds no data", async () => {
    const none = sources({ ledger: { history: [], newest: 0 } });
    const some = [gates.soak, gates.signOff, gates.metric, gates.alarms];
    const { observations } = await measure(subject(), some, none, "flip");
    for (const { seen } of observations)
      expect(seen).toEqual({ kind: "failure", failure: "no-data", message: "no flags are live" });
  });
});

describe("each source", () => {
  const seenOf = async (gate: Gate, spec: Partial<Sources> = {}): Promise<Seen> =>
    (await observe(gate, sources(spec), undefined)).seen;

  it("is asked about the stage that is live, since it is", async () => {
    const aws = await fakeAws({
      GetMetricData: () => ({}),
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "a", StateValue: "OK" }] }),
      DescribeAlarmHistory: () => ({}),
    });
    const since = Date.parse(live.live?.completedAt ?? "");
    expect(await seenOf(gates.metric)).toMatchObject({ window: { from: live.live?.completedAt } });
    expect(aws.calls[0]?.input.StartTime).toBe(since / 1_000);
    const alarms = { ...gates.alarms, alarms: { XA1: "a" } };
    expect(await seenOf(alarms)).toMatchObject({ since: live.live?.completedAt });
    expect(aws.calls.at(-1)?.input).toMatchObject({ AlarmName: "a", StartDate: since / 1_000 });
  });

  it("takes sign-offs of the stage that is to be promoted", async () => {
    const said = { by: "ada", at: "2026-11-03T10:00:00Z", statement: "fine", attempt: 1 };
    expect(
      await seenOf(gates.signOff, { promoted: stage("stageB", { signOffs: { E4: said } }) }),
    ).toMatchObject({ kind: "signOff", by: "ada", liveSince: "2026-11-02T12:00:00.000Z" });
  });

  it("asks a query about its window, which begins where the stage went live", async () => {
    const since = live.live?.completedAt ?? "";
    const asked: unknown[] = [];
    const sql = {
      observe: async (question: unknown): Promise<Seen> => {
        asked.push(question);
        return { kind: "value", value: 1 };
      },
      close: async () => {},
    };
    const gate = sqlGate("G1", { window: "soak", values: ["{from}", "{to}", "{other}", 3] });
    const { seen } = await observe(gate, sources(), sql);
    const to = (seen as { window: { to: string } }).window.to;
    expect(seen).toEqual({ kind: "value", value: 1, window: { from: since, to } });
    expect(Math.abs(Date.parse(to) - Date.now())).toBeLessThan(5_000);
    expect(asked).toMatchObject([{ values: [since, to, "{other}", 3] }]);

    const hour = sqlGate("G1", { window: "1h", values: ["{from}"] });
    const scaled = await observe(hour, sources({ timeScale: 60 }), sql);
    const window = (scaled.seen as { window: { from: string; to: string } }).window;
    expect(Date.parse(window.to) - Date.parse(window.from)).toBe(60_000);
    expect(await observe(gate, sources({ ledger: { history: [], newest: 0 } }), sql)).toMatchObject({
      seen: { kind: "failure", failure: "no-data" },
    });
  });

  it("of a date is the clock", async () => {
    expect(await seenOf(gates.date)).toMatchObject({ kind: "clock" });
  });

  it("gives a check the service, its parameters and its name", async () => {
    const server = await standIn((_, response) => json(response, {}));
    const said = await seenOf(gates.check, {
      service: { url: server.url, tokens: {} },
      parameters: { workspace: "ws-ops" },
      checks: { fine: async ({ parameters }) => `of ${parameters.workspace}` },
    });
    expect(said).toEqual({ kind: "check", holds: true, said: "of ws-ops" });
  });

  it("that stands for others is never measured, and blocks where somebody did so", async () => {
    const observation = await observe(gates.exit, sources(), undefined);
    expect(observation.seen.kind).toBe("failure");
    const e1 = sqlGate("E1", { expect: { gt: 0 } }, { phase: "exit" });
    const request = {
      subject: subject(),
      gates: [gates.exit, e1],
      evidence: { subject: subject(), measuredAt: observation.at, observations: [observation] },
    };
    expect(admit(request, { now: Date.now(), timeScale: 1, moment: "flip" }).go).toBe(false);
  });

  test("that throws is a failure", async () => {
    const broken = { ...sources(), ledger: null } as unknown as Sources;
    for (const gate of [gates.soak, gates.signOff, gates.metric])
      expect((await observe(gate, broken, undefined)).seen).toMatchObject({
        kind: "failure",
        failure: "bad-answer",
      });
  });
});
