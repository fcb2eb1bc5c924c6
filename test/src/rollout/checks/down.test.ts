import { describe, expect, test } from "vitest";
import { parseRollout, type StackFile } from "../../../../src/rollout/parse";

/** Three stages above the first one, of which each raises a flag. */
const FLAGS = ["WEB", "APP", "TV"];
const NAMES = ["baseline", "web", "app", "tv"];
const flagsAt = (index: number) =>
  Object.fromEntries(FLAGS.map((flag, place) => [flag, place < index] as const));

const row = (answer: object) => ({
  abort: {
    X1: {
      title: "Requests fail",
      metric: { namespace: "N", name: "M", statistic: "Sum", period: "1m" },
      threshold: { gt: 0 },
      missingData: "notBreaching",
      action: "rollback",
      ...answer,
    },
  },
});
const way = (step: object) => ({ rollback: { R1: { title: "A way back", ...step } } });

type Stages = Readonly<Record<string, object>>;

function faults(stages: Stages, rollout: object = {}, names: readonly string[] = NAMES): string[] {
  const files = names.map((stack, index): StackFile => {
    const own = {
      flags: flagsAt(index),
      ...(index === 0
        ? {}
        : {
            predecessor: names[index - 1],
            entry: { [`S${index}`]: { title: "soaked", source: "soak", atLeast: "1h" } },
          }),
      soak: "1h",
      ...stages[stack],
    };
    const topics = { onCall: [{ protocol: "email", endpoint: "a@example.com" }] };
    const flags = Object.fromEntries(FLAGS.map((flag) => [flag, { kind: "boolean" }]));
    const config = {
      ...(index === 0 ? { "cutover:rollout": { name: "shop", flags, topics, ...rollout } } : {}),
      "cutover:stage": own,
    };
    return { stack, file: `Pulumi.${stack}.yaml`, text: JSON.stringify({ config }, null, 1) };
  });
  const parsed = parseRollout(files, "/here");
  return parsed.ok
    ? []
    : parsed.problems.map(({ where, what, remedy }) => `${where.replace(/:\d+/, "")}: ${what}. ${remedy}`);
}

describe("how far down", () => {
  test.each<[string, Stages, object?]>([
    ["a row", { web: row({ to: "previous" }) }],
    ["a row of a later stage", { tv: row({ to: "web" }) }],
    ["a row of some flags", { web: row({ flags: ["WEB"] }) }],
    ["a row of some flags, to a stage", { tv: row({ to: "web", flags: ["APP", "TV"] }) }],
    ["a row of a flag that comes later", { web: row({ to: "off", flags: ["TV"] }) }],
    [
      "a row of a flag that is on the other side of off below: it goes off",
      {
        baseline: { flags: { ...flagsAt(0), TV: "off" } },
        web: { flags: { ...flagsAt(1), TV: "blue" } },
        app: { flags: { ...flagsAt(2), TV: "off" }, contracts: ["TV"] },
        tv: { flags: { ...flagsAt(2), TV: "green" }, ...row({ to: "web", flags: ["TV"] }) },
      },
      {
        flags: {
          WEB: { kind: "boolean" },
          APP: { kind: "boolean" },
          TV: { kind: "states", states: ["blue", "off", "green"], off: "off" },
        },
      },
    ],
    ["a stage", { app: { abortTo: "previous" }, tv: { abortTo: "web" } }],
    ["a rollout", {}, { abortTo: "previous", ...way({ to: "web" }) }],
    [
      "a way back",
      {
        tv: way({ to: "previous" }),
        app: { rollback: { R2: { title: "Another way", to: "off", flags: ["APP"] } } },
      },
    ],
  ])("is said by %s", (_, stages, rollout) => {
    expect(faults(stages, rollout)).toEqual([]);
  });

  test.each<[string, Stages, RegExp, object?]>([
    [
      "a stage that is not there",
      { app: row({ to: "wep" }) },
      /app.yaml cutover:stage.abort.X1.to: names wep, which is no stage.*Did you mean web/,
    ],
    [
      "the row's own stage",
      { app: row({ to: "app" }) },
      /X1.to: is the stage itself.*before it \(baseline, web\)/,
    ],
    ["a later stage", { app: row({ to: "tv" }) }, /X1.to: comes after app/],
    ["a later stage, as abortTo", { app: { abortTo: "tv" } }, /cutover:stage.abortTo: comes after app/],
    ["a later stage, by hand", { app: way({ to: "tv" }) }, /rollback.R1.to: comes after app/],
    [
      "what is below the first stage",
      { baseline: way({ to: "previous" }) },
      /R1.to: is previous, and there is no phase below/,
    ],
    [
      "one stage for all of them",
      {},
      /cutover:rollout.abortTo: is web, and every stage goes by it/,
      { abortTo: "web" },
    ],
    [
      "what is below the first stage, by its other name",
      { baseline: way({ to: "predecessor" }) },
      /R1.to: is predecessor, and there is no phase below.*Write off/,
    ],
    [
      "the last stage, by the rollout",
      {},
      /rollback.R1.to: is the last stage: nothing comes after it.*Name a stage before it/,
      way({ to: "tv" }),
    ],
    [
      "a stage with the same flags",
      {
        tv: { flags: flagsAt(1), contracts: ["APP"], ...way({ to: "web" }) },
      },
      /R1.to: would lower nothing: web has no flag lower than tv, or a stage after it.*Name a stage with less/,
    ],
    ["a stage that is not there, by the rollout", {}, /rollback.R1.to: names gone/, way({ to: "gone" })],
    [
      "a flag that is not there",
      { web: row({ flags: ["WEP"] }) },
      /X1.flags: names WEP, which is no flag.*known flags: WEB, APP, TV/,
    ],
    ["every flag", { web: row({ flags: FLAGS }) }, /X1.flags: names every flag.*Take it out/],
    [
      "flags beside previous",
      { web: row({ to: "previous", flags: ["WEB"] }) },
      /X1.flags: stands beside previous/,
    ],
    [
      "flags where abortTo is previous",
      { web: row({ flags: ["WEB"] }) },
      /X1.flags: stands beside previous/,
      { abortTo: "previous" },
    ],
    [
      "a flag that the predecessor has, too",
      { tv: row({ flags: ["TV", "WEB"] }) },
      /X1.flags: names WEB, which is nowhere above predecessor from tv on/,
    ],
    ["a flag twice", { web: row({ flags: ["WEB", "WEB"] }) }, /X1.flags: .*each flag once/],
    ["no flag", { web: row({ flags: [] }) }, /X1.flags/],
    [
      "flags of a row that pages",
      { web: row({ action: "page", flags: ["WEB"] }) },
      /X1.flags: .*nothing in a row that only pages/,
    ],
    [
      "flags of a way back that says no more",
      { web: way({ notes: "Look at it", flags: ["WEB"] }) },
      /R1.flags: .*nothing without to/,
    ],
    [
      "what can be no stage",
      { web: row({ to: "All The Way" }) },
      /X1.to: .*predecessor, previous, off, or the name of a stage/,
    ],
  ])("is refused as %s, once and by its path", (_, stages, told, rollout) => {
    const found = faults(stages, rollout);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
  });

  test.each(["off", "previous", "predecessor"])("no stage can be called %s", (name) => {
    const found = faults({}, {}, ["baseline", "web", name]);
    expect(found).toEqual([
      expect.stringMatching(`cannot be called ${name}: to and abortTo mean something else`),
    ]);
  });
});
