import { failed } from "../../aws/failure";
import { NOTHING_LIVE, type Sources } from "../look";
import type { Seen } from "../observation";

/** A person's statement, as the stage's config holds it, beside the time since when what it speaks of is live. */
export function look(
  { id }: { readonly id: string },
  { promoted: stage, ledger }: Pick<Sources, "promoted" | "ledger">,
): Seen {
  const signOff = Object.hasOwn(stage.signOffs, id) ? stage.signOffs[id] : undefined;
  if (!ledger.live) return NOTHING_LIVE;
  if (!signOff) return failed("no-data", `nobody has stated it: signOffs of ${stage.name} has no ${id}`);
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
const utc = (iso: string) => new Date(iso).toISOString();
