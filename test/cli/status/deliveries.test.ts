import { expect, test } from "vitest";
import type { DeliveryFact, Facts } from "../../../cli/status/facts";
import { renderStatus } from "../../../cli/status/render";
import { statusView as schema } from "../../../cli/status/schema";
import { statusView } from "../../../cli/status/view";
import type { Known } from "../../../src/aws/known";
import { deliveryMap } from "../../../src/delivery/registry";
import type { Ledger } from "../../../src/flags/ledger";
import { PLAIN } from "../../../src/text/page";
import { ago, entry, flags, ledger, note } from "../../support/build";
import { DENIED, facts, liveA, ROLLOUT } from "./facts";

const [READ = "", WRITE = ""] = Object.keys(ROLLOUT.flags);
const delivery = deliveryMap.parse({
  reads: { kind: "ssm", path: "/ops-view/flags", flags: [READ], within: "5m" },
  web: { kind: "render", service: "srv-cabc123456789", secret: "ops-view/render", flags: [WRITE] },
});
const rollout = { ...ROLLOUT, delivery };
const FACT: DeliveryFact = { waiting: 0, refused: 0, delivered: 2 };

const view = async (found: Ledger, web: Partial<DeliveryFact>, spec: Partial<Facts> = {}) =>
  schema.parse(
    statusView(
      await facts(found, {
        rollout,
        carried: { ok: true, value: { reads: FACT, web: { ...FACT, ...web } } },
        ...spec,
      }),
    ),
  );
const webOf = async (...args: Parameters<typeof view>) => {
  const { deliveries } = await view(...args);
  return deliveries?.known ? deliveries.value.find(({ name }) => name === "web") : deliveries;
};
const MINUTES = 1 / 60;
const started = ledger(flags(false, false), [
  entry(1, { completedAt: ago(3_600_000), note: note({ stage: "baseline" }), flags: flags(false, false) }),
]);
const none = { delivered: undefined };

test.each<[string, string, Ledger, Partial<DeliveryFact>]>([
  ["has the live flags", "delivered", liveA(5), {}],
  ["had a later hold since", "delivered", liveA(5), { delivered: 3 }],
  ["has those of before, and time left", "under way", liveA(5 * MINUTES), { delivered: 1, waiting: 1 }],
  ["has those of before for too long", "late", liveA(5), { delivered: 1, waiting: 1 }],
  ["was never called for a flip", "late", liveA(5), none],
  ["refused them", "refused", liveA(5), { delivered: 1, refused: 2 }],
  ["refused earlier ones, and has these", "delivered", liveA(5), { refused: 1 }],
  ["was given none, with every flag off", "nothing yet", started, none],
])("a platform that %s is %s", async (_, state, found, web) => {
  expect(await webOf(found, web)).toMatchObject({
    state,
    to: "Render, service srv-cabc123456789",
    within: "10m",
  });
});

test("platforms stand in the order in which flags go up", async () => {
  const { deliveries } = await view(liveA(5), {});
  expect(deliveries?.known && deliveries.value.map(({ name }) => name)).toEqual(["reads", "web"]);
});

test("one that is late, or refuses, is to be looked at, with what is typed to set it by hand", async () => {
  const late = await view(liveA(5), { delivered: 1 });
  expect(late.attention).toEqual([
    {
      where: "delivery web",
      what: "has not taken the live flags (Render, service srv-cabc123456789), and 10m is over. Servers there go on with the flags of before",
      remedy: expect.stringMatching(
        /^npm run cutover -- env --rollout ops-view -d web prints .* says what is wrong$/,
      ),
    },
  ]);
  const refused = await view(liveA(5), { delivered: 1, refused: 1 });
  expect(refused.attention[0]?.what).toContain("refused the live flags");
});

test("what cannot be read is unknown, and then no status is complete", async () => {
  const unread = await view(liveA(5), {}, { carried: DENIED as Known<never> });
  expect(unread.deliveries).toMatchObject({ known: false });
  expect(unread.complete).toBe(false);
  expect(unread.attention).toEqual([]);
  expect((await view(liveA(5), {}, { ledger: DENIED as Known<never> })).deliveries).toMatchObject({
    known: false,
  });
});

test("the page has them below the flags, and nothing where there are none", async () => {
  const page = renderStatus(await view(liveA(5), { delivered: 1 }), {
    width: 200,
    paints: PLAIN,
    all: false,
  });
  const at = page.findIndex((line) => line.startsWith("DELIVERIES"));
  expect(page.slice(at, at + 3)).toEqual([
    "DELIVERIES  2 platforms",
    "  reads  delivered    SSM parameters, parameters below /ops-view/flags, deployment 2",
    "  web    late         Render, service srv-cabc123456789, may take 10m; last was deployment 1",
  ]);
  const bare = statusView(await facts(liveA(5)));
  expect(bare).not.toHaveProperty("deliveries");
  expect(renderStatus(bare, { width: 80, paints: PLAIN, all: true }).join("\n")).not.toContain("DELIVERIES");
});
