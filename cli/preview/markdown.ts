import { showValue } from "../../src/flags/flags";
import { showTime } from "../../src/gates/judge";
import { signOffYaml } from "../../src/promotion/signOffs";
import { showAgainst, UNRECORDED, unexplained, weakenedYaml } from "../../src/rollout/strength/judge";
import { code, fenced, quoted, row, text } from "../../src/text/markdown";
import { GITHUB_LIMIT, markerOf } from "../../src/text/marker";
import { aborts } from "./aborts";
import { CHANGE_KINDS, type ChangeKind } from "./changes";
import { deliveries } from "./deliveries";
import { type Section, within } from "./fit";
import { gateScore, headlineOf } from "./headline";
import { told } from "./recipients";
import { unprovenLines } from "./unproven";
import type { FlagView, GateView, PreviewView } from "./view";

/** A pull request comment: what matters most first, cut at the end where it is longer than `limit` characters. */
export function markdownOf(view: PreviewView, limit = GITHUB_LIMIT): string {
  const sections = [
    top(view),
    door(view),
    weaker(view),
    objections(view),
    flags(view),
    gates(view),
    signOffs(view),
    ...resources(view),
    snapshot(view),
    deliveries(view),
    aborts(view),
    told(view),
  ].flatMap((section) => section ?? []);
  return within(sections, limit, view.commands ? `The whole of it: ${quoted(view.commands.preview)}.` : "");
}

function top(view: PreviewView): Section {
  const { mark, words } = headlineOf(view);
  const attempt = view.attempt === undefined ? "" : `, attempt ${view.attempt}`;
  const title = view.title === undefined ? "" : `: ${text(view.title)}`;
  const { trouble } = view;
  return {
    name: "summary",
    head: [
      markerOf(view.rollout, view.stage),
      `## ${mark} ${code(view.rollout)} ${code(view.stage)}: ${words}`,
      "",
      `${code(view.stage)}${attempt}${title}.${view.commit ? ` Commit ${code(view.commit)}.` : ""}`,
      ...(view.sentence === undefined ? [] : ["", `${text(view.sentence, 1_000)}.`]),
      ...(trouble ? ["", `**${text(trouble.what, 1_000)}.** ${text(trouble.remedy, 1_000)}.`] : []),
    ],
    items: [...(trouble && trouble.said.length > 0 ? ["", "What was said:", "", ...list(trouble.said)] : [])],
    tail: [],
  };
}

/** Before what is weaker: whatever else is wrong can be mended afterwards. */
function door({ irreversible, stage }: PreviewView): Section | undefined {
  if (!irreversible) return undefined;
  const stays = Object.entries(irreversible.floor).map(
    ([flag, value]) => `${code(flag)} ${showValue(value)}`,
  );
  return {
    name: "no way back",
    head: [
      "",
      `### 🚪 There is no way back from ${code(stage)}`,
      "",
      `**${text(irreversible.because, 300)}.** From its flip on no abort, rollback or lowering goes below ${stays.join(", ")}, whoever asks.`,
    ],
    items: [],
    tail: [],
  };
}

const NEW_IN_BASE =
  "The base of the pull request has no such rollout, so nothing in these files was compared with it";

/** What is weaker than before: first, since no gate can say it. */
function weaker({ weakenings: all, stage, kind, unrecorded, newInBase }: PreviewView): Section | undefined {
  if (all.length === 0 && !unrecorded && !newInBase) return undefined;
  const open = unexplained(all);
  const blocks = open.length > 0 && (kind === "raise" || kind === "restart");
  return {
    name: "weaker than before",
    head: all.length === 0 ? [] : ["", `### ⚠️ Weaker than before: ${all.length}`, ""],
    items: [...open, ...all.filter((one) => !open.includes(one))].map((one) => {
      const why =
        one.reason !== undefined
          ? `Reason: ${text(one.reason, 500)}.`
          : one.spent
            ? "**The reason that stands there was given for something else.**"
            : "**No reason is given.**";
      return `- **${text(one.says, 300)}** (than at ${showAgainst(one)}). ${why}`;
    }),
    tail: [
      ...(blocks
        ? [
            "",
            "Undo it, or say why, and it may be promoted:",
            "",
            ...fenced("yaml", weakenedYaml(stage, open)),
          ]
        : []),
      ...(unrecorded ? ["", `${UNRECORDED}.`] : []),
      ...(newInBase ? ["", `${NEW_IN_BASE}.`] : []),
    ],
  };
}

function objections({ objections: all, timeScale }: PreviewView): Section | undefined {
  const scaled = timeScale !== 1;
  if (all.length === 0 && !scaled) return undefined;
  return {
    name: "what speaks against it",
    head: all.length > 0 ? ["", "What speaks against it:", ""] : [],
    items: list(all),
    tail: scaled ? ["", `_Durations pass ${timeScale} times as fast as the clock: this is a sandbox._`] : [],
  };
}

function list(sentences: readonly string[]): string[] {
  return sentences.map((sentence) => `- ${text(sentence, 1_500)}`);
}

function flags({ flags: all, live, kind }: PreviewView): Section | undefined {
  if (all.length === 0) return undefined;
  const since = live
    ? `Live since ${showTime(live.since)}, by ${text(live.by)} (deployment ${live.deployment}).${
        live.reason === undefined ? "" : ` Reason: ${text(live.reason)}.`
      }`
    : kind === "unknown"
      ? "**What is live is unknown**, so it is not known what would change."
      : "No flags are live yet.";
  return {
    name: "flags",
    head: [
      "",
      "### Flags",
      "",
      row(["flag", "live", "proposed", "change"]),
      row(["---", "---", "---", "---"]),
    ],
    items: all.map(flagRow),
    tail: ["", since],
  };
}

const CHANGE = { raise: "▲ raise", lower: "▼ lower", none: "none", unknown: "unknown" } as const;

function flagRow({ flag, live, proposed, change }: FlagView): string {
  const next = change === "raise" || change === "lower" ? `**${showValue(proposed)}**` : showValue(proposed);
  return row([code(flag), live === undefined ? "unknown" : showValue(live), next, CHANGE[change]]);
}

const VERDICT = {
  pass: "✅ pass",
  fail: "⛔ fail",
  inconclusive: "❓ unknown",
  "not-run": "❓ not run",
  "at-the-flip": "⏳ at the flip",
} as const;

/** What is open first: it is what somebody has to do something about. */
function gates(view: PreviewView): Section | undefined {
  if (view.gates.length === 0) return undefined;
  const open = view.gates.filter(({ outcome }) => outcome !== "pass" && outcome !== "at-the-flip");
  const rest = view.gates.filter((gate) => !open.includes(gate));
  const stuck = open.filter(({ earliest }) => earliest === undefined).map(({ gate }) => code(gate));
  const when =
    open.length === 0
      ? []
      : view.earliest !== undefined
        ? ["", `**Earliest promotion: ${showTime(view.earliest)}.**`]
        : [
            "",
            `Earliest promotion: not known: no time is set by which ${stuck.join(", ") || "it"} would pass.`,
          ];
  const columns = ["gate", "verdict", "what must hold", "observed", "required", "what to do"];
  return {
    name: "gates",
    head: ["", `### Gates: ${gateScore(view)}`, ...when, "", row(columns), row(columns.map(() => "---"))],
    items: [...open, ...rest].map(gateRow),
    tail: unprovenLines(view.unproven),
  };
}

function gateRow({ gate, outcome, title, observed, required, remedy, earliest }: GateView): string {
  const todo = earliest === undefined ? text(remedy) : `${text(remedy)}: ${showTime(earliest)}`;
  return row([code(gate), VERDICT[outcome], text(title), text(observed), text(required), todo]);
}

function signOffs({ signOffs: missing, stage, attempt, live }: PreviewView): Section | undefined {
  if (missing.length === 0) return undefined;
  const yaml = signOffYaml(
    stage,
    attempt ?? 1,
    missing.map(({ gate }) => gate),
    live?.since ?? "the stage went live",
  );
  return {
    name: "sign-offs still missing",
    head: ["", "### Sign-offs still missing", ""],
    items: [
      ...missing.map(
        ({ gate, title, why, remedy }) => `- ${code(gate)} ${text(title)}: ${text(why)}. ${text(remedy)}.`,
      ),
      ["", "To paste and fill in:", "", ...fenced("yaml", yaml)].join("\n"),
    ],
    tail: [],
  };
}

const DOES: Readonly<Record<ChangeKind, string>> = {
  delete: "delete",
  replace: "replace",
  update: "update",
  create: "create",
  other: "change",
};

/** What is deleted or replaced stands in plain sight, however long the rest is. */
function resources({ changes, outcome, copy }: PreviewView): Section[] {
  if (!changes) return [];
  const { list: all, complete } = changes;
  const counts = CHANGE_KINDS.flatMap((kind) => {
    const count = all.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} to ${DOES[kind]}`];
  }).join(", ");
  const grave = all.filter(({ kind }) => kind === "delete" || kind === "replace");
  const notes = [
    ...(copy && grave.length > 0
      ? ["", "What is secret is not there for this preview: what is made of it may seem to change."]
      : []),
    ...(outcome === "blocked" && all.length > 0 ? ["", "Nothing of it is done while it is blocked."] : []),
    ...(complete ? [] : ["", "**Incomplete**: the preview stopped before it had looked at everything."]),
  ];
  const others = all.filter((change) => !grave.includes(change));
  const table = ["", row(["would", "type", "name"]), row(["---", "---", "---"])];
  const rows = (some: typeof all) =>
    some.map((change) => row([DOES[change.kind], code(change.type), code(change.name)]));
  return [
    {
      name: "resources that are deleted or replaced",
      head: [
        "",
        `### Resources: ${counts || (complete ? "none changes" : "none seen")}`,
        ...notes,
        ...(grave.length > 0 ? table : []),
      ],
      items: rows(grave),
      tail: [],
    },
    ...(others.length === 0
      ? []
      : [
          {
            name: "resources that are created or updated",
            head: ["", `<details><summary>${others.length} to create, update or change</summary>`, ...table],
            items: rows(others),
            tail: ["", "</details>"],
          },
        ]),
  ];
}

function snapshot({ snapshot: taken }: PreviewView): Section | undefined {
  if (!taken) return undefined;
  return {
    name: "snapshot",
    head: ["", "### Snapshot", ""],
    items: [
      `${code(taken.id)} of the RDS ${taken.kind} ${code(taken.of)}, taken before the flags change. It is kept whatever becomes of the stack.`,
    ],
    tail: [],
  };
}
