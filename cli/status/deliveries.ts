import { allOff, sameFlags } from "../../src/flags/flags";
import { type Ledger, originOf } from "../../src/flags/ledger";
import { deliveriesInOrder } from "../../src/rollout/deliveries";
import { cutover, type Place } from "../../src/text/command";
import { counted } from "../../src/text/counted";
import { milliseconds } from "../../src/text/duration";
import type { Page, Paints } from "../../src/text/page";
import { plainLine } from "../../src/text/text";
import type { DeliveryFact, Facts } from "./facts";
import type { Attention, DeliveryView, StatusView } from "./schema";

/** How far the live flags were carried on to each platform, in the order in which they go up. Pure. */
export function deliveryViews(
  { rollout, now }: Pick<Facts, "rollout" | "now">,
  ledger: Ledger | undefined,
  facts: Readonly<Record<string, DeliveryFact>>,
): DeliveryView[] {
  const origin = ledger?.live && (originOf(ledger) ?? ledger.live);
  return deliveriesInOrder(rollout).map(({ name, to, within }): DeliveryView => {
    const { delivered, waiting = 0, refused = 0 } = facts[name] ?? {};
    const common = {
      ...{ name, to, within },
      ...(delivered === undefined ? {} : { deployment: delivered }),
      ...(refused > 0 ? { refused } : {}),
    };
    if (!origin) return { ...common, state: "nothing yet" };
    if ((delivered ?? -1) >= origin.deployment) return { ...common, state: "delivered" };
    if (refused > 0) return { ...common, state: "refused" };
    const off = ledger?.live && sameFlags(rollout.flags, ledger.live.flags, allOff(rollout.flags));
    // Nobody calls a delivery before the first flip: servers without their variables have every flag off.
    if (delivered === undefined && waiting === 0 && off) return { ...common, state: "nothing yet" };
    const lasts = now - Date.parse(origin.completedAt ?? "");
    return { ...common, state: lasts > milliseconds(within) ? "late" : "under way" };
  });
}

const PAINT: Readonly<Record<DeliveryView["state"], keyof Paints>> = {
  delivered: "good",
  "under way": "wait",
  "nothing yet": "dim",
  late: "bad",
  refused: "bad",
};

/** Nothing of a rollout whose servers ask AppConfig themselves. */
export function renderDeliveries(page: Page, { deliveries: part }: StatusView): string[] {
  if (!part) return [];
  if (!part.known) return page.unknown("DELIVERIES", part);
  const width = Math.max(0, ...part.value.map(({ name }) => name.length)) + 2;
  return [
    ...page.section("DELIVERIES", counted(part.value.length, "platform")),
    ...part.value.flatMap((one) =>
      page.row(
        [
          { text: one.name, width, paint: page.paints.bold },
          { text: one.state, width: 13, paint: page.paints[PAINT[one.state]] },
        ],
        plainLine(showDelivery(one)),
      ),
    ),
  ];
}

function showDelivery({ to, within, deployment, state }: DeliveryView): string {
  const last = deployment === undefined ? "" : `, deployment ${deployment}`;
  return state === "delivered"
    ? `${to}${last}`
    : `${to}, may take ${within}${last && `; last was${last.slice(1)}`}`;
}

/** Platforms whose servers go on with the flags of before. */
export function deliveryTrouble(deliveries: StatusView["deliveries"], place: Place): Attention[] {
  if (!deliveries?.known) return [];
  return deliveries.value.flatMap(({ name, to, within, state, refused }): Attention[] => {
    if (state !== "late" && state !== "refused") return [];
    const what =
      state === "refused"
        ? `refused the live flags (${to}): ${counted(refused ?? 0, "call")} in its dead-letter queue`
        : `has not taken the live flags (${to}), and ${within} is over`;
    return [
      {
        where: `delivery ${name}`,
        what: `${what}. Servers there go on with the flags of before`,
        remedy: `${cutover(place, "env", `-d ${name}`)} prints what to set there by hand; then start servers anew. ${cutover(place, "doctor")} says what is wrong`,
      },
    ];
  });
}
