import { aheadOf, carriedBy } from "../delivery/order";
import { type DeliveryConfig, deliveryKindOf, withinOf } from "../delivery/registry";
import { VERSION, variableOf } from "../delivery/variables";
import type { Rollout } from "./rollout";

/** A delivery as people read of it. */
export interface DeliveryInWords {
  readonly name: string;
  /** Where to: `Vercel, project prj_12345`. */
  readonly to: string;
  /** How long it may take. */
  readonly within: string;
  /** Those that are given what goes up before it; on the way down it comes before them. */
  readonly after: readonly string[];
  /** The variables that servers there read. */
  readonly variables: readonly string[];
}

/** Deliveries in the order in which they are given what goes up. What waits for no other stands as declared. */
export function deliveriesInOrder({
  flags,
  delivery = {},
}: Pick<Rollout, "flags" | "delivery">): DeliveryInWords[] {
  const carried = carriedBy(flags, delivery);
  const all = Object.entries(delivery).map(
    ([name, config]): DeliveryInWords => ({
      name,
      to: whereTo(config),
      within: withinOf(config),
      after: aheadOf(flags, carried, name, "raise"),
      variables: [...Object.keys(flags).flatMap((flag) => variableOf(config, flag) ?? []), VERSION],
    }),
  );
  const ordered: DeliveryInWords[] = [];
  for (let left = all; left.length > 0; ) {
    const ready = left.filter(({ after }) => after.every((name) => ordered.some((one) => one.name === name)));
    // Those that wait for each other are refused when config is loaded.
    const next = ready.length > 0 ? ready : left;
    ordered.push(...next);
    left = left.filter((one) => !next.includes(one));
  }
  return ordered;
}

/** Where to, in words. */
export function whereTo(config: DeliveryConfig): string {
  const { title, place } = deliveryKindOf(config);
  return `${title}, ${place(config)}`;
}

/** How one goes up and down beside the others, in words that go on "it …"; undefined where it waits for nobody. */
export function showAfter({ after }: DeliveryInWords): string | undefined {
  return after.length === 0 ? undefined : `up after ${after.join(", ")}, down before`;
}
