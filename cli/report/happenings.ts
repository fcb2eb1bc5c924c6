import type { ReportData, ReportDeployment, ReportTold } from "./data";

/** What can happen in a rollout, each with the words and the shape that tell it from the others. */
export const KINDS = {
  promote: { word: "Promotion", tone: "good", shape: "triangle" },
  lower: { word: "Lowered", tone: "warn", shape: "down" },
  abort: { word: "Abort", tone: "bad", shape: "down" },
  stop: { word: "Stop", tone: "bad", shape: "square" },
  hold: { word: "Hold", tone: "warn", shape: "square" },
  page: { word: "Page to on-call", tone: "info", shape: "diamond" },
  acknowledge: { word: "Page acknowledged", tone: "info", shape: "diamond" },
  release: { word: "Release", tone: "info", shape: "diamond" },
  finish: { word: "Finish", tone: "good", shape: "star" },
  drill: { word: "Drill", tone: "info", shape: "diamond" },
  foreign: { word: "Other deployment", tone: "warn", shape: "wye" },
  underWay: { word: "Under way", tone: "info", shape: "wye" },
  takenBack: { word: "Taken back", tone: "bad", shape: "cross" },
  blocked: { word: "Blocked", tone: "warn", shape: "square" },
  alarm: { word: "Alarm", tone: "bad", shape: "circle" },
  quiet: { word: "Alarm over", tone: "muted", shape: "circle" },
  blind: { word: "Without data", tone: "warn", shape: "circle" },
  soaked: { word: "Soak over", tone: "good", shape: "star" },
  message: { word: "Message", tone: "info", shape: "letter" },
  due: { word: "Message due", tone: "muted", shape: "letter" },
  step: { word: "Step", tone: "muted", shape: "diamond" },
  failed: { word: "Failed", tone: "bad", shape: "cross" },
  note: { word: "Note", tone: "info", shape: "diamond" },
} as const;

export type Kind = keyof typeof KINDS;

/** One thing that happened, or is due. */
export interface Happening {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: Kind;
  readonly title: string;
  readonly lines: readonly string[];
}

const RANK = Object.keys(KINDS) as Kind[];

/** All that happened, oldest first. What happened at the same moment is in the order of `KINDS`. */
export function happenings(data: ReportData): Happening[] {
  const all: Happening[] = [
    ...(data.ledger.known ? data.ledger.value.deployments.flatMap(ofDeployment) : []),
    ...ofAlarms(data),
    ...ofStages(data),
    ...ofMessages(data),
    ...data.events.map(
      ({ at, kind, title, lines }): Happening => ({ at: Date.parse(at), kind, title, lines }),
    ),
  ];
  return all.sort(
    (a, b) =>
      a.at - b.at ||
      RANK.indexOf(a.kind) - RANK.indexOf(b.kind) ||
      (a.title < b.title ? -1 : Number(a.title > b.title)),
  );
}

function ofDeployment(deployment: ReportDeployment): Happening[] {
  const { at, state, kind, said, reason, number, seen, by } = deployment;
  if (at === undefined) return [];
  const lines = [
    ...(reason === undefined ? [] : [reason]),
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(seen === undefined ? [] : [`its page: ${seen}`]),
    ...(deployment.flags.known ? [] : [`its flags: unknown, ${deployment.flags.why}`]),
  ];
  const shown: Kind = state === "complete" ? kind : state === "under-way" ? "underWay" : "takenBack";
  return [{ at: Date.parse(at), kind: shown, title: `${said} (deployment ${number})`, lines }];
}

function ofAlarms({ alarms }: ReportData): Happening[] {
  if (!alarms.known) return [];
  return alarms.value.flatMap(({ row, stage, title, action, history }) =>
    history.known
      ? history.value.flatMap(({ at, to }, index): Happening[] => {
          const before = history.value[index - 1]?.to;
          const name = `${stage} ${row}: ${title}`;
          const time = Date.parse(at);
          if (to === "ALARM")
            return [
              {
                at: time,
                kind: "alarm",
                title: name,
                lines: action === "page" ? ["pages only; no flag changes"] : [],
              },
            ];
          // An alarm that has just been made goes from no data to OK: nothing that people need to read.
          if (before === "ALARM")
            return [{ at: time, kind: to === "OK" ? "quiet" : "blind", title: name, lines: [] }];
          return [];
        })
      : [],
  );
}

function ofStages({ stages, madeAt }: ReportData): Happening[] {
  return stages.flatMap(({ name, soak, soakEnds }): Happening[] => {
    const at = soakEnds === undefined ? Number.NaN : Date.parse(soakEnds);
    if (!(at <= Date.parse(madeAt))) return [];
    return [{ at, kind: "soaked", title: `${name} has been live for ${soak} without a break`, lines: [] }];
  });
}

function ofMessages({ messages, told, madeAt }: ReportData): Happening[] {
  const titleOf = (stage: string, row: string) =>
    messages.find((one) => one.stage === stage && one.row === row)?.title;
  const sent = told.known
    ? sendings(told.value).map(({ stage, row, to, at }): Happening => {
        const title = titleOf(stage, row);
        return {
          at: Date.parse(at),
          kind: "message",
          title: `${row} to ${to.join(", ")}${title === undefined ? "" : `: ${title}`}`,
          lines: [],
        };
      })
    : [];
  const due = messages.flatMap(({ row, title, to, due }): Happening[] =>
    due !== undefined && Date.parse(due) > Date.parse(madeAt)
      ? [{ at: Date.parse(due), kind: "due", title: `${row} to ${to.join(", ")}: ${title}`, lines: [] }]
      : [],
  );
  return [...sent, ...due];
}

/** A message goes to its topics one right after the other: that is one thing that happened, not several. */
function sendings(told: readonly ReportTold[]) {
  const found: (Omit<ReportTold, "to"> & { readonly to: string[] })[] = [];
  for (const { to, ...one } of told) {
    const same = found.find(
      ({ stage, row, attempt, at }) =>
        stage === one.stage &&
        row === one.row &&
        attempt === one.attempt &&
        Math.abs(Date.parse(at) - Date.parse(one.at)) < 60_000,
    );
    if (same) same.to.push(to);
    else found.push({ ...one, to: [to] });
  }
  return found;
}
