import type { Ledger } from "../../flags/ledger";
import type { Stage } from "../../rollout/rollout";
import type { Seen } from "../observation";

/** A person's statement, as the stage's config holds it, beside the time since when what it speaks of is live. */
export function observeSignOff(stage: Stage, id: string, ledger: Ledger): Seen {
  const signOff = Object.hasOwn(stage.signOffs, id) ? stage.signOffs[id] : undefined;
  if (!ledger.live) return { kind: "failure", failure: "no-data", message: "no flags are live" };
  if (!signOff)
    return {
      kind: "failure",
      failure: "no-data",
      message: `nobody has stated it: signOffs of ${stage.name} has no ${id}`,
    };
  const { by, at, statement, attempt, link, expires } = signOff;
  return {
    kind: "signOff",
    by,
    at: utc(at),
    statement,
    attempt,
    ...(link === undefined ? {} : { link }),
    ...(expires === undefined ? {} : { expires: utc(expires) }),
    liveSince: ledger.live.completedAt,
  };
}

/** Config may give an offset; evidence is in UTC throughout. */
function utc(iso: string): string {
  return new Date(iso).toISOString();
}
