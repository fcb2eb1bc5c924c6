import { describe, expect, test } from "vitest";
import { messageProblems } from "../../../../src/rollout/checks/messages";
import { release, showRelease, withRelease } from "../../../../src/rollout/config/release";
import { definitionsOf } from "../../../../src/rollout/strength/definitions";
import { rollout as rolloutOf, stage } from "../../../support/build";
import { written } from "../../messages/topicMessages";

const RELEASE = { version: "v2.54.1", date: "2026-02-17" };

describe("a release", () => {
  test("is a version and a day", () => {
    expect(release.parse(RELEASE)).toEqual(RELEASE);
    expect(showRelease(RELEASE)).toBe("v2.54.1 of 2026-02-17");
  });
  test.each([
    ["no version", { ...RELEASE, version: "" }],
    ["a version with a line break", { ...RELEASE, version: "v2\nv3" }],
    ["a version without end", { ...RELEASE, version: "v".repeat(41) }],
    ["a time instead of a day", { ...RELEASE, date: "2026-02-17T00:00:00Z" }],
    ["a day that no calendar has", { ...RELEASE, date: "2026-02-30" }],
    ["a validation error", { ...RELEASE, dat: "2026-02-17" }],
  ])("with %s is refused", (_, value) => {
    expect(release.safeParse(value).success).toBe(false);
  });
});

describe("in the words of messages", () => {
  const messages = { C4: written({ title: "{release} is there", text: "{release}, {release}" }) };

  test("its version stands where they name it", () => {
    expect(withRelease(messages, RELEASE).C4).toMatchObject({
      title: "v2.54.1 is there",
      text: "v2.54.1, v2.54.1",
    });
    expect(withRelease({ C1: written() }, RELEASE).C1).toEqual(written());
  });

  test("it must be declared", () => {
    const own = { ...stage("stageB", { predecessor: "stageA" }), messages: withRelease(messages, undefined) };
    const problems = messageProblems(own, (name, path) => [name, ...path].join("/"));
    expect(problems.map(({ where }) => where)).toEqual([
      "stageB/cutover:stage/messages/C4/title",
      "stageB/cutover:stage/messages/C4/text",
    ]);
  });
});

test("another release makes nothing weaker", () => {
  const rollout = rolloutOf();
  expect(definitionsOf({ ...rollout, release: RELEASE })).toEqual(definitionsOf(rollout));
});
