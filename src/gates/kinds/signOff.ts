import type { Ledger } from "../../flags/ledger";
import type { Seen } from "../observation";

/** The stage whose promotion is asked for, as far as people's statements go. */
export interface Stated {
  readonly name: string;
  readonly signOffs: Readonly<
    Record<
      string,
      {
        readonly by: string;
        /** ISO 8601, with any offset. */
        readonly at: string;
        readonly statement: string;
        readonly attempt: number;
        readonly link?: string | undefined;
        readonly expires?: string | undefined;
      }
    >
  >;
}

/** A person's statement, as the stage's config holds it, beside the time since when what it speaks of is live. */
export function observeSignOff(stage: Stated, id: string, ledger: Ledger): Seen {
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
