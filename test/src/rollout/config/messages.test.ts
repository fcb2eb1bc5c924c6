import { describe, expect, test } from "vitest";
import { messageProblems } from "../../../../src/rollout/checks/messages";
import {
  announcementsOf,
  message,
  messageMap,
  recurringOf,
  scheduledOf,
  timedOf,
} from "../../../../src/rollout/config/messages";
import { gateOf, stage } from "../../../support/build";
import { written } from "../../messages/topicMessages";

const after = { when: { after: "24h" } };

describe("a message", () => {
  test("is plain unless it says otherwise", () => {
    expect(written()).toEqual({
      title: "Reads are about to come from the database",
      to: ["ops"],
      when: "before",
      soakSummary: false,
    });
  });

  test.each([
    ["to nobody", { to: [] }],
    ["to a topic that there is not", { to: ["everyone"] }],
    ["to the same topic twice", { to: ["ops", "ops"] }],
    ["at no known time", { when: "later" }],
    ["after something that is no duration", { when: { after: "a day" } }],
    ["after nothing", { when: { after: "0s" } }],
    ["with a summary of a soak that has not begun", { soakSummary: true }],
    ["at some other end", { when: "end" }],
    ["with questions at the finish, whose figures are the exit gates'", { when: "finish", queries: ["Q1"] }],
    ["with questions before anything ran", { queries: ["Q1"] }],
    ["with errors' own texts", { ...after, queries: ["Q4"] }],
    ["with no question", { ...after, queries: [] }],
    ["with a question twice", { ...after, queries: ["Q1", "Q1"] }],
    ["with a validation error", { txt: "…" }],
    ["without a title", { title: "" }],
  ])("%s is refused", (_, changes) => {
    expect(() => written(changes)).toThrow();
  });

  test("sums up a soak where it comes after one", () => {
    expect(written({ ...after, soakSummary: true }).soakSummary).toBe(true);
  });

  test("has a row id", () => {
    const one = { title: "Reads are on", to: ["ops"], when: "before" };
    expect(Object.keys(messageMap.parse({ C1: one }))).toEqual(["C1"]);
    expect(messageMap.safeParse({ "1 C": one }).success).toBe(false);
    expect(message.safeParse(one).success).toBe(true);
  });
});

describe("a message that is sent again and again", () => {
  test.each(["1m", "1h", "12h", "1d", "30d"])("comes every %s", (every) => {
    expect(message.safeParse(written({ when: { every } })).success).toBe(true);
  });
  test.each(["30s", "90s", "0h", "31d", "hourly", "61s"])("does not come every %s", (every) => {
    expect(() => written({ when: { every } })).toThrow(/every/);
  });
  test("is neither one at the flip nor one with a single time", () => {
    const messages = { C1: written(), C2: written(after), S1: written({ when: { every: "1h" } }) };
    expect(recurringOf(messages).map(({ row, every }) => [row, every])).toEqual([["S1", "1h"]]);
    expect(timedOf(messages).map(({ row }) => row)).toEqual(["C2"]);
    expect(scheduledOf(messages).map(({ row }) => row)).toEqual(["C2", "S1"]);
  });
});

test("those at the flip are told from those with a time of their own", () => {
  const messages = { C1: written(), C2: written(after), C4: written({ when: { after: "48h" } }) };
  expect(announcementsOf(messages).map(({ row }) => row)).toEqual(["C1"]);
  expect(timedOf(messages).map(({ row, after: time }) => [row, time])).toEqual([
    ["C2", "24h"],
    ["C4", "48h"],
  ]);
});

describe("among a stage's own config", () => {
  const problems = (spec: Parameters<typeof stage>[1], messages: object) =>
    messageProblems({ ...stage("stageA", spec), messages: messages as never }, (name, path) =>
      [name, ...path].join("/"),
    );
  const metric = gateOf("E1", {
    source: "metric",
    namespace: "OpsView",
    name: "Read5xx",
    statistic: "Sum",
    window: "24h",
    minSamples: 1,
    expect: { eq: 0 },
  }).definition;
  const summing = { C2: written({ ...after, soakSummary: true }) };

  test("a sound one has no problem", () => {
    expect(problems({ predecessor: "baseline", exit: { E1: metric } }, summing)).toEqual([]);
    expect(problems({ predecessor: "baseline" }, { C1: written() })).toEqual([]);
    expect(problems({}, {})).toEqual([]);
  });

  test("the first stage has none to send", () => {
    expect(problems({}, { C1: written() })).toMatchObject([{ where: "stageA/cutover:stage/messages" }]);
  });

  test("a summary needs something to sum up", () => {
    expect(problems({ predecessor: "baseline" }, summing)).toMatchObject([
      {
        where: "stageA/cutover:stage/messages/C2/soakSummary",
        what: "has nothing to sum up: the stage has no exit gate",
      },
    ]);
  });

  test("what waits for the finish needs exit gates, and stands in the last stage alone", () => {
    const waiting = { C4: written({ when: "finish", soakSummary: true }) };
    expect(problems({ predecessor: "baseline", exit: { E1: metric } }, waiting)).toEqual([]);
    expect(problems({ predecessor: "baseline" }, { C4: written({ when: "finish" }) })).toMatchObject([
      { where: "stageA/cutover:stage/messages/C4/when", what: expect.stringContaining("the stage has none") },
    ]);
    const own = {
      ...stage("stageA", { predecessor: "baseline", exit: { E1: metric } as never }),
      messages: waiting,
    };
    expect(messageProblems(own, (name, path) => [name, ...path].join("/"), { last: false })).toMatchObject([
      {
        where: "stageA/cutover:stage/messages/C4/when",
        remedy: "Move it to the last stage, or send it after a time: { after: 24h }",
      },
    ]);
  });

  test("questions about imports need a table of them", () => {
    const asking = { MQ: written({ ...after, queries: ["Q1", "Q6"] }) };
    expect(problems({ predecessor: "baseline" }, asking)).toMatchObject([
      { where: "stageA/cutover:stage/messages/MQ/queries" },
    ]);
    const own = { ...stage("stageA", { predecessor: "baseline" }), messages: asking as never };
    expect(messageProblems(own, (name) => name, { imports: true })).toEqual([]);
  });
});
