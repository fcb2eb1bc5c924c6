import { showOnOff } from "../../src/flags/flags";
import type { ReportAlarm, ReportData, ReportDeployment } from "./data";
import type { Happening } from "./happenings";

/** Something that lasted. Milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** The flags' values over time; `off` spans are left out, and what is not known is said to be so. */
export interface FlagSpan extends Span {
  readonly tone: "on" | "unknown";
  /** How far up, 0 to 1: a percentage is drawn at its height. */
  readonly height: number;
}

/** What is drawn of however few percent. */
const LEAST = 0.1;

/** From the first thing that happened to the moment of the report: what every picture of the page spans. */
export function rangeOf(data: ReportData, all: readonly Happening[]): readonly [from: number, to: number] {
  const made = Date.parse(data.madeAt);
  const past = all.map(({ at }) => at).filter((at) => at <= made);
  const first = past.length > 0 ? past.reduce((one, other) => Math.min(one, other)) : made - 3_600_000;
  // A moment has no width to draw in.
  return [Math.min(first, made - 1_000), made];
}

/** A flag over time, from the documents that were live. */
export function flagSpans(data: ReportData, flag: string): FlagSpan[] {
  if (!data.ledger.known) return [];
  const done = data.ledger.value.deployments.filter(
    ({ state, at }) => state === "complete" && at !== undefined,
  );
  const off = data.flags[flag]?.off;
  return done.flatMap((deployment, index): FlagSpan[] => {
    const from = Date.parse(deployment.at as string);
    const next = done[index + 1]?.at;
    const to = next === undefined ? Date.parse(data.madeAt) : Date.parse(next);
    if (!deployment.flags.known) return [{ from, to, label: "unknown", tone: "unknown", height: 1 }];
    const value = deployment.flags.value[flag];
    if (value === undefined || value === off) return [];
    // Half a percent is seen, too. A state is as high as any: its name stands in the bar.
    const height = typeof value === "number" ? Math.max(Math.abs(value - Number(off)) / 100, LEAST) : 1;
    return [
      {
        from,
        to,
        label: showOnOff(value),
        tone: "on",
        height,
      },
    ];
  });
}

/** Spans of equal value that touch, as one: a drill deploys what it finds. */
export function merged(spans: readonly FlagSpan[]): FlagSpan[] {
  const out: FlagSpan[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last && last.to === span.from && last.label === span.label)
      out[out.length - 1] = { ...last, to: span.to };
    else out.push(span);
  }
  return out;
}

/** Whose flags were live when: of the stage that was promoted, or the one that an abort went down to. */
export function stageSpans(data: ReportData): Span[] {
  if (!data.ledger.known) return [];
  const done = data.ledger.value.deployments.filter(
    ({ state, at }) => state === "complete" && at !== undefined,
  );
  const out: Span[] = [];
  done.forEach((deployment, index) => {
    const next = done[index + 1]?.at;
    const to = next === undefined ? Date.parse(data.madeAt) : Date.parse(next);
    const from = Date.parse(deployment.at as string);
    const last = out.at(-1);
    const label = ownerOf(data, deployment);
    // A drill deploys what it finds.
    if (last && last.to === from && (deployment.kind === "drill" || last.label === label))
      out[out.length - 1] = { ...last, to };
    else out.push({ from, to, label });
  });
  return out;
}

/** What happened while one stage was live, oldest first. */
export interface During {
  readonly label: string;
  readonly happenings: readonly Happening[];
  /** It is still to come. */
  readonly due: boolean;
}

/** Happenings by the stage that was live, each time that it was; what is still due stands by itself. None is left out. */
export function duringStages(data: ReportData, all: readonly Happening[]): During[] {
  const spans = stageSpans(data);
  const made = Date.parse(data.madeAt);
  const out: { label: string; happenings: Happening[]; due: boolean }[] = [];
  for (const one of all) {
    const span = spans.findLast(({ from }) => from <= one.at);
    const due = one.at > made;
    const label = due ? "Still to come" : (span?.label ?? "Before the first deployment");
    const last = out.at(-1);
    if (last?.label === label) last.happenings.push(one);
    else out.push({ label, happenings: [one], due });
  }
  return out;
}

function ownerOf({ stages }: ReportData, { kind, stage, flags }: ReportDeployment): string {
  if ((kind === "promote" || kind === "lower") && stage !== undefined) return stage;
  const same = stages.filter(
    (one) => flags.known && Object.entries(flags.value).every(([flag, value]) => one.flags[flag] === value),
  );
  return same.at(-1)?.name ?? "no stage's flags";
}

/** When an alarm was in ALARM. */
export function alarmSpans({ history }: ReportAlarm, until: number): Span[] {
  if (!history.known) return [];
  return history.value.flatMap(({ at, to }, index): Span[] => {
    if (to !== "ALARM") return [];
    const next = history.value.slice(index + 1).find((one) => one.to !== "ALARM");
    const again = history.value[index - 1]?.to === "ALARM";
    return again ? [] : [{ from: Date.parse(at), to: next ? Date.parse(next.at) : until, label: "in ALARM" }];
  });
}
