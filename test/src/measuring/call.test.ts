import { expect, test } from "vitest";
import { askFunction, type Invoke, type MeasuringFunction } from "../../../src/measuring/call";
import { type Asked, type MeasureRequest, MOST_BYTES, measureRequest } from "../../../src/measuring/protocol";
import { sha256 } from "../../../src/text/digest";
import { sqlGate } from "../../support/build";

const fn: MeasuringFunction = {
  arn: "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-measure",
  timeout: "20s",
  bringUp: "pulumi up -s baseline",
  code: async () => "c".repeat(64),
  places: "d".repeat(64),
};
const of = { rollout: "ops-view", stage: "stageA", attempt: 2 };
const gates = (acting: boolean, more: object = {}): Asked => ({
  kind: "gates",
  gates: [sqlGate("A1")],
  liveSince: null,
  parameters: {},
  timeScale: 1,
  acting,
  tokens: {},
  ...more,
});

/** A function that answers as it should; what it was sent, and within which limits. */
function obedient() {
  const calls: { request: MeasureRequest; payload: string; limits: Parameters<Invoke>[2] }[] = [];
  const invoke: Invoke = async (_, payload, limits) => {
    const request = measureRequest.parse(JSON.parse(payload));
    calls.push({ request, payload, limits });
    const { nonce, rollout, code, places } = request;
    const now = new Date().toISOString();
    const around = { cutover: 1, nonce, rollout, code, places, began: now, ended: now };
    const text = JSON.stringify({ ...around, request: sha256(payload), result: { seen: [] } });
    return { text, broke: false };
  };
  return { calls, invoke };
}

test("each call has a nonce of its own, and says what it is for", async () => {
  const { calls, invoke } = obedient();
  for (let times = 0; times < 3; times++)
    expect(await askFunction(fn, { ...of, asked: gates(false) }, invoke)).toMatchObject({ ok: true });
  expect(new Set(calls.map(({ request }) => request.nonce)).size).toBe(3);
  expect(calls[0]?.request).toMatchObject({ ...of, code: "c".repeat(64), places: "d".repeat(64) });
});

test("what acts is called once; what only looks is tried again by the SDK", async () => {
  const { calls, invoke } = obedient();
  await askFunction(fn, { ...of, asked: gates(true) }, invoke);
  await askFunction(fn, { ...of, asked: gates(false) }, invoke);
  await askFunction(fn, { ...of, asked: { kind: "nothing" } }, invoke);
  expect(calls.map(({ limits }) => limits)).toEqual([
    { ms: 50_000, attempts: 1 },
    { ms: 50_000, attempts: 3 },
    { ms: 50_000, attempts: 3 },
  ]);
});

test("nothing is thrown, whatever goes wrong", async () => {
  const asked = gates(false);
  const ask = (invoke: Invoke, changes: Partial<MeasuringFunction> = {}) =>
    askFunction({ ...fn, ...changes }, { ...of, asked }, invoke);
  const { invoke } = obedient();
  const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
  expect(await ask(() => Promise.reject(denied))).toMatchObject({
    ok: false,
    why: expect.stringContaining("lambda:InvokeFunction"),
  });
  expect(await ask(async () => ({ text: "{}", broke: true }))).toMatchObject({
    ok: false,
    why: expect.stringContaining("failed"),
  });
  expect(await ask(async () => ({ text: "", broke: false }))).toMatchObject({
    ok: false,
    why: expect.stringContaining("cut short"),
  });
  const unbuilt = () => Promise.reject(new Error("esbuild made no file"));
  expect(await ask(invoke, { code: unbuilt })).toMatchObject({
    ok: false,
    why: expect.stringContaining("esbuild made no file"),
  });
});

test("what Lambda would not carry is not sent", async () => {
  const { calls, invoke } = obedient();
  const asked = gates(false, { tokens: { admin: "x".repeat(MOST_BYTES) } });
  const answer = await askFunction(fn, { ...of, asked }, invoke);
  expect(answer).toMatchObject({ ok: false, why: expect.stringContaining("too long for Lambda") });
  expect(JSON.stringify(answer).length).toBeLessThan(500);
  expect(calls).toEqual([]);
});
