import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { changesOf } from "../../../cli/preview/changes";
import { within } from "../../../cli/preview/fit";
import { plannedSnapshot } from "../../../cli/preview/snapshot";
import { abortsOf } from "../../../src/abort/inForce";
import { reactionOf } from "../../../src/abort/reaction";
import { deliveryMap } from "../../../src/delivery/registry";
import { signOffYaml } from "../../../src/promotion/signOffs";
import { stageConfig } from "../../../src/rollout/config/stackFile";
import { requireStage } from "../../../src/rollout/rollout";
import { entry, flags, ledger, note } from "../../support/build";
import { at, commentOf, factsOf, HOUR, NOON, opsView } from "./facts";

const stageA = requireStage(opsView, "stageA");
const stageB = requireStage(opsView, "stageB");

describe("how fast an abort row acts", () => {
  it.each([
    ["XA1", { pagedMs: 33_000, downMs: 85_000 }],
    ["XA2", { pagedMs: 39_000, downMs: 91_000 }],
    ["XA3", { pagedMs: 33_000 }],
  ] as const)("%s", (row, expected) => {
    const threshold = stageA.abort[row];
    if (!threshold) throw new Error(`${row} is not declared`);
    expect(reactionOf(threshold)).toEqual(expected);
  });

  it("takes longer with more breaching data points", () => {
    const threshold = stageA.abort.XA1;
    if (!threshold) throw new Error("XA1 is not declared");
    expect(reactionOf({ ...threshold, datapoints: { of: 5, breaching: 3 } }).pagedMs).toBe(53_000);
  });
});

describe("abort rows", () => {
  it("say what goes down: from the stage's flags to its predecessor's", () => {
    const [xb1] = abortsOf(opsView, stageB);
    expect(xb1).toMatchObject({
      row: "XB1",
      fires: "Sum of Write5xx > 0 over 10s",
      flags: [{ flag: "OPS_VIEW_DB_WRITE", from: true, to: false, direction: "lower" }],
      restarts: false,
    });
  });

  it("of earlier stages stay in force, and take down what theirs has raised with all that needs it", () => {
    const rows = abortsOf(opsView, stageB);
    expect(rows.map(({ row, stage }) => `${stage} ${row}`)).toEqual([
      "stageB XB1",
      "stageB XB2",
      "stageB XB3",
      "stageB XB4",
      "stageA XA1",
      "stageA XA2",
      "stageA XA3",
      "stageA XA4",
    ]);
    expect(rows.find(({ row }) => row === "XA1")?.flags.map(({ flag, to }) => `${flag} ${to}`)).toEqual([
      "OPS_VIEW_DB_READ false",
      "OPS_VIEW_DB_WRITE false",
    ]);
  });

  it("say that servers are restarted where they read flags from their environment", () => {
    const ecs = [{ cluster: "c", service: "s", port: 80, scheme: "http" as const, restart: true }];
    const servers = { urls: [], path: "/", at: "", ecs };
    const rows = abortsOf({ ...opsView, servers }, stageA);
    expect(rows.map(({ row, restarts }) => `${row} ${restarts}`)).toEqual([
      "XA1 true",
      "XA2 true",
      "XA3 false",
      "XA4 true",
    ]);
  });

  it("say what a row of its own kind goes down to, opens and reminds of", () => {
    const { XB1: rollback, XB4: page } = stageB.abort;
    if (!rollback || !page) throw new Error("XB1 and XB4 are not declared");
    const abort = {
      XB1: { ...rollback, to: "off" as const, incident: { to: ["ops" as const] } },
      XB4: { ...page, remind: { after: "1h" } },
    };
    expect(abortsOf(opsView, { ...stageB, abort }).slice(0, 2)).toMatchObject([
      { incident: true, flags: [{ flag: "OPS_VIEW_DB_READ" }, { flag: "OPS_VIEW_DB_WRITE" }] },
      { incident: false, flags: [], remindAfter: "1h" },
    ]);
  });

  it("say how many data points have to breach", () => {
    const threshold = stageB.abort.XB1;
    if (!threshold || threshold.alarm !== undefined) throw new Error("XB1 is not declared");
    const abort = {
      XB1: { ...threshold, datapoints: { of: 3, breaching: 2 }, missingData: "breaching" as const },
    };
    expect(abortsOf(opsView, { ...stageB, abort })[0]?.fires).toBe(
      "Sum of Write5xx > 0 over 10s, 2 of 3 times, or silence",
    );
  });
});

describe("the YAML to paste", () => {
  const filled = (yaml: string) =>
    yaml
      .replaceAll('by: ""', "by: ada@example.com")
      .replaceAll('at: ""', "at: 2026-11-21T10:00:00Z")
      .replaceAll('statement: ""', "statement: It is so");
  const stageOf = (yaml: string) => ({ ...parse(yaml).config["cutover:stage"], flags: { A: true } });

  it("is refused as it stands, and taken once it is filled in", () => {
    const yaml = signOffYaml("stageB", 3, ["B3", "E4"], "2026-11-21T09:00:00.000Z").join("\n");
    expect(stageConfig.safeParse(stageOf(yaml)).success).toBe(false);
    expect(stageConfig.parse(stageOf(filled(yaml))).signOffs).toEqual({
      B3: { by: "ada@example.com", at: "2026-11-21T10:00:00Z", statement: "It is so", attempt: 3 },
      E4: { by: "ada@example.com", at: "2026-11-21T10:00:00Z", statement: "It is so", attempt: 3 },
    });
  });
});

describe("the snapshot", () => {
  it("is taken for a raise and for a new attempt, and for nothing else", () => {
    const taken = { id: "ops-view-stageb-attempt-1", kind: "instance", of: "ops-db" };
    expect(plannedSnapshot(opsView, stageB, "raise")).toEqual(taken);
    expect(plannedSnapshot(opsView, stageB, "restart")).toEqual(taken);
    for (const kind of ["lower", "none", "refused"] as const)
      expect(plannedSnapshot(opsView, stageB, kind)).toBeUndefined();
    expect(plannedSnapshot(opsView, stageA, "raise")).toBeUndefined();
    expect(plannedSnapshot(opsView, { ...stageB, snapshot: { cluster: "c" } }, "raise")).toMatchObject({
      kind: "cluster",
      of: "c",
    });
  });
});

describe("the engine's steps", () => {
  const step = (op: string, name: string, type = "a:b:C") => ({
    op,
    type,
    urn: `urn:pulumi:s::p::${type}::${name}`,
  });

  it("are told once per resource, by what is gravest", () => {
    const steps = [
      step("create", "new"),
      step("update", "u"),
      step("create-replacement", "r"),
      step("replace", "r"),
      step("delete-replaced", "r"),
      step("delete", "d::odd"),
      step("same", "s"),
      step("read", "x"),
      step("some-new-op", "o"),
      step("create", "stack", "pulumi:pulumi:Stack"),
      step("create", "aws", "pulumi:providers:aws"),
    ];
    const told = changesOf(steps).map(({ kind, name }) => `${kind} ${name}`);
    expect(told).toEqual(["delete d::odd", "replace r", "update u", "create new", "other o"]);
    expect(changesOf([...steps].reverse())).toEqual(changesOf(steps));
  });
});

describe("the cut", () => {
  const section = (name: string, count: number) => ({
    name,
    head: [`# ${name}`],
    items: Array.from({ length: count }, (_, index) => `${name} ${index} ${"x".repeat(90)}`),
    tail: [`end of ${name}`],
  });

  it("leaves what fits as it is", () => {
    expect(within([section("a", 0), section("b", 0)], 100, "All:")).toBe("# a\nend of a\n# b\nend of b\n");
  });

  it("cuts between lines, keeps what closes a section, and leaves out all that comes after", () => {
    const out = within([section("a", 5), section("b", 50), section("c", 1)], 2_000, "All: there.");
    expect(out.length).toBeLessThan(2_000);
    expect(out).toContain("end of a\n# b\nb 0 ");
    expect(out).toMatch(
      /\nend of b\n\n> \*\*Cut off here\*\*, for length; left out: the end of "b", all of "c"\. All: there\.\n$/,
    );
    expect(out).not.toContain("# c");
  });

  it("leaves out a section of which not one line fits, but never the first", () => {
    const long = { name: "l", head: ["# l"], items: ["x".repeat(5_000)], tail: [] };
    expect(within([section("a", 1), long], 1_000, "")).toMatch(/left out: all of "l"/);
    expect(within([long, section("a", 1)], 1_000, "")).toMatch(/^# l\n\n> \*\*Cut/);
  });
});

describe("platforms that flags are carried on to", () => {
  const delivery = deliveryMap.parse({
    writes: {
      ...{ kind: "render", service: "srv-cabc123456789", secret: "ops-view/render" },
      flags: ["OPS_VIEW_DB_WRITE"],
    },
    reads: { kind: "ssm", path: "/ops-view/flags", flags: ["OPS_VIEW_DB_READ"], within: "3m" },
  });
  const comment = (rollout: typeof opsView) => {
    const up = ledger(flags(true, false), [
      entry(1, { completedAt: at(NOON - 90 * HOUR), note: note({ stage: "baseline" }) }),
      entry(2, { completedAt: at(NOON - 48 * HOUR) }),
    ]);
    return commentOf(factsOf({ rollout, ledger: up })).comment;
  };

  it("are told in the order in which they follow, with how long each may take and what is typed where one does not", () => {
    expect(comment({ ...opsView, delivery })).toContain(
      [
        "Once the ledger has them the flags are carried on, in this order. An abort waits for none of these.",
        "",
        "| delivery | where to | may take | goes up after | where it does not follow, set by hand |",
        "| --- | --- | --- | --- | --- |",
        "| `reads` | SSM parameters, parameters below /ops-view/flags | 3m | the ledger | `npm run cutover -- env --rollout ops-view -d reads` |",
        "| `writes` | Render, service srv-cabc123456789 | 10m | `reads` | `npm run cutover -- env --rollout ops-view -d writes` |",
      ].join("\n"),
    );
  });

  it("are not told of where there are none", () => {
    expect(comment(opsView)).not.toContain("platform");
  });
});
