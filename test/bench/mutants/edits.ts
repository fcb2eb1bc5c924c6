/** One error in the code behind the rows, and the tests that have to notice it. */
export interface Edit {
  readonly file: string;
  /** What stands there, exactly once. */
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

const of = (
  file: string,
  tests: readonly string[],
  ...pairs: readonly (readonly [string, string])[]
): Edit[] => pairs.map(([from, to]) => ({ file, from, to, tests }));

const JUDGES = [
  "test/src/gates/judge.test.ts",
  "test/src/gates/judge.sources.test.ts",
  "test/src/gates/judge.scope.test.ts",
  "test/src/gates/judge.soak.test.ts",
];
const BEHAVIOURS = ["test/behaviours/behaviours.test.ts"];

/** Comparisons, actions and recipients of the code that judges, plans, decides and tells. */
export const EDITS: readonly Edit[] = [
  ...of(
    "src/gates/expectation.ts",
    ["test/src/gates/expectation.test.ts"],
    ["number > expected.gt)", "number >= expected.gt)"],
    ["number >= expected.gte)", "number > expected.gte)"],
    ["number < expected.lt)", "number <= expected.lt)"],
    ["number <= expected.lte)", "number < expected.lte)"],
    ["value === expected.eq) &&", "value !== expected.eq) &&"],
    ["value !== expected.ne) &&", "value === expected.ne) &&"],
    ["value >= least - ROUNDING &&", "value >= least - 1 &&"],
  ),
  ...of(
    "src/gates/kinds/metric.ts",
    [...JUDGES, ...BEHAVIOURS],
    ["if (!(samples >= minSamples))", "if (!(samples > minSamples))"],
    ["if (gap !== undefined)", "if (gap === null)"],
  ),
  ...of(
    "src/gates/kinds/soak.ts",
    JUDGES,
    ["if (now >= end)", "if (now > end)"],
    ["if (elapsed < 0)", "if (elapsed < -1e12)"],
  ),
  ...of(
    "src/gates/kinds/signOff.ts",
    JUDGES,
    ["if (seen.attempt !== attempt)", "if (seen.attempt < attempt)"],
    ["if (!(at >= Date.parse(seen.liveSince)))", "if (!(at >= 0))"],
    ["if (!(at <= now))", "if (!(at <= now * 2))"],
  ),
  ...of(
    "src/gates/kinds/snapshot.ts",
    JUDGES,
    ["age > milliseconds(definition.maxAge)", "age > 2 * milliseconds(definition.maxAge)"],
    ['seen.status !== "available"', 'seen.status === "failed"'],
  ),
  ...of("src/gates/kinds/drill.ts", BEHAVIOURS, [
    "!(took < milliseconds(limitOf(gate).within))",
    "!(took <= milliseconds(limitOf(gate).within))",
  ]),
  ...of("src/gates/kinds/date.ts", JUDGES, ["if (measured >= date)", "if (measured > date)"]),
  ...of("src/gates/window.ts", JUDGES, ["from < flip - CLOCK_SKEW_MS", "from < flip - 86_400_000"]),
  ...of(
    "src/promotion/admit.ts",
    ["test/src/promotion/admit.test.ts"],
    [
      'const open = verdicts.filter((verdict) => verdict.outcome !== "pass");',
      'const open = verdicts.filter((verdict) => verdict.outcome === "fail");',
    ],
    ["if (!(age <= limit))", "if (!(age <= 2 * limit))"],
    ["observation.definition !== gateHash(gate)", 'observation.definition === ""'],
    ["go: problems.length === 0 && open.length === 0", "go: open.length === 0"],
  ),
  ...of(
    "src/rollout/plan.ts",
    ["test/src/rollout/plan.test.ts"],
    ["if (attempt < next)", "if (attempt <= next)"],
    ["if (hold) {", "if (hold && !rollout) {"],
    ["if (cutAt !== undefined)", "if (cutAt === -1)"],
    ['if (way === "lower")', 'if (way === "raise")'],
    ["if (stop)\n", "if (stop && attempt < 0)\n"],
  ),
  ...of(
    "src/rollout/rollout.ts",
    ["test/src/rollout/rollout.test.ts"],
    [
      'row.to ?? stage.abortTo ?? rollout.abortTo ?? "predecessor"',
      'row.to ?? stage.abortTo ?? rollout.abortTo ?? "off"',
    ],
  ),
  ...of(
    "src/abort/decide.ts",
    ["test/src/abort/decide.test.ts", "test/src/abort/laws.test.ts"],
    ["unreadable.length === 0 && above.length === 0", "above.length === 0"],
    [": allOff(specs)),", ": bound),"],
  ),
  ...of(
    "src/abort/switch.ts",
    ["test/src/abort/switch.test.ts"],
    ['alarm.action === "page" ?', 'alarm.action !== "page" ?'],
    ['for (const topic of ["ops", "stakeholders"] as const)', 'for (const topic of ["ops"] as const)'],
    ["config.topics.onCall, page(", "config.topics.ops, page("],
    ["alarm.floor ?? config.floor", "config.floor"],
  ),
  ...of(
    "src/abort/previous.ts",
    ["test/src/abort/previous.test.ts"],
    ["rang.at - rang.span", "rang.at"],
    ["to !== own", "to !== undefined"],
    ["!floor || sameFlags(specs, floor, live)", "!floor"],
    ["rang.byHand === true || startedAt", "startedAt"],
    ["specsOfSchema(schema, ours)", "undefined"],
  ),
  ...of(
    "src/abort/abortRows.ts",
    BEHAVIOURS,
    ["incident: incident.to", "incident: []"],
    ["milliseconds(remind.after) / timeScale", "2 * milliseconds(remind.after)"],
  ),
  ...of(
    "src/rollout/armed.ts",
    ["test/src/rollout/armed.test.ts"],
    ["...personFaults(rollout, facts).map(of(all)),", ""],
  ),
  ...of("src/rollout/signal.ts", BEHAVIOURS, [
    '">": "GreaterThanThreshold"',
    '">": "GreaterThanOrEqualToThreshold"',
  ]),
  ...of("src/aws/metricQuery.ts", BEHAVIOURS, [">= ${floor.minSamples}", "> ${floor.minSamples}"]),
  ...of(
    "src/messages/timing.ts",
    ["test/src/messages/timing.test.ts"],
    ["Math.ceil((start +", "Math.floor((start +"],
  ),
  ...of(
    "src/messages/standing.ts",
    ["test/src/messages/standing.test.ts"],
    ["lived >= neededMs", "lived >= 0"],
  ),
  ...of(
    "src/messages/sendDue.ts",
    ["test/src/messages/sendDue.test.ts"],
    ["topicArn: config.topics[topic], notice", "topicArn: config.topics.ops, notice"],
  ),
  ...of(
    "policies/rules/soakLongEnough.ts",
    ["test/policies/rules/soakLongEnough.test.ts"],
    [": milliseconds(text)) < floor", ": milliseconds(text)) <= floor"],
  ),
  ...of(
    "policies/rules/snapshotBeforeWrites.ts",
    ["test/policies/rules/snapshotBeforeWrites.test.ts"],
    ["raised.length > 0 &&", "raised.length > 1 &&"],
  ),
];
