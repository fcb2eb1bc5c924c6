import { z } from "zod";
import { digestOf } from "../text/digest";
import type { DeliveryKind } from "./kind";
import { render, renderKind } from "./kinds/render";
import { ssm, ssmKind } from "./kinds/ssm";
import { vercel, vercelKind } from "./kinds/vercel";
import { webhook, webhookKind } from "./kinds/webhook";

/** What config says of one delivery. */
export const delivery = z.discriminatedUnion("kind", [ssm, vercel, render, webhook]);
export type DeliveryConfig = z.infer<typeof delivery>;

/** `delivery:` of a rollout, by name. Names become part of names of queues. */
export const deliveryMap = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, "a name: a lower-case letter, then up to 15 letters, digits or dashes"),
  delivery,
);
export type DeliveryMap = Readonly<Record<string, DeliveryConfig>>;

const KINDS = { ssm: ssmKind, vercel: vercelKind, render: renderKind, webhook: webhookKind } as const;

/** The kind of a delivery. It is given that delivery's config alone. */
export function deliveryKindOf({ kind }: DeliveryConfig): DeliveryKind<DeliveryConfig> {
  return KINDS[kind] as unknown as DeliveryKind<DeliveryConfig>;
}

/** The name of the secret that a delivery needs; undefined where it needs none. */
export function secretOf(config: DeliveryConfig): string | undefined {
  return "secret" in config ? config.secret : undefined;
}

/** What config says of a delivery that says nothing of where it leads. */
const NO_PLACE = ["within", "flags", "names", "secret"];

/**
 * Under which name it is kept how far a delivery has come: that of where it leads. One that leads elsewhere under the same
 * name has started no server there yet.
 */
export function keptAs(name: string, config: DeliveryConfig): string {
  const place = Object.entries(config).filter(([key]) => !NO_PLACE.includes(key));
  const sorted = JSON.stringify(place.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${name}-${digestOf(sorted, 12)}`;
}

/** How long it may take, as declared or by kind. */
export function withinOf(config: DeliveryConfig): string {
  return config.within ?? deliveryKindOf(config).within;
}
