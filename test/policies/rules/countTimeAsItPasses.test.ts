import { expect, test } from "vitest";
import { countTimeAsItPasses as rule } from "../../../policies/rules/countTimeAsItPasses";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

const scaled = (endpoint?: string, timeScale = 3600) => ({
  "promotion.timeScale": timeScale,
  "promotion.awsEndpoint": endpoint,
});

behavesAsStageRule(rule, {
  needs: ["stage", "promotion.timeScale"],
  wrong: { "promotion.timeScale": "1", "promotion.awsEndpoint": 127, promotion: [] },
  reads: ["promotion", "promotion.timeScale", "promotion.awsEndpoint"],
  fails: scaled(),
});

test("scaled time on AWS itself", () => {
  expect(stageViolations(rule, scaled())).toEqual([
    "stageB counts time 3600 times as fast as it passes, on AWS itself. Remove cutover:timeScale from the stack's config.",
  ]);
});

test.each([
  "https://appconfig.eu-central-1.amazonaws.com",
  "http://10.0.0.1:4566",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "http://127.0.0.1@example.com",
  "http://0.0.0.0:4566",
  "localhost:4566",
  "",
])("scaled time on %o", (endpoint) => {
  const [message, ...others] = stageViolations(rule, scaled(endpoint));
  expect(message).toContain(`on ${endpoint}. Remove cutover:timeScale`);
  expect(others).toEqual([]);
});

test.each(["http://127.0.0.1:4566", "http://127.8.9.1", "http://localhost:4566", "http://[::1]:4566"])(
  "scaled time on %s, which is this machine",
  (endpoint) => {
    expect(stageViolations(rule, scaled(endpoint))).toEqual([]);
  },
);

test("time that hardly differs is scaled, too", () => {
  expect(stageViolations(rule, scaled(undefined, 1.001))).toHaveLength(1);
  expect(stageViolations(rule, scaled(undefined, 0.5))).toHaveLength(1);
});

test("real time may pass anywhere", () => {
  expect(stageViolations(rule, scaled("https://appconfig.example.com", 1))).toEqual([]);
});

test("a recorded promotion, where nothing is promoted", () => {
  expect(stageViolations(rule, scaled(), { ignoreChanges: ["promotion"] })).toEqual([]);
});
