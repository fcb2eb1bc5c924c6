import type { DeliveryConfig } from "../../src/delivery/registry";
import type { Answered, Asked } from "../host/http";
import { ENDPOINT_KEY, endpoint } from "./endpoint";
import type { Hosted } from "./platform";
import { RENDER, render } from "./render";
import { VERCEL, vercel } from "./vercel";

/** What stands in for a platform that is spoken with by HTTP. */
interface StandIn {
  /** The text of the delivery's secret here. */
  readonly secret: string;
  /** Answers as the platform does, for what the delivery names. */
  answer(hosted: Hosted, asked: Asked): Answered;
}

type Of<Kind extends DeliveryConfig["kind"]> = Extract<DeliveryConfig, { kind: Kind }>;

/** By the kind of a delivery; none for what lies in AWS, which a sandbox has. */
const STAND_INS: { readonly [Kind in DeliveryConfig["kind"]]?: (config: Of<Kind>) => StandIn } = {
  vercel: (config) => ({
    secret: VERCEL.token,
    answer: (hosted, asked) => vercel(hosted, asked, config),
  }),
  render: (config) => ({
    secret: RENDER.key,
    answer: (hosted, asked) => render(hosted, asked, config),
  }),
  webhook: () => ({ secret: ENDPOINT_KEY, answer: endpoint }),
};

/** What stands in for a delivery's platform; undefined where that is a part of AWS. */
export function standInFor(config: DeliveryConfig): StandIn | undefined {
  const made = STAND_INS[config.kind] as ((config: DeliveryConfig) => StandIn) | undefined;
  return made?.(config);
}
