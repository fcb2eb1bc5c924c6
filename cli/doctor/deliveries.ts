import { type Ledger, originOf } from "../../src/flags/ledger";
import type { Finding } from "./finding";
import { type Ground, must } from "./ground";
import { judgeDeliveries } from "./judge/deliveries";

/** Looks at where flags are carried on to, where a rollout declares any. */
export async function deliveries(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  if (Object.keys(rollout.delivery ?? {}).length === 0) return [];
  const { readDeliveries } = await import("./look/deliveries");
  const { arn } = must(await ground.caller());
  const at = { region: ground.region ?? "", arn, left: ground.left };
  const [seen, came] = await Promise.all([
    readDeliveries(rollout, at, (secret) => ground.secrets.push(secret)),
    ground.came(),
  ]);
  const live = came.ok ? ({ ok: true, value: liveOf(came.value.ledger) } as const) : came;
  return judgeDeliveries({ rollout, locate, live, ...seen });
}

function liveOf(ledger: Ledger | undefined) {
  if (!ledger?.live) return undefined;
  const { flags, deployment } = ledger.live;
  return { flags, deployment, since: originOf(ledger)?.deployment ?? deployment };
}
