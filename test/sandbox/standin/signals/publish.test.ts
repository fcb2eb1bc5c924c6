import { afterEach, expect, it, vi } from "vitest";
import type { Publication } from "../../../../sandbox/aws/front/services/cloudwatch/service";
import { startPublisher } from "../../../../sandbox/standin/signals/publish";

const METRIC = { namespace: "App", name: "Errors" };
const BAD = [{ metric: METRIC, value: 1, samples: 1 }];

afterEach(() => vi.restoreAllMocks());

/** What a publisher has sent within one and the same millisecond. */
async function sentWith(way: { kind: "burst" | "level"; lasted?: number }): Promise<Publication[]> {
  const sent: Publication[] = [];
  vi.spyOn(Date, "now").mockReturnValue(1_000_000);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, { body } = {}) => {
    sent.push(JSON.parse(String(body)));
    return new Response();
  });
  const good = [{ metric: METRIC, value: 0, samples: 20 }];
  const publisher = startPublisher({ endpoint: "http://127.0.0.1:9", region: "us-east-1", good });
  await publisher.instead({ always: false, metrics: [METRIC], published: BAD, ...way });
  await publisher.calm();
  await publisher.stop();
  return sent;
}

it("what was bad is taken away, also where it came in the very millisecond from which all is good again", async () => {
  const sent = await sentWith({ kind: "burst" });
  expect(sent.at(-1)).toMatchObject({ since: 999_999, data: [{ value: 0 }] });
});

it("what has to be bad for a while was so already, and all of that is taken away", async () => {
  const sent = await sentWith({ kind: "level", lasted: 20_000 });
  expect(sent.filter(({ since }) => since !== undefined)).toMatchObject([
    { since: 979_999, data: [{ value: 1 }] },
    { since: 979_999, data: [{ value: 0 }] },
  ]);
});

it("what an alarm over several periods judges was published already", async () => {
  const sent: Publication[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, { body } = {}) => {
    sent.push(JSON.parse(String(body)));
    return new Response();
  });
  const began = Date.now();
  const publisher = startPublisher({
    ...{ endpoint: "http://127.0.0.1:9", region: "us-east-1", reach: 180_000 },
    good: [{ metric: METRIC, value: 0, samples: 20 }],
  });
  await publisher.stop();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ data: [{ value: 0, samples: 20 }] });
  expect(Math.abs((sent[0]?.since ?? 0) - (began - 180_000))).toBeLessThan(60_000);
});
