import { describe, expect, it } from "vitest";
import { markdownOf } from "../../../../cli/preview/markdown";
import { viewOf } from "../../../../cli/preview/view";
import { weakenOnPurpose } from "../../../../policies/rules/weakenOnPurpose";
import type { Rollout } from "../../../../src/rollout/rollout";
import { differences, weakenings } from "../../../../src/rollout/strength/compare";
import { type Definitions, definitions, definitionsOf } from "../../../../src/rollout/strength/definitions";
import type { Comparison } from "../../../../src/rollout/strength/judge";
import { text } from "../../../../src/text/markdown";
import { redactor } from "../../../../src/text/redact";
import { stageViolations } from "../../../policies/judge";
import { misplaced, read, shipped, type Weakened, weakened } from "./generator";

/** Several hundred rollouts are judged, one by one: a busy machine takes its time. */
const MINUTES = 300_000;
const NAMES = ["ops-view", "v2-pipeline"] as const;

function rolloutOf(files: Weakened["files"]): Rollout {
  const result = read(files);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.rollout;
}

const redact = redactor({ secrets: [], hosts: [] });

const compared = (was: Definitions, now: Definitions): Comparison => ({
  now,
  before: { lastFlip: was },
  weakened: {},
  accepted: [],
  unrecorded: false,
});

/** What a pull request's comment says of it, where nothing else is known. */
function commentOf(rollout: Rollout, base: Definitions): string {
  const stage = rollout.stages.at(-1)?.name ?? "";
  return markdownOf(viewOf({ name: rollout.name, stage, rollout, base: { definitions: base } }, redact));
}

describe.each(NAMES)("weakenings of %s", (name) => {
  const was = definitionsOf(rolloutOf(shipped(name)));
  const all = weakened(name).map((one) => ({ ...one, result: read(one.files) }));
  const loading = all.flatMap((one) => (one.result.ok ? [{ ...one, rollout: one.result.rollout }] : []));

  it("are several hundred, most of which load", () => {
    expect(all.length).toBeGreaterThan(400);
    expect(loading.length).toBeGreaterThan(350);
  });

  it("are each named by what they ease", () => {
    const unseen = loading.filter(
      ({ rollout, key }) => !weakenings(was, definitionsOf(rollout)).some((one) => one.key === key),
    );
    expect(unseen.map((one) => `${one.name} (${one.key})`)).toEqual([]);
  });

  it(
    "are each named by the rule of the pack, and block",
    () => {
      const unseen = loading.filter(({ rollout, key }) => {
        const said = stageViolations(weakenOnPurpose, {
          "promotion.strength": compared(was, definitionsOf(rollout)),
        });
        return !said.some((message) => message.startsWith(`stageB: ${key}: `));
      });
      expect(unseen.map((one) => one.name)).toEqual([]);
    },
    MINUTES,
  );

  it(
    "are each the first thing that the comment says",
    () => {
      const unseen = loading.filter(({ rollout, key }) => {
        const [, said = ""] =
          /### ⚠️ Weaker than before: \d+\n\n([\s\S]*?)(?:\n\n|$)/.exec(commentOf(rollout, was)) ?? [];
        const own = weakenings(was, definitionsOf(rollout)).filter((one) => one.key === key);
        return !own.every(({ says }) => said.includes(text(redact(says), 300)));
      });
      expect(unseen.map((one) => one.name)).toEqual([]);
    },
    MINUTES,
  );

  it("are none the other way round, and none where nothing changes", () => {
    expect(differences(was, definitionsOf(rolloutOf(shipped(name))))).toEqual([]);
    for (const { rollout, key } of loading) {
      const eased = definitionsOf(rollout);
      const there = differences(was, eased).filter((one) => one.key === key);
      // What could be compared one way can be compared the other way.
      if (
        there.length > 0 &&
        there.every(({ strength, says }) => strength === "weaker" && !/is gone|looks back/.test(says))
      )
        expect(weakenings(eased, was).filter((one) => one.key === key)).toEqual([]);
    }
  });

  it("are none where rows, stages and subscribers are added", () => {
    const bare = structuredClone(was);
    for (const stage of bare.stages)
      for (const rows of Object.values(stage.rows))
        for (const row of Object.keys(rows).slice(1)) delete rows[row];
    for (const topic of Object.keys(bare.topics)) bare.topics[topic] = [];
    expect(weakenings(bare, was)).toEqual([]);
  });

  it("are read from what was written down, as plain data", () => {
    expect(definitions.parse(JSON.parse(JSON.stringify(was)))).toEqual(was);
    expect(JSON.stringify(was)).not.toMatch(/pagerduty\.example|ops@example/);
  });

  it("are refused by name where a section stands where nothing reads it", () => {
    const unseen = misplaced(name).filter(({ files, section }) => {
      const result = read(files);
      return (
        result.ok ||
        !result.problems.some(({ where, what }) => where.includes(section) && /^stands/.test(what))
      );
    });
    expect(unseen.map((one) => one.name)).toEqual([]);
  });
});
