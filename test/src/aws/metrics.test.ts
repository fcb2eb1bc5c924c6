import { CloudWatchClient, type GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { metricKey } from "../../../src/aws/metricId";
import { heardWithin } from "../../../src/aws/metrics";

const NOW = Date.parse("2026-11-28T12:41:07.000Z");
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const id = (name: string) => ({ namespace: "OpsView", name });

/** CloudWatch as it tells counts of samples: by the beginnings of periods, the newest first. */
function cloudWatch(ages: Readonly<Record<string, number>>) {
  const send = vi.fn(async ({ input }: GetMetricDataCommand) => ({
    MetricDataResults: (input.MetricDataQueries ?? []).map(({ Id, MetricStat }) => {
      const period = (MetricStat?.Period ?? 0) * 1_000;
      const at = NOW - (ages[MetricStat?.Metric?.MetricName ?? ""] ?? Number.POSITIVE_INFINITY);
      const begins = Math.floor(at / period) * period;
      // The start of what is asked for is rounded down to a period, too.
      const told = begins >= Math.floor(Number(input.StartTime) / period) * period;
      return {
        Id,
        StatusCode: "Complete",
        Timestamps: told ? [new Date(begins)] : [],
        Values: told ? [6] : [],
      };
    }),
  }));
  const client = new CloudWatchClient({ region: "eu-central-1" });
  return Object.assign(client, { send }) as unknown as CloudWatchClient & { send: typeof send };
}

test("a metric that may be silent for days coarsens nothing for one that may not for minutes", async () => {
  const client = cloudWatch({ Probe: 20_000, Often: 2 * HOUR, Seldom: 9 * DAY, Yearly: 100 * DAY });
  const heard = await heardWithin(
    client,
    [
      { metric: id("Probe"), within: 5 * MINUTE },
      { metric: id("Often"), within: 3 * HOUR },
      { metric: id("Seldom"), within: 10 * DAY },
      { metric: id("Yearly"), within: 400 * DAY },
    ],
    NOW,
  );
  const late = (name: string, age: number) => NOW - age - (heard.get(metricKey(id(name))) ?? 0);
  expect(late("Probe", 20_000)).toBeLessThan(MINUTE);
  expect(late("Often", 2 * HOUR)).toBeLessThan(MINUTE);
  expect(late("Seldom", 9 * DAY)).toBeLessThan(5 * MINUTE);
  expect(late("Yearly", 100 * DAY)).toBeLessThan(HOUR);
});

test("what is heard is never younger than it is, nor older by more than a seventieth of its time, or a minute", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          within: fc.integer({ min: 5 * MINUTE, max: 455 * DAY }),
          part: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (rows) => {
        const ages = rows.map(({ within, part }) => Math.floor(within * part));
        const client = cloudWatch(Object.fromEntries(ages.map((age, index) => [`M${index}`, age])));
        const expected = rows.map(({ within }, index) => ({ metric: id(`M${index}`), within }));
        const heard = await heardWithin(client, expected, NOW);
        for (const [index, { within }] of rows.entries()) {
          const at = heard.get(metricKey(id(`M${index}`))) ?? Number.NaN;
          const truly = NOW - (ages[index] ?? 0);
          expect(at).toBeLessThanOrEqual(truly);
          expect(truly - at).toBeLessThanOrEqual(Math.max(MINUTE, within / 70));
        }
      },
    ),
  ));

test("a metric that two rows expect within other times is heard at its newest", async () => {
  const client = cloudWatch({ Both: 20_000 });
  const expected = [3 * HOUR, 20 * DAY].map((within) => ({ metric: id("Both"), within }));
  const at = (await heardWithin(client, expected, NOW)).get(metricKey(id("Both"))) ?? 0;
  expect(NOW - 20_000 - at).toBeLessThan(MINUTE);
});

test("nothing is asked where nothing is expected", async () => {
  const client = cloudWatch({});
  expect(await heardWithin(client, [], NOW)).toEqual(new Map());
  expect(client.send).not.toHaveBeenCalled();
});
