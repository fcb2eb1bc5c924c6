import { alarmName } from "../aws/names";
import { subjectOf } from "../channels/plain";
import type { Note } from "../flags/ledger";
import type { Message } from "./pages";

/** A page that a person saw. */
export interface SeenPage {
  readonly rollout: string;
  readonly stage: string;
  /** Of an alarm's page. */
  readonly row?: string | undefined;
  /** When that alarm fired, ISO 8601 in UTC. */
  readonly fired?: string | undefined;
  /** Of its code. */
  readonly digest: string;
}

/** What channels are told of it: in one line who, when, and what. `by` as AWS knows them; `at` in ms since the epoch. */
export function seenMessage(page: SeenPage, by: string | undefined, at: number): Message {
  const { rollout, stage, row, fired, digest } = page;
  const when = new Date(at).toISOString();
  const what = ["the page of", rollout, stage, ...(row === undefined ? [] : [row])].join(" ");
  const text = `${nameOf(by)} saw it at ${when.slice(0, 16).replace("T", " ")} UTC: ${what}`;
  return {
    subject: subjectOf(text),
    text,
    attributes: {
      ...{ kind: "acknowledged", rollout, stage, at: when },
      ...(row === undefined ? { page: digest } : { row, alarm: alarmName(rollout, stage, row) }),
      ...(fired === undefined ? {} : { fired }),
    },
  };
}

/** When the alarm fired of which the ledger has an entry: its reason begins with that. Undefined for any other entry. */
export function firedAt({ row, reason = "" }: Pick<Note, "row" | "reason">): string | undefined {
  const [at = ""] = reason.split(" ", 1);
  return row !== undefined && /^\d{4}-\d\d-\d\dT.*Z$/.test(at) && !Number.isNaN(Date.parse(at))
    ? at
    : undefined;
}

/** What a person goes by: the end of an ARN, which is the name of a user or of a role's session. */
export function nameOf(by: string | undefined): string {
  return by?.split("/").at(-1) || "somebody";
}
