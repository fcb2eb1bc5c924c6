import { describe, expect, test } from "vitest";
import type { Finding } from "../../../cli/doctor/finding";
import { judgeAccount } from "../../../cli/doctor/judge/account";
import { judgeMeasuring } from "../../../cli/doctor/judge/away";
import { judgeAws } from "../../../cli/doctor/judge/aws";
import { judgeDatabase } from "../../../cli/doctor/judge/database";
import { gatesOf, heardBy, judgeGates } from "../../../cli/doctor/judge/gates";
import { judgeMachine } from "../../../cli/doctor/judge/machine";
import { hostsOf, judgeNetwork } from "../../../cli/doctor/judge/network";
import { judgePeople } from "../../../cli/doctor/judge/people";
import { judgeQuotas } from "../../../cli/doctor/judge/quotas";
import { judgeServers } from "../../../cli/doctor/judge/servers";
import { judgeSnapshots } from "../../../cli/doctor/judge/snapshots";
import { judgeState } from "../../../cli/doctor/judge/state";
import { failed } from "../../../src/aws/failure";
import type { Known } from "../../../src/aws/known";
import { metricKey } from "../../../src/aws/metricId";
import { gateDefinition } from "../../../src/gates/gate";
import type { GuardFacts } from "../../../src/rollout/guardFacts";
import { loadWritten } from "../../../src/rollout/load";

const { rollout, locate } = loadWritten(`${__dirname}/../../..`);
const known = <T>(value: T): Known<T> => ({ ok: true, value });
const unread = { ok: false, why: "access denied", remedy: "Give these credentials the right" } as const;
const NOW = Date.parse("2026-11-29T20:00:00Z");

/** Everything as it has to be. */
const MACHINE = {
  node: "20.20.2",
  nodeWanted: ">=20.19",
  engine: "3.258.0",
  sdk: "3.248.0",
  plugins: ["aws 7.48.0", "postgresql 3.18.1"],
  wanted: ["aws 7.48.0", "postgresql 3.18.1"],
  first: "baseline",
};
const STATE = {
  stages: ["baseline", "stageA"],
  stacks: known(["baseline", "stageA"]),
  configs: new Map<string, Known<unknown>>([["baseline", known({})]]),
};
const AWS = {
  region: "eu-central-1",
  regions: new Map<string, string>(),
  allowed: [],
  forbidden: [],
  caller: known({
    arn: "arn:aws:iam::123456789012:user/ada",
    account: "123456789012",
    clock: { said: NOW, sent: NOW, came: NOW + 100 },
  }),
};
const SEEN = { user: "admin", version: "16.4", tls: "TLSv1.3", problems: [], planned: [], slow: [] };
const REACH = {
  ...{ user: "gates", attributes: [], roles: [], creates: [], writes: [], borrows: [] },
  ...{ temporary: true, databases: [] },
};
const DATABASE = { first: "baseline", host: "db", administrator: known(SEEN), locate };
const USED = {
  applications: known<readonly string[]>([]),
  strategies: known<readonly string[]>([]),
  versions: known<number | undefined>(undefined),
  monitors: known<number | undefined>(undefined),
  alarms: known<readonly string[]>([]),
  concurrency: known({ limit: 1_000, unreserved: 1_000 }),
};
const ASKED = {
  stage: "stageA",
  row: "A1",
  path: ["cutover:stage", "entry", "A1", "query"],
  query: "select 1",
  values: [],
  filtered: false,
};
const person = { protocol: "email", endpoint: "a@example.com", confirmed: true };
const GUARDS: GuardFacts = {
  now: NOW,
  alarms: known(new Map()),
  heard: known(new Map()),
  listed: new Map(),
  lines: new Map(),
  onCall: known([person]),
  onCallTopic: known({}),
  acknowledged: known({}),
  onCallArn: "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call",
  switches: new Map(),
};
const topics = (onCall: Known<readonly (typeof person)[] | undefined>) =>
  new Map([
    ["onCall" as const, onCall],
    ["ops" as const, known([person])],
    ["stakeholders" as const, known([person])],
  ]);
const PEOPLE = { rollout, topics: topics(known([person])), guards: GUARDS, locate };
const SNAPSHOT = {
  stage: "stageB",
  kind: "instance" as const,
  of: "ops-db",
  there: known(true),
  tie: { kind: "same" as const },
};
const SERVERS = { deployed: known(true), first: "baseline", where: "servers" };
const EVERY_GATE = gatesOf(rollout);
const gate = (id: string) => {
  const found = EVERY_GATE.find((one) => one.gate.id === id);
  if (!found) throw new Error(id);
  return found;
};
const GATES = {
  hearing: { heard: known(new Map<string, number>()), listed: new Map() },
  seen: new Map(),
  tokens: new Map([["stageA", { admin: "m", analyst: "a" }]]),
  asks: true,
  due: ["baseline", "stageA"],
  now: NOW,
  timeScale: 1,
  locate,
};
const clock = (told: { said: number; sent: number; came: number }) =>
  known({ arn: "arn:aws:iam::123456789012:user/ada", account: "123456789012", clock: told });
const SERVICE = { host: "ops.example.com", port: 443, tls: true, whose: "service", where: "url" };
const answers = (status: number) => ({ kind: "answers" as const, answers: [{ status, ms: 5 }] });

test("what is as it has to be is no fault", () => {
  const all = [
    judgeMachine(MACHINE),
    judgeState(STATE),
    judgeAws(AWS),
    judgeAccount(rollout, [], locate),
    judgeDatabase(DATABASE),
    judgeDatabase({ ...DATABASE, gates: known({ ...SEEN, planned: [ASKED], reach: REACH }) }),
    judgeQuotas(rollout, USED, locate),
    judgePeople(PEOPLE),
    judgeSnapshots([SNAPSHOT], locate),
    judgeServers({ ...SERVERS, seen: { kind: "servers", servers: [{ server: "a", flags: {} }] } }),
  ].flat();
  expect(all.filter(({ state }) => state === "fault" || state === "unknown")).toEqual([]);
});

/** What is wrong, what is found of it, and under which name. */
const FAULTS: readonly (readonly [string, Finding["name"], RegExp, () => Finding[]])[] = [
  ["an old Node", "Node", /20\.19 or newer/, () => judgeMachine({ ...MACHINE, node: "18.1.0" })],
  ["no engine", "pulumi", /not on PATH/, () => judgeMachine({ ...MACHINE, engine: undefined })],
  ["an old engine", "pulumi", /older than the SDK/, () => judgeMachine({ ...MACHINE, engine: "3.99.9" })],
  ["no backend", "backend", /access denied/, () => judgeState({ ...STATE, stacks: unread })],
  ["no stack", "stack baseline", /is not there/, () => judgeState({ ...STATE, stacks: known([]) })],
  [
    "a wrong passphrase",
    "stack baseline",
    /access denied/,
    () => judgeState({ ...STATE, configs: new Map([["baseline", unread]]) }),
  ],
  [
    "a key that admits no alarm",
    "keys and topics",
    /does not admit CloudWatch/,
    () =>
      judgeAccount(
        { ...rollout, existingTopics: { onCall: { arn: "arn:aws:sns:eu-central-1:123456789012:pagers" } } },
        [
          {
            where: "cutover:rollout.topics.onCall.kmsKey",
            what: "the policy of KEY does not admit CloudWatch",
            remedy: "Add it",
          },
        ],
        locate,
      ),
  ],
  ["no region", "region", /no AWS region/, () => judgeAws({ ...AWS, region: undefined, caller: undefined })],
  [
    "two regions",
    "region",
    /is us-east-1 in the stack stageA/,
    () =>
      judgeAws({
        ...AWS,
        regions: new Map([
          ["baseline", "eu-central-1"],
          ["stageA", "us-east-1"],
        ]),
      }),
  ],
  [
    "another region than the stack's",
    "region",
    /is eu-central-1, and the stack baseline is up in us-east-1/,
    () => judgeAws({ ...AWS, up: { stack: "baseline", region: "us-east-1", account: "123456789012" } }),
  ],
  [
    "another account than the stack's",
    "identity",
    /of the account 123456789012, and the stack baseline is up in 999999999999/,
    () => judgeAws({ ...AWS, up: { stack: "baseline", region: "eu-central-1", account: "999999999999" } }),
  ],
  [
    "a region that is none",
    "region",
    /is eu-central-1, and this machine's DNS knows no AWS there/,
    () =>
      judgeAws({
        ...AWS,
        caller: {
          ok: false,
          why: "AWS cannot be reached (getaddrinfo ENOTFOUND sts.eu-central-1.amazonaws.com)",
          remedy: "Check the network and the region",
        },
      }),
  ],
  ["no credentials", "identity", /access denied/, () => judgeAws({ ...AWS, caller: unread })],
  ["another account", "identity", /may not work/, () => judgeAws({ ...AWS, allowed: ["999999999999"] })],
  [
    "a clock that is ahead",
    "clock",
    /9 s ahead of AWS's/,
    () => judgeAws({ ...AWS, caller: clock({ said: NOW, sent: NOW + 10_000, came: NOW + 10_100 }) }),
  ],
  [
    "a clock that is behind",
    "clock",
    /9 s behind AWS's/,
    () => judgeAws({ ...AWS, caller: clock({ said: NOW, sent: NOW - 9_900, came: NOW - 9_100 }) }),
  ],
  [
    "a name that nobody knows",
    "service ops.example.com:443",
    /DNS does not know it \(ENOTFOUND\)/,
    () => judgeNetwork([[SERVICE, { kind: "dns", why: "ENOTFOUND" }]]),
  ],
  [
    "a port on which nobody listens",
    "service ops.example.com:443",
    /no connection \(ECONNREFUSED\)/,
    () => judgeNetwork([[SERVICE, { kind: "tcp", why: "ECONNREFUSED" }]]),
  ],
  [
    "a certificate that is not believed",
    "service ops.example.com:443",
    /TLS fails \(self-signed certificate\)/,
    () => judgeNetwork([[SERVICE, { kind: "tls", why: "self-signed certificate" }]]),
  ],
  [
    "no password of the administrator",
    "administrator",
    /has no password/,
    () => judgeDatabase({ ...DATABASE, administrator: "no-password" }),
  ],
  [
    "an administrator who is not let in",
    "administrator",
    /password authentication failed/,
    () => judgeDatabase({ ...DATABASE, administrator: { ...unread, why: "password authentication failed" } }),
  ],
  [
    "a gate role that is not let in",
    "gate role",
    /access denied/,
    () => judgeDatabase({ ...DATABASE, gates: unread }),
  ],
  [
    "a gate role that may write",
    "what the gate role may",
    /may change rows of public\.orders/,
    () =>
      judgeDatabase({
        ...DATABASE,
        gates: known({ ...SEEN, reach: { ...REACH, writes: ["public.orders"] } }),
      }),
  ],
  [
    "a table that is not there",
    "what db has",
    /no such table/,
    () =>
      judgeDatabase({
        ...DATABASE,
        administrator: known({ ...SEEN, problems: [{ where: "reads", what: "no such table", remedy: "" }] }),
      }),
  ],
  [
    "a column that may not be read",
    "stageA A1",
    /permission denied/,
    () =>
      judgeDatabase({
        ...DATABASE,
        gates: known({
          ...SEEN,
          planned: [{ ...ASKED, failure: failed("refused", "permission denied"), code: "42501" }],
        }),
      }),
  ],
  [
    "a table under row-level security",
    "stageA A1",
    /row-level security/,
    () =>
      judgeDatabase({
        ...DATABASE,
        gates: known({
          ...SEEN,
          planned: [{ ...ASKED, failure: failed("filtered", "row-level security"), code: "42501" }],
        }),
      }),
  ],
  [
    "strategies that are used up",
    "AppConfig deployment strategies",
    /^20 of 20, and 1 more to be made/,
    () => judgeQuotas(rollout, { ...USED, strategies: known(Array(20).fill("other")) }, locate),
  ],
  [
    "versions that are used up",
    "versions of the flag document",
    /^99 of 100/,
    () => judgeQuotas(rollout, { ...USED, versions: known(99) }, locate),
  ],
  [
    "somebody's monitor",
    "monitors of the environment",
    /1 alarm of somebody's/,
    () => judgeQuotas(rollout, { ...USED, monitors: known(1) }, locate),
  ],
  [
    "alarms that are used up",
    "CloudWatch alarms",
    /^4999 of 5000/,
    () => judgeQuotas(rollout, { ...USED, alarms: known(Array(4_999).fill("other")) }, locate),
  ],
  [
    "a new account's concurrency",
    "Lambda concurrency",
    /10 of 10 are unreserved, 10 more would be reserved by 2 switches/,
    () => judgeQuotas(rollout, { ...USED, concurrency: known({ limit: 10, unreserved: 10 }) }, locate),
  ],
  [
    "a pager that nobody confirmed",
    "on-call",
    /is confirmed: nobody would be paged/,
    () => {
      const pending = [{ ...person, confirmed: false }];
      return judgePeople({
        ...PEOPLE,
        topics: topics(known(pending)),
        guards: { ...GUARDS, onCall: known(pending) },
      });
    },
  ],
  [
    "a topic that nobody hears",
    "stakeholders",
    /nobody is reached/,
    () => judgePeople({ ...PEOPLE, topics: new Map([["stakeholders", known([])]]) }),
  ],
  [
    "a database that RDS does not have",
    "stageB snapshot",
    /no instance ops-db/,
    () => judgeSnapshots([{ ...SNAPSHOT, there: known(false) }], locate),
  ],
  [
    "a server that does not answer",
    "ops-1",
    /ECONNREFUSED/,
    () =>
      judgeServers({
        ...SERVERS,
        deployed: known(false),
        seen: { kind: "servers", servers: [{ server: "ops-1", error: "connect ECONNREFUSED" }] },
      }),
  ],
  [
    "a token that nobody set",
    "stageA SA2",
    /no token for analyst/,
    () => judgeGates({ ...GATES, gates: [gate("SA2")], tokens: new Map([["stageA", {}]]) }),
  ],
  [
    "a token that the service does not take",
    "stageA SA1",
    /answers 401 to the token for admin/,
    () => judgeGates({ ...GATES, gates: [gate("SA1")], seen: new Map([[gate("SA1").gate, answers(401)]]) }),
  ],
  [
    "a service that does not answer",
    "stageA SA1",
    /unreachable: no/,
    () =>
      judgeGates({
        ...GATES,
        gates: [gate("SA1")],
        seen: new Map([[gate("SA1").gate, failed("unreachable", "no")]]),
      }),
  ],
  [
    "a metric that nobody publishes",
    "stageA SA3",
    /OpsView Server5xx has never had data/,
    () =>
      judgeGates({
        ...GATES,
        gates: [gate("SA3")],
        hearing: {
          ...GATES.hearing,
          listed: new Map(
            heardBy(gate("SA3").gate).map(({ metric }) => [
              metricKey(metric),
              known({ dimensions: [], others: [] }),
            ]),
          ),
        },
      }),
  ],
];

test.each(FAULTS)("%s", (_, name, what, judged) => {
  const found = judged();
  const wrong = found.filter(({ state }) => state === "fault");
  expect(wrong.map((one) => one.name)).toEqual([name]);
  expect(wrong[0]?.what).toMatch(what);
  expect(wrong[0]?.remedy).toEqual(expect.any(String));
});

describe("what is not there yet is no fault", () => {
  const only = (found: readonly Finding[]) => found.map(({ name, state, what }) => ({ name, state, what }));

  test("stacks of later stages, plugins, the gate role, topics and versions", () => {
    const waiting = [
      ...judgeState({ ...STATE, stacks: known(["baseline"]) }),
      ...judgeMachine({ ...MACHINE, plugins: [] }),
      ...judgeDatabase(DATABASE),
      ...judgePeople({ ...PEOPLE, topics: topics(known(undefined)) }),
      ...judgeQuotas(rollout, USED, locate),
    ].filter(({ state }) => state === "later");
    expect(waiting.map(({ name }) => name)).toEqual([
      "stack stageA",
      "plugin aws",
      "plugin postgresql",
      "gate role",
      "on-call",
      "versions of the flag document",
      "monitors of the environment",
    ]);
  });

  test("functions that the first up makes, and only those", () => {
    const asked = (query: string) => ({
      ...ASKED,
      query,
      code: "42883",
      failure: failed("bad-answer", "none"),
    });
    const states = (query: string) =>
      judgeDatabase({ ...DATABASE, administrator: known({ ...SEEN, planned: [asked(query)] }) })
        .filter(({ name }) => name === "stageA A1")
        .map(({ state }) => state);
    expect(states("select cutover.q1_success_rate()")).toEqual(["later"]);
    expect(states("select own.success_rate()")).toEqual(["fault"]);
  });

  test("an index that a comparison lacks: it only costs", () => {
    const slow = [{ stage: "stageB", of: "items", what: "new: no index leads through id" }];
    expect(judgeDatabase({ ...DATABASE, administrator: known({ ...SEEN, slow }) })).toContainEqual({
      ...{ group: "Database", name: "stageB items", state: "later" },
      what: "new: no index leads through id",
    });
  });

  test("what a stage whose turn has not come asks", () => {
    const found = judgeGates({ ...GATES, gates: [gate("SA1")], tokens: new Map([["stageA", {}]]), due: [] });
    expect(only(found)).toEqual([
      {
        name: "stageA SA1",
        state: "later",
        what: "there is no token for admin; it has to be so before stageA goes up",
      },
    ]);
  });

  describe("a metric whose silence an expression takes for a zero", () => {
    const metrics = {
      errors: { namespace: "App", name: "Erors", statistic: "Sum" },
      requests: { namespace: "App", name: "Requests", statistic: "Sum" },
    };
    const definition = {
      ...{ source: "metric", title: "Few errors", window: "1h", minSamples: 1, samplesFrom: "requests" },
      ...{ metrics, expression: "FILL(errors, 0) / requests", expect: { lt: 0.1 } },
    };
    const one = {
      ...gate("SA3"),
      gate: { ...gate("SA3").gate, definition: gateDefinition.parse(definition) },
    };
    const found = (errors: number | undefined) => {
      const heard = new Map([[metricKey(metrics.requests), NOW - 60_000]]);
      if (errors !== undefined) heard.set(metricKey(metrics.errors), NOW - errors);
      const listed = new Map([[metricKey(metrics.errors), known({ dimensions: [], others: ["Errors"] })]]);
      return judgeGates({ ...GATES, gates: [one], hearing: { heard: known(heard), listed } });
    };

    test("may have been silent for months", () => {
      expect(found(100 * 86_400_000)).toMatchObject([{ state: "ok" }]);
    });

    test("is a fault where it never had data: it may be misspelt", () => {
      expect(found(undefined)).toMatchObject([
        {
          state: "fault",
          what: "App Erors has never had data (or none for two weeks): the gate could never pass",
          remedy: expect.stringContaining("Did you mean Errors?"),
        },
      ]);
    });
  });

  test("a server that has no flags to tell before anything is deployed", () => {
    const seen = { kind: "servers" as const, servers: [{ server: "ops-1", error: "answered 503" }] };
    const state = (deployed: boolean) =>
      judgeServers({ ...SERVERS, deployed: known(deployed), seen })[0]?.state;
    expect([state(false), state(true)]).toEqual(["later", "fault"]);
  });

  test("what a person states, and what acts, are called so", () => {
    const hand = judgeGates({ ...GATES, gates: EVERY_GATE, tokens: new Map() }).filter(
      ({ state }) => state === "hand",
    );
    expect(hand.map(({ name }) => name)).toContain("stageB B3");
  });
});

test("a smoke check that does not pass before its flip is no fault where it is let in", () => {
  const [found] = judgeGates({
    ...GATES,
    gates: [gate("SA1")],
    seen: new Map([[gate("SA1").gate, answers(404)]]),
  });
  expect(found?.state).toBe("ok");
});

test("what a function in the VPC looks at is not asked for from here", () => {
  const away = {
    ...rollout,
    measure: { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] }, timeout: "5m" },
  };
  expect(hostsOf(away, [], {}, locate)).toEqual([]);
  const found = [
    ...judgeGates({ ...GATES, gates: [gate("SA1")], away: { kind: "later" } }),
    ...judgeDatabase({ ...DATABASE, away: true }).filter(({ name }) => name === "gate role"),
  ];
  expect(found.map(({ state }) => state)).toEqual(["hand", "hand"]);
});

test("another service that a gate asks is a host of this machine's, too", () => {
  const B3 = {
    ...{ title: "No open incident", source: "requests", timeout: "30s" },
    steps: [{ url: "https://api.pagerduty.com", method: "GET", path: "/incidents" }],
  };
  const stages = rollout.stages.map((one) => (one.name === "stageB" ? { ...one, entry: { B3 } } : one));
  const hosts = hostsOf({ ...rollout, stages } as never, [], {}, locate);
  expect(hosts.filter(({ whose }) => whose === "asked by B3")).toMatchObject([
    { host: "api.pagerduty.com", port: 443, tls: true },
  ]);
});

test("what a function in the VPC saw is judged as if it was seen from here", () => {
  const { gate: sa1 } = gate("SA1");
  const facts = (seen: ReturnType<typeof answers> | ReturnType<typeof failed>) => ({
    ...GATES,
    gates: [gate("SA1")],
    seen: new Map([[sa1, seen]]),
    away: { kind: "answers" as const, seen: new Map() },
  });
  expect(judgeGates(facts(answers(200)))[0]).toMatchObject({ state: "ok" });
  expect(judgeGates(facts(failed("unreachable", "no")))[0]).toMatchObject({
    state: "fault",
    remedy: expect.stringMatching(/^Let the measuring function reach it/),
  });
});

test("a function in the VPC that gives no answer is told once, with why", () => {
  const judged = (away: Parameters<typeof judgeMeasuring>[1]) =>
    judgeMeasuring(rollout, away, locate).map(({ name, state }) => `${state} ${name}`);
  expect(judged(undefined)).toEqual([]);
  expect(judged({ kind: "later" })).toEqual(["later measuring function"]);
  expect(judged({ kind: "answers", seen: new Map() })).toEqual(["ok measuring function"]);
  const silent = { kind: "silent", why: "the function private-measure is not there" } as const;
  expect(judged(silent)).toEqual(["fault measuring function"]);
  expect(judgeMeasuring(rollout, silent, locate)[0]?.what).toMatch(/private-measure is not there/);
});

test("each host is named once, with where it is written", () => {
  const hosts = hostsOf(rollout, ["https://sns.eu-central-1.amazonaws.com/"], {}, locate);
  expect(hosts.map(({ whose, host, port, tls }) => `${whose} ${host}:${port} ${tls}`)).toEqual([
    "AWS sns.eu-central-1.amazonaws.com:443 true",
    "database ops-db.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com:5432 false",
    "service ops.example.com:443 true",
    "server ops-1.internal.example.com:443 true",
    "server ops-2.internal.example.com:443 true",
  ]);
  expect(hosts[1]?.where).toMatch(/^Pulumi\.baseline\.yaml:\d+ cutover:rollout\.database\.host$/);
});
