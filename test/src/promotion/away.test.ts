import { afterEach, describe, expect, test, vi } from "vitest";
import { type Gate, kindOf } from "../../../src/gates/gate";
import { judge } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import type { Observation } from "../../../src/gates/observation";
import { respond } from "../../../src/lambda/measureWorld";
import type { Invoke } from "../../../src/measuring/call";
import { placesOf } from "../../../src/measuring/places";
import { awayOf, type Calling, unmeasurable } from "../../../src/promotion/away";
import { measure } from "../../../src/promotion/measure";
import type { Rollout } from "../../../src/rollout/rollout";
import { gateOf, NOW, rollout, sourcesWith, stage, subject } from "../../support/build";
import { json, standIn } from "../../support/standIn";

const CODE = "c".repeat(64);
const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-measure";
const VPC = { subnetIds: ["subnet-0a"], securityGroupIds: ["sg-0a"] };
const up = { measuring: { functionArn: ARN } };
const http = (id = "B3") =>
  gateOf(id, { source: "http", request: { path: `/${id}`, as: "admin" }, remedy: "Mend the app" });
const signed = gateOf("E4", { source: "signOff" });

afterEach(() => vi.restoreAllMocks());

const withMeasure = (url: string, spec: Partial<Rollout> = {}): Rollout =>
  rollout({ service: { url }, measure: { vpc: VPC, timeout: "5m" }, ...spec });

/** The function's own code, called as Lambda would call it. */
const function_ =
  (of: Rollout, code = CODE): Invoke =>
  async (_, payload) => {
    const settings = { rollout: of.name, region: "eu-central-1", places: placesOf(of) };
    const answer = await respond(JSON.parse(payload), settings, code, {
      getRemainingTimeInMillis: () => 9_000,
    });
    return { text: JSON.stringify(answer), broke: false };
  };

const calling = (invoke: Invoke): Calling => ({ invoke, code: async () => CODE });

function sources(of: Rollout, how: Calling | undefined, foundation: object = up): Sources {
  return sourcesWith({
    service: { url: of.service?.url ?? "", tokens: { admin: "t0ken", other: "not-needed" } },
    away: awayOf({ rollout: of, stage: stage("stageB"), foundation }, how),
  });
}

const look = async (gates: Gate[], of: Sources): Promise<readonly Observation[]> =>
  (await measure(subject(), gates, of, "flip")).observations;
const said = (observations: readonly Observation[]) =>
  observations.map(({ seen }) => (seen.kind === "failure" ? `${seen.failure}: ${seen.message}` : seen.kind));

describe("through the measuring function", () => {
  test("the function looks at what may be private, the program at the rest, in the gates' order", async () => {
    const app = await standIn((_, response) => json(response, {}));
    const of = withMeasure(app.url);
    const payloads: string[] = [];
    const invoke: Invoke = (arn, payload, limits) => {
      payloads.push(payload);
      expect(arn).toBe(ARN);
      return function_(of)(arn, payload, limits);
    };
    const gates = [http("B3"), signed, http("B4")];
    const observations = await look(gates, sources(of, calling(invoke)));
    expect(observations.map(({ gate }) => gate)).toEqual(["B3", "E4", "B4"]);
    expect(said(observations)).toEqual(["answer", expect.stringContaining("nobody has stated it"), "answer"]);
    // One call for all of them; of the tokens the one that is sent, and of hosts none.
    expect(payloads).toHaveLength(1);
    expect(JSON.parse(payloads[0] ?? "").asked).toMatchObject({ tokens: { admin: "t0ken" } });
    expect(payloads[0]).not.toContain("not-needed");
    expect(payloads[0]).not.toContain(app.url);
  });

  test("nothing is asked where no gate is looked at from there", async () => {
    const invoke = vi.fn<Invoke>();
    await look([signed], sources(withMeasure("http://a.example"), calling(invoke)));
    expect(invoke).not.toHaveBeenCalled();
  });

  test("a rollout without one is looked at from here", () => {
    expect(awayOf({ rollout: rollout(), stage: stage("stageB"), foundation: up })).toBeUndefined();
  });
});

describe("no answer that counts is inconclusive, says why, and never the app's own remedy:", () => {
  type Case = [string, (of: Rollout) => { how: Calling | undefined; foundation?: object }, RegExp];
  const tampered =
    (change: (answer: { result: { seen: Observation[] } } & Record<string, unknown>) => unknown) =>
    (of: Rollout) => ({
      how: calling(async (arn, payload, limits) => {
        const { text } = await function_(of)(arn, payload, limits);
        return { text: JSON.stringify(change(JSON.parse(text))), broke: false };
      }),
    });
  const first = (change: (one: Observation) => Observation) =>
    tampered((answer) => ({
      ...answer,
      result: { seen: answer.result.seen.map((one, index) => (index === 0 ? change(one) : one)) },
    }));
  const cases: Case[] = [
    [
      "one that is not there yet",
      () => ({ how: undefined, foundation: {} }),
      /there is no measuring function yet: .*makes it/,
    ],
    [
      "one of other code",
      (of) => ({ how: calling(function_(of, "0".repeat(64))) }),
      /another version of cutover/,
    ],
    [
      "one that knows other places",
      () => ({ how: calling(function_(withMeasure("http://old.example"))) }),
      /another database, service or servers/,
    ],
    [
      "one of another rollout",
      (of) => ({ how: calling(function_({ ...of, name: "other" })) }),
      /for the rollout other/,
    ],
    ["a stale one", tampered((answer) => ({ ...answer, nonce: "0".repeat(32) })), /another request/],
    [
      "one that leaves a gate out",
      tampered((answer) => ({ ...answer, result: { seen: answer.result.seen.slice(1) } })),
      /not one observation of each gate/,
    ],
    [
      "one with a gate twice",
      tampered((answer) => ({ ...answer, result: { seen: [...answer.result.seen, ...answer.result.seen] } })),
      /not one observation/,
    ],
    [
      "one that sees what nothing can",
      tampered((answer) => ({ ...answer, result: { seen: [{ kind: "fine" }] } })),
      /not one observation/,
    ],
    [
      "one of another definition",
      first((one) => ({ ...one, definition: "0123456789abcdef" })),
      /another definition/,
    ],
    ["one of another gate", first((one) => ({ ...one, gate: "B9" })), /another definition/],
    ["one of long ago", first((one) => ({ ...one, at: "2020-01-01T00:00:00.000Z" })), /another time/],
    [
      "a fault of the function",
      () => ({ how: calling(async () => ({ text: '{"errorMessage":"boom"}', broke: true })) }),
      /failed \(boom\)/,
    ],
    [
      "a fault of Lambda",
      () => ({ how: calling(() => Promise.reject(new Error("down"))) }),
      /could not be called: down/,
    ],
  ];
  test.each(cases)("%s", async (_, world, words) => {
    const app = await standIn((__, response) => json(response, {}));
    const of = withMeasure(app.url);
    const { how, foundation } = world(of);
    const gate = http();
    const [observation] = await look([gate], sources(of, how, foundation));
    expect(said(observation ? [observation] : [])).toEqual([expect.stringMatching(words)]);
    const verdict = judge(gate, observation, { now: NOW, timeScale: 1, attempt: 1 });
    expect(verdict).toMatchObject({
      outcome: "inconclusive",
      remedy: expect.stringContaining("measuring function"),
    });
  });
});

describe("before the flip", () => {
  const smoke = [
    http("S1"),
    http("S2"),
    gateOf("S3", {
      source: "metric",
      namespace: "N",
      name: "M",
      statistic: "Sum",
      window: "5m",
      minSamples: 1,
      expect: { eq: 0 },
    }),
  ];
  const of = withMeasure("http://a.example");
  const about = { rollout: of, stage: stage("stageB"), foundation: up };

  test("smoke checks that could not be looked at after it are found", async () => {
    const found = await unmeasurable(smoke, about, calling(function_(of, "0".repeat(64))));
    expect(found).toEqual([
      {
        where: "S1, S2",
        what: expect.stringMatching(/after the flip.*another version/),
        remedy: expect.any(String),
      },
    ]);
    expect(await unmeasurable(smoke, about, calling(function_(of)))).toEqual([]);
  });

  test("nothing is asked for checks that are looked at from here", async () => {
    const invoke = vi.fn<Invoke>();
    const here = smoke.filter(({ definition }) => !kindOf(definition).inNetwork);
    expect(await unmeasurable(here, about, calling(invoke))).toEqual([]);
    expect(await unmeasurable(smoke, { ...about, rollout: rollout() }, calling(invoke))).toEqual([]);
    expect(invoke).not.toHaveBeenCalled();
  });
});
