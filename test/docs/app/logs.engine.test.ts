import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { pythonWith } from "../../support/python";
import { blocksOf } from "../page";
import { AppPage } from "./app";
import { AppWorld } from "./world";

const PAGE = new AppPage("docs/how-to/metrics-from-logs.md");
const GROUP = { logGroupName: "/app/search", logStreamName: "search-1" };
const LINES = blocksOf(PAGE.path).flatMap(({ language, text }) =>
  language === "json" ? text.split("\n") : [],
);
const [X1] = blocksOf(PAGE.path).flatMap(({ language, text }) =>
  language === "yaml" ? [parse(text).config["cutover:stage"].abort.X1] : [],
);
/** A filter tells what it counted once its minute is over; only one that hangs takes as long. Ms. */
const COUNTED_MS = 180_000;

let world: AppWorld;
beforeAll(async () => {
  world = await AppWorld.open();
  await world.logs.createLogGroup({ logGroupName: GROUP.logGroupName });
  await world.logs.createLogStream(GROUP);
});
afterAll(() => world?.close());

/** The app logs lines, now. */
const say = (lines: readonly string[]) =>
  world.logs.putLogEvents({
    ...GROUP,
    logEvents: lines.map((message) => ({ timestamp: Date.now(), message })),
  });

/** The sum of all that CloudWatch has of a metric, once it has any. */
async function counted(name: string, data: number): Promise<number[]> {
  for (const ends = Date.now() + COUNTED_MS; ; await sleep(500)) {
    const told = await world.told("Search", name);
    if (told.length >= data) return told.map(({ sum }) => sum);
    if (Date.now() > ends) throw new Error(`${name} has ${told.length} data, not ${data}`);
  }
}

test("the page's commands declare its filters", async () => {
  const venv = await pythonWith("docs-app", join(__dirname, "requirements.txt"));
  if (venv === undefined) throw new Error("The AWS CLI needs Python 3.11 or later as python3 on PATH.");
  expect(PAGE.commands).toHaveLength(3);
  const env = world.env({
    PATH: [join(venv, "bin"), process.env.PATH].join(delimiter),
    // The CLI reads no other.
    AWS_DEFAULT_REGION: "eu-central-1",
  });
  for (const command of PAGE.commands) {
    const { code, stderr } = await world.processes.run("/bin/sh", ["-c", command], { cwd: world.dir, env });
    expect(code, stderr).toBe(0);
  }
  const { metricFilters = [] } = await world.logs.describeMetricFilters({ logGroupName: GROUP.logGroupName });
  expect(metricFilters.map(({ filterName }) => filterName).sort()).toEqual([
    "SearchErrors",
    "SearchLatencyMs",
    "SearchRequests",
  ]);
});

test("lines count as the page says, and a minute with others alone is a zero", async () => {
  await say(LINES.filter((line) => line.includes("/health")));
  expect(await counted("SearchErrors", 1)).toEqual([0]);
  expect(await world.told("Search", "SearchLatencyMs")).toEqual([]);
  await say(LINES);
  await counted("SearchLatencyMs", 1);
  const sums = await Promise.all(
    ["SearchRequests", "SearchErrors", "SearchLatencyMs"].map(async (name) =>
      (await world.told("Search", name)).reduce((all, { sum }) => all + sum, 0),
    ),
  );
  expect(sums).toEqual([3, 1, 31 + 44 + 480]);
}, 400_000);

test("the row's own pattern finds the one line", async () => {
  const { events = [] } = await world.logs.filterLogEvents({
    logGroupName: X1.logs.group,
    filterPattern: X1.logs.pattern,
  });
  expect(events.map(({ message }) => message)).toEqual([LINES.at(-1)]);
});
