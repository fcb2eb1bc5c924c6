import { showValue } from "../../src/flags/flags";
import { showTime } from "../../src/gates/judge";
import { showFinish } from "../../src/rollout/finished";
import { showDuration } from "../../src/text/duration";
import { Page, type Paints } from "../../src/text/page";
import { plainLine } from "../../src/text/text";
import { renderDeliveries } from "./deliveries";
import { renderPages } from "./pages";
import type { AlarmView, AttemptView, GatesView, MessageView, StageState, StatusView } from "./schema";

export interface RenderOptions {
  /** Columns that a line may take. */
  readonly width: number;
  readonly paints: Paints;
  /** Every gate, alarm and message; else only those that a person has to look at. */
  readonly all: boolean;
}

const MARK: Readonly<Record<StageState, readonly [mark: string, paint: keyof Paints]>> = {
  passed: ["✔", "good"],
  live: ["●", "good"],
  soaking: ["●", "wait"],
  deploying: ["…", "wait"],
  aborted: ["✖", "bad"],
  finished: ["⚑", "good"],
  blocked: ["■", "wait"],
  ready: ["▶", "good"],
  next: ["▷", "dim"],
  "not started": ["○", "dim"],
  unknown: ["?", "bad"],
};

/** A status as lines of text: no line is wider than asked for, and none needs colour to be understood. */
export function renderStatus(view: StatusView, options: RenderOptions): string[] {
  const { paints, width, all } = options;
  const page = new Page(width, paints);
  const title = view.title === undefined ? view.rollout : `${view.rollout}: ${view.title}`;
  return [
    ...page.text(paints.bold(plainLine(title))),
    ...(view.release === undefined ? [] : page.text(`Release ${plainLine(view.release)}`)),
    ...page.text(paints.dim(`${view.region}, ${showTime(view.at)}`)),
    ...finished(page, view),
    ...stages(page, view),
    ...attempts(page, view, all),
    ...flags(page, view),
    ...renderDeliveries(page, view),
    ...(view.gates ? gates(page, view.gates, all) : []),
    ...alarms(page, view, all),
    ...drill(page, view),
    ...renderPages(page, view, all),
    ...messages(page, view, all),
    ...attention(page, view),
  ];
}

/** A column that fits the longest of its texts, with a gap. */
function column(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length)) + 2;
}

function finished(page: Page, view: StatusView): string[] {
  if (view.finished === undefined) return [];
  return page.text(
    `${page.paints.good("FINISHED")}: ${plainLine(view.rollout)} is ${plainLine(showFinish(view.finished))}. Its flags stay; what is left: up, then destroy of each stage, the last one first`,
  );
}

function stages(page: Page, { stages: list }: StatusView): string[] {
  const { paints } = page;
  const width = column(list.map(({ name }) => name));
  const rows = list.map(({ name, state, sentence, title, irreversible }) => {
    const [text, paint] = MARK[state];
    const cells = [
      { text, width: 2, paint: paints[paint] },
      { text: name, width, paint: paints.bold },
      { text: state, width: 13, paint: paints[paint] },
    ];
    const said = state === "not started" ? (title ?? "") : sentence;
    const door = irreversible === undefined ? [] : [`irreversible: ${irreversible}`];
    return page.row(cells, plainLine([said, ...door].filter((part) => part !== "").join("; ")));
  });
  return [...page.section("STAGES"), ...rows.flat()];
}

/** Of stages that were tried again; of the others what stands above says it all. */
function attempts(page: Page, { stages: list }: StatusView, all: boolean): string[] {
  const shown = list.filter(({ attempts: made }) => made.length > (all ? 0 : 1));
  if (shown.length === 0) return [];
  const width = column(shown.map(({ name }) => name));
  const rows = shown.flatMap(({ name, attempts: made }) =>
    made.flatMap((one) =>
      page.row(
        [
          { text: name, width, paint: page.paints.bold },
          { text: String(one.attempt), width: 4 },
        ],
        plainLine(showAttempt(one)),
      ),
    ),
  );
  return [...page.section("ATTEMPTS"), ...rows];
}

function showAttempt({ deployment, at, by, release, said }: AttemptView): string {
  if (deployment === undefined) return said;
  const when = at === undefined ? "" : ` at ${showTime(at)}`;
  const who = by === undefined ? "" : ` by ${by}`;
  const what = release === undefined ? "" : `, release ${release}`;
  return `${said}; flipped${when}${who}, in deployment ${deployment}${what}`;
}

function flags(page: Page, { flags: part, at }: StatusView): string[] {
  if (!part.known) return page.unknown("FLAGS", part);
  if (part.value === null) return page.section("FLAGS", "none live");
  const { values, deployment, by, since, undeclared, kept } = part.value;
  const known = Object.entries(values).map(([flag, value]): [string, string] => [flag, showValue(value)]);
  const foreign = undeclared.map((key): [string, string] => [plainLine(key), "not declared"]);
  const rows = [...known, ...foreign];
  const width = column(rows.map(([flag]) => flag));
  return [
    ...page.section("FLAGS", `${ago(since, at)} by ${plainLine(by)} (deployment ${deployment})`),
    ...rows.flatMap(([text, value]) => page.row([{ text, width }], value)),
    ...(kept === undefined ? [] : page.row([], plainLine(`Kept by any abort: ${kept}`))),
  ];
}

function gates(page: Page, part: NonNullable<StatusView["gates"]>, all: boolean): string[] {
  const { paints } = page;
  if (!part.known) return page.unknown("GATES", part);
  const { stage, verdicts, measured } = part.value;
  const counted = (
    [
      ["pass", "pass"],
      ["fail", "fail"],
      ["inconclusive", "inconclusive"],
      ["not-run", measured ? "not due" : "not measured (--gates measures them)"],
    ] as const
  ).flatMap(([outcome, word]) => {
    const number = verdicts.filter((verdict) => verdict.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${word}`];
  });
  const shown = verdicts.filter(({ outcome }) => all || outcome === "fail" || outcome === "inconclusive");
  const width = column(shown.map(({ id }) => id));
  const paintOf = { pass: paints.good, fail: paints.bad, inconclusive: paints.bad, "not-run": paints.dim };
  return [
    ...page.section("GATES", `of ${stage}: ${counted.join(", ") || "none"}`),
    ...shown.flatMap((verdict) => {
      const { id, outcome } = verdict;
      const cells = [
        { text: id, width, paint: paints.bold },
        { text: outcome, width: 14, paint: paintOf[outcome] },
      ];
      return page.row(cells, plainLine(showGate(verdict)));
    }),
  ];
}

function showGate({ outcome, title, observed, required, remedy, earliest }: GatesView["verdicts"][number]) {
  if (outcome === "not-run") return title;
  if (outcome === "pass") return `${title}: ${observed}`;
  const when = earliest ? `, not before ${showTime(earliest)}` : "";
  return `${title}: ${observed}; required ${required}. ${remedy}${when}`;
}

/** Stands for the row of an alarm by which cutover watches itself. */
const OWN = "cutover";

function alarms(page: Page, { alarms: part, at }: StatusView, all: boolean): string[] {
  const { paints } = page;
  if (!part.known) return page.unknown("ALARMS", part);
  const perStage = [...new Set(part.value.map(({ stage }) => stage))].map((stage) => {
    const rows = part.value.filter((alarm) => alarm.stage === stage);
    const states = (["alarm", "missing", "not armed", "no data", "ok"] as const).flatMap((word) => {
      const number = rows.filter((alarm) => wordOf(alarm) === word).length;
      return number === 0 ? [] : [`${number} ${word}`];
    });
    return `${stage}: ${states.join(", ")}`;
  });
  const quiet = ["ok", "no data"];
  const shown = part.value.filter((alarm) => all || !quiet.includes(wordOf(alarm)));
  const width = column(shown.map(({ row }) => row ?? OWN));
  const paintOf = {
    ok: paints.good,
    alarm: paints.bad,
    missing: paints.bad,
    "not armed": paints.bad,
    "no data": paints.wait,
  };
  return [
    ...page.section("ALARMS", perStage.join("; ") || "none"),
    ...shown.flatMap((alarm) => {
      const { row, name, since, title, action, reach, state } = alarm;
      const word = wordOf(alarm);
      const cells = [
        { text: row ?? OWN, width, paint: paints.bold },
        { text: word, width: 11, paint: paintOf[word] },
      ];
      const what =
        row === undefined
          ? name
          : `${title} (${[action, ...(reach === undefined ? [] : [reach])].join(", ")})`;
      const lasting = since ? `, ${word === state ? "" : `${state} `}${forHowLong(since, at)}` : "";
      return page.row(cells, plainLine(`${what}${lasting}${showArmed(alarm)}`));
    }),
  ];
}

/** What cannot act is never "ok", however quiet it is. One that rings does so all the same. */
function wordOf({ state, armed }: AlarmView): AlarmView["state"] | "not armed" {
  const unable = armed !== undefined && armed !== true;
  return unable && (state === "ok" || state === "no data") ? "not armed" : state;
}

function showArmed({ armed }: AlarmView): string {
  if (armed === undefined) return "";
  return armed === true ? "; armed" : `; not armed: ${armed.not}`;
}

function drill(page: Page, { drill: part, at }: StatusView): string[] {
  if (!part.known) return page.unknown("LAST DRILL", part);
  if (part.value === null) return page.section("LAST DRILL", "none");
  const { stage, at: time, tookMs } = part.value;
  const when = time === undefined ? "at an unknown time" : ago(time, at);
  const took = tookMs === undefined ? "" : `, took ${showDuration(tookMs)}`;
  return page.section("LAST DRILL", `${stage}, ${when}${took}`);
}

function messages(page: Page, { messages: part, at }: StatusView, all: boolean): string[] {
  if (!part.known) return page.unknown("NEXT MESSAGE", part);
  const next = nextMessage(part.value);
  const others = part.value.filter(
    (one) => one !== next && (all || one.state === "overdue" || one.state === "unknown"),
  );
  return [
    ...page.section("NEXT MESSAGE", next ? plainLine(showMessage(next, at)) : "none"),
    ...others.flatMap((one) => page.row([{ text: one.state, width: 13 }], plainLine(showMessage(one, at)))),
  ];
}

/** The one that is sent next: by time, and else the one that the next flip begins with. */
function nextMessage(list: readonly MessageView[]): MessageView | undefined {
  const due = list.filter(({ state }) => state === "due");
  return (
    due.sort((a, b) => (a.due ?? "").localeCompare(b.due ?? ""))[0] ??
    list.find(({ state }) => state === "at the flip") ??
    list.find(({ state }) => state === "at the finish")
  );
}

function showMessage({ row, stage, to, title, due, state }: MessageView, at: string): string {
  const when =
    state === "at the finish"
      ? state
      : state === "at the flip"
        ? `at the flip of ${stage}`
        : due === undefined
          ? ""
          : state === "due"
            ? `${until(due, at)} (${showTime(due)})`
            : `due ${showTime(due)}`;
  return `${row} of ${stage} to ${to.join(", ")} ${when}: ${title}`;
}

function attention(page: Page, { attention: list }: StatusView): string[] {
  if (list.length === 0) return [];
  const mark = { text: "!", width: 2, paint: page.paints.bad };
  const rows = list.map(({ where, what, remedy }) =>
    page.row([mark], plainLine(`${where} ${what}. ${remedy}.`)),
  );
  return [...page.section("LOOK AT"), ...rows.flat()];
}

function forHowLong(since: string, at: string): string {
  const ms = Date.parse(at) - Date.parse(since);
  return Number.isFinite(ms) ? `for ${showDuration(Math.max(0, ms))}` : "for an unknown time";
}

function ago(time: string, at: string): string {
  const ms = Date.parse(at) - Date.parse(time);
  return Number.isFinite(ms)
    ? `${showDuration(Math.max(0, ms))} ago (${showTime(time)})`
    : "at an unknown time";
}

function until(time: string, at: string): string {
  const ms = Date.parse(time) - Date.parse(at);
  return ms > 0 ? `in ${showDuration(ms)}` : "now";
}
