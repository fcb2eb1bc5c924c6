import { changes, showValue } from "../../src/flags/flags";
import { restartsOf } from "../../src/flags/restart";
import { showCalendar } from "../../src/gates/calendar";
import { announcementsOf, finishingOf, recurringOf, timedOf } from "../../src/rollout/config/messages";
import { recipientsOf, TOLD_COLUMNS, toldRows } from "../../src/rollout/recipients";
import { predecessorOf, type Rollout, type Stage } from "../../src/rollout/rollout";
import { ofStage, type Place, query, setConfig } from "../../src/text/command";
import { DAY_MS, safeMilliseconds } from "../../src/text/duration";
import { quoted as code, shell, table, words as text } from "../../src/text/markdown";
import { deliveredSection } from "./delivered";

export function whatChanges(rollout: Rollout, stage: Stage, place: Place): string[] {
  const before = predecessorOf(rollout, stage);
  const list = changes(rollout.flags, before?.flags ?? {}, stage.flags);
  const rows = Object.entries(stage.flags).map(([flag, value]) => {
    const change = list.find((one) => one.flag === flag);
    const was = change ? showValue(change.from) : showValue(value);
    return [
      code(flag),
      was,
      change ? `**${showValue(value)}**` : showValue(value),
      text(rollout.flags[flag]?.title ?? ""),
    ];
  });
  const restarts = restartsOf(rollout);
  return [
    ...table(
      ["Flag", before ? `After ${text(before.name)}` : "Off", `After ${text(stage.name)}`, "What it does"],
      rows,
    ),
    "",
    "All flags change in one AppConfig deployment: together, or not at all.",
    ...(restarts.length > 0
      ? [
          "",
          `Restarted with them: ${restarts.map(({ cluster, service }) => code(`${cluster}/${service}`)).join(", ")}.`,
        ]
      : []),
    ...deliveredSection(rollout, place),
    ...(stage.soak === undefined
      ? []
      : [
          "",
          `Before the next stage it has to be live for ${text(stage.soak)} without a break.`,
          ...businessCycle(rollout, stage, place),
        ]),
  ];
}

/** Where the soak is a day, a full business cycle shows as much: how it is put in its place. */
function businessCycle({ calendar, stages }: Rollout, stage: Stage, place: Place): string[] {
  const { soak = "" } = stage;
  if (!calendar) return [];
  const cycle = `a whole working day, all of which it is live (${text(showCalendar(calendar))})`;
  if (soak.includes("business")) return ["", `A business cycle is ${cycle}.`];
  if (safeMilliseconds(soak) > DAY_MS) return [];
  const fixed = Object.entries(stage.exit).flatMap(([id, gate]) =>
    "window" in gate && gate.window === soak ? [text(id)] : [],
  );
  const instead = "'1 business cycle'";
  const waits = stages.flatMap(({ name, predecessor, entry }) =>
    predecessor !== stage.name
      ? []
      : Object.entries(entry).flatMap(([id, gate]) =>
          "atLeast" in gate && gate.atLeast !== undefined
            ? [setConfig(place, name, `cutover:stage.entry.${id}.atLeast`, instead)]
            : [],
        ),
  );
  return [
    "",
    `Or one full business cycle in its place: ${cycle}. It is another length, so the preview asks for the reason, under ${code("weakened")}.${stillAsks(fixed, soak)}`,
    "",
    ...shell([setConfig(place, stage.name, "cutover:stage.soak", instead), ...waits]),
  ];
}

/** Exit gates whose own window is as long as the soak: the plan's "0 in 24h" is theirs, whatever the soak is. */
function stillAsks(ids: readonly string[], soak: string): string {
  if (ids.length === 0) return "";
  const one = ids.length === 1;
  return ` ${ids.join(", ")} ${one ? "still looks" : "still look"} at ${soak}, as ${one ? "its" : "their"} ${code("window")} says: until the stage has been live for so long ${one ? "it is" : "they are"} inconclusive, and the next stage waits for ${one ? "it" : "them"}.`;
}

/** What is asked of the imports and when, and the answers from before the first stage, which others are read against. */
export function queries(rollout: Rollout, stage: Stage, place: Place): string[] {
  if (!rollout.database?.imports) return [];
  const ask = (...words: string[]) => query(place, ...words);
  const first = stage.predecessor === undefined;
  return [
    "## Queries of the imports",
    "",
    first
      ? "Document the baseline: bringing this stack up records Q1 to Q6 of the day before. Every later answer is shown beside it."
      : "Each answer is shown beside the baseline, which is from before the first stage.",
    "",
    ...table(
      ["When", "What"],
      [
        [first ? "when the stack is up" : "to see the baseline", code(ask("--baseline"))],
        ...(first
          ? []
          : [
              ["right after the flip", code(ask("Q1", "Q6", "--last 1h"))],
              ["every day", code(ask("Q3", "Q5", "--last 24h"))],
              ["if Q1 shows trouble", code(ask("Q2"))],
              ["if the success rate drops", code(ask("Q4"))],
              ["before the next stage", code(ofStage(place, "query", stage.name))],
            ]),
      ],
    ),
    "",
  ];
}

export function messageRows({ messages }: Stage): string[] {
  const rows = [
    ...announcementsOf(messages).map(({ row, message }) => ({
      row,
      message,
      when: "right before the flags change",
    })),
    ...timedOf(messages).map(({ row, message, after }) => ({
      row,
      message,
      when: `${after} after, if it is still live`,
    })),
    ...recurringOf(messages).map(({ row, message, every }) => ({
      row,
      message,
      when: `every ${every} while it is live`,
    })),
    ...finishingOf(messages).map(({ row, message }) => ({ row, message, when: "when it is finished" })),
  ].map(({ row, message, when }) => [
    text(row),
    message.to.map((to) => text(to)).join(", "),
    when,
    `${text(message.title)}${message.text === undefined ? "" : `. ${text(message.text)}`}`,
  ]);
  const rolledBack = ["C5", "ops, stakeholders", "on any rollback", "Incident notice: why, scope and ETA"];
  return table(["Row", "To", "When", "What"], [...rows, rolledBack]);
}

/** Who reads what the topics carry: by which tool, and by which subscription of the topic itself. */
export function readers(rollout: Rollout, stage: Stage): string[] {
  return table(TOLD_COLUMNS, toldRows(recipientsOf(rollout, stage), { text, code }));
}
