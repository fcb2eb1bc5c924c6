import { expect, test } from "vitest";
import { prove } from "../../../src/promotion/prove";
import { gateOf, soakGate, sourcesWith, sqlGate } from "../../support/build";
import { json, nobody, standIn } from "../../support/standIn";

const QUEUE = "/queue";
const EMPTY = "/empty";

const counted = (id: string, probe?: string) =>
  gateOf(id, {
    source: "http",
    request: { path: QUEUE },
    value: "total",
    expect: { gt: 0 },
    ...(probe === undefined ? {} : { prove: { request: { path: probe } } }),
  });

const sources = (url: string) => sourcesWith({ service: { url, tokens: {} } });

test("each gate is told by what its known-bad probe shows, through its own source and judge", async () => {
  const { url, asked } = await standIn(({ path }, response) =>
    json(response, path === "/none" ? {} : { total: path === EMPTY ? 0 : 3 }),
  );
  const gates = [counted("P", EMPTY), counted("B", QUEUE), counted("U", "/none"), counted("N")];
  const proofs = await prove(gates, sources(url), 1);
  expect(proofs.map(({ gate, outcome }) => `${gate} ${outcome}`)).toEqual([
    "P proven",
    "B broken",
    "U unknown",
    "N unproven",
  ]);
  expect(proofs[0]?.observed).toMatch(/^0 \(200 in \d+ ms\); required status 200, total > 0$/);
  expect(proofs[1]?.observed).toMatch(/^3 /);
  // A gate without a probe is not measured in its stead.
  expect(asked.map(({ path }) => path).sort()).toEqual([EMPTY, "/none", QUEUE]);
});

test("a probe that cannot be run proves nothing", async () => {
  const bad = sqlGate("S", { prove: { query: "select 0", values: [] } });
  const proofs = await prove([bad, counted("H", EMPTY)], sources(await nobody()), 1);
  expect(proofs.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown"]);
  expect(proofs.map(({ observed }) => observed)).toEqual([
    expect.stringContaining("declares no database"),
    expect.stringContaining("ECONNREFUSED"),
  ]);
});

test("what no probe can make bad is told apart from what lacks one", async () => {
  const gates = [soakGate("B2"), gateOf("B3", { source: "signOff" }), gateOf("B4", { source: "snapshot" })];
  const proofs = await prove(gates, sources(await nobody()), 1);
  expect(proofs.map(({ outcome }) => outcome)).toEqual(["no-probe", "no-probe", "no-probe"]);
});

test("a gate that may have no probe is not asked for one", async () => {
  const steps = (first: object) =>
    gateOf("F5", {
      source: "requests",
      writes: true,
      steps: [first, { path: QUEUE, value: "total", expect: { gt: 0 } }],
    });
  const [writes, reads] = await prove(
    [steps({ method: "POST", path: "/batches" }), steps({ path: EMPTY })],
    sources(await nobody()),
    1,
  );
  expect(writes).toMatchObject({
    outcome: "no-probe",
    observed: "a step before its last one changes something",
  });
  expect(reads).toMatchObject({ outcome: "unproven" });
});
