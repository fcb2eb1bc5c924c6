import type { ReportAlarm, ReportData } from "./data";

/** Where a stage stands, in a word with its shape and tone. */
export const STANDINGS = {
  live: { word: "Live", tone: "good" },
  soaking: { word: "Soaking", tone: "info" },
  finished: { word: "Finished", tone: "good" },
  passed: { word: "Passed", tone: "muted" },
  aborted: { word: "Aborted", tone: "bad" },
  down: { word: "Not live", tone: "warn" },
  ahead: { word: "Not yet", tone: "muted" },
  unknown: { word: "Unknown", tone: "warn" },
} as const;

export type Standing = keyof typeof STANDINGS;

/** Where each stage stands at the moment of the report, in their order. */
export function standings(data: ReportData): { readonly stage: string; readonly standing: Standing }[] {
  const { ledger, stages, madeAt } = data;
  if (!ledger.known) return stages.map(({ name }) => ({ stage: name, standing: "unknown" }));
  const { live, deployments } = ledger.value;
  const liveAt = stages.findIndex(({ name }) => name === live?.stage);
  return stages.map(({ name, soakEnds }, index) => {
    if (index === liveAt) {
      if (ledger.value.finished !== undefined) return { stage: name, standing: "finished" };
      const over = soakEnds === undefined || Date.parse(soakEnds) <= Date.parse(madeAt);
      return { stage: name, standing: over ? "live" : "soaking" };
    }
    const promoted = deployments.findLast(
      ({ state, stage, kind }) =>
        state === "complete" && stage === name && (kind === "promote" || kind === "lower"),
    );
    if (!promoted) return { stage: name, standing: "ahead" };
    if (index < liveAt) return { stage: name, standing: "passed" };
    const aborted = deployments.some(({ kind, downs }) => kind === "abort" && downs?.includes(name));
    return { stage: name, standing: aborted ? "aborted" : "down" };
  });
}

/** The state of the rollout in one sentence. */
export function sentenceOf(data: ReportData): string {
  const { ledger, stages, madeAt } = data;
  if (!ledger.known) return `Which flags are live is not known: ${ledger.why}.`;
  const { live, deployments, frozen, finished } = ledger.value;
  if (!live) return "Nothing was ever deployed: the rollout has not begun.";
  const newest = deployments.filter(({ state }) => state === "complete").at(-1);
  const underWay = deployments.find(({ state, number }) => state === "under-way" && number > live.deployment);
  const coming = underWay ? ` A deployment is under way: ${underWay.said}.` : "";
  const kept = live.kept === undefined ? "" : ` No abort goes all the way down: ${live.kept}.`;
  const held = frozen === undefined ? "" : ` Nothing goes up before somebody releases ${frozen}.`;
  const more = `${kept}${held}${coming}`;
  if (finished !== undefined) return `It is ${finished}. Its flags stay.${coming}`;
  if (newest?.kind === "abort")
    return `The flags are down${live.kept === undefined ? "" : ", as far as they go,"} since ${newest.said}${newest.reason ? ` (${newest.reason})` : ""}.${more}`;
  const stage = stages.find(({ name }) => name === live.stage);
  if (!stage) return `The live flags were put there by ${newest?.said ?? "nobody that is known"}.${more}`;
  const soaking = stage.soakEnds !== undefined && Date.parse(stage.soakEnds) > Date.parse(madeAt);
  return `${stage.name} is live${soaking ? ", and its soak is not over yet" : ""}.${more}`;
}

/** Alarms come with their stage's promotion: that one is not there before it is as it should be. */
export function isEarly({ ledger }: ReportData, { state, stage }: ReportAlarm): boolean {
  return state === "missing" && ledger.known && !ledger.value.deployments.some((one) => one.stage === stage);
}

/** And they go after the finish. */
export function isOver({ ledger }: ReportData, { state }: ReportAlarm): boolean {
  return state === "missing" && ledger.known && ledger.value.finished !== undefined;
}

/** All that could not be read, a sentence each. A page that lacks something says so before anything else. */
export function gapsOf(data: ReportData): string[] {
  const { ledger, alarms, signals, evidence, told } = data;
  const deployments = ledger.known ? ledger.value.deployments : [];
  const unread = deployments.filter(({ flags }) => !flags.known);
  const silent = alarms.known
    ? alarms.value.filter(
        (alarm) =>
          alarm.state !== "OK" && alarm.state !== "ALARM" && !isEarly(data, alarm) && !isOver(data, alarm),
      )
    : [];
  const historyless = alarms.known ? alarms.value.filter(({ history }) => !history.known) : [];
  return [
    ...(ledger.known ? [] : [`Live flags and what was deployed: unknown, ${ledger.why}.`]),
    ...grouped(unread, ({ flags }) => (flags.known ? "" : flags.why)).map(
      ([why, some]) => `Flags of deployment ${some.map(({ number }) => number).join(", ")}: unknown, ${why}.`,
    ),
    ...(alarms.known ? [] : [`Alarms: unknown, ${alarms.why}.`]),
    ...grouped(silent, ({ state }) => (state === "missing" ? "there is no such alarm" : "without data")).map(
      ([why, some]) => `Alarm ${some.map(({ stage, row }) => `${stage} ${row}`).join(", ")}: ${why}.`,
    ),
    ...(data.guardsUnknown === undefined
      ? []
      : [`Whether what brings the flags down could act: unknown, ${data.guardsUnknown}.`]),
    ...(alarms.known ? alarms.value : []).flatMap(({ stage, row, unarmed, state }) =>
      unarmed === undefined || state === "missing" ? [] : [`Alarm ${stage} ${row} is not armed: ${unarmed}.`],
    ),
    ...grouped(historyless, ({ history }) => (history.known ? "" : history.why)).map(
      ([why, some]) => `When ${some.map(({ row }) => row).join(", ")} fired: unknown, ${why}.`,
    ),
    ...grouped(
      signals.filter(({ points }) => !points.known),
      ({ points }) => (points.known ? "" : points.why),
    ).map(([why, some]) => `Signal ${some.map(({ metric }) => metric).join(", ")}: unknown, ${why}.`),
    ...signals.flatMap(({ metric, partial }) =>
      partial === undefined ? [] : [`Signal ${metric}: ${partial}.`],
    ),
    ...grouped(
      evidence.filter(({ records }) => !records.known),
      ({ records }) => (records.known ? "" : records.why),
    ).map(([why, some]) => `Evidence of ${some.map(({ stage }) => stage).join(", ")}: unknown, ${why}.`),
    ...(told.known ? [] : [`Messages that were sent: unknown, ${told.why}.`]),
  ];
}

function grouped<T>(items: readonly T[], by: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return [...groups];
}
