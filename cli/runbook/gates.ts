import { isAct } from "../../src/gates/acts";
import { type Gate, kindOf } from "../../src/gates/gate";
import type { Hand } from "../../src/gates/hand";
import { signOffYaml } from "../../src/promotion/signOffs";
import type { Stage } from "../../src/rollout/rollout";
import { addressed } from "../../src/text/command";
import { block, quoted as code, words as text } from "../../src/text/markdown";

/** The gates of a section, in the order in which they are printed. */
export interface Sections {
  readonly entry: readonly Gate[];
  readonly smoke: readonly Gate[];
  readonly exit: readonly Gate[];
}

/** A row's id in its letters and its number: `XB2` is `XB` and 2. */
function partsOf(id: string): { series: string; number: number } | undefined {
  const [, series, number] = /^([A-Za-z]+)(\d+)[a-z]?$/.exec(id) ?? [];
  return series === undefined ? undefined : { series, number: Number(number) };
}

/**
 * Smoke checks whose ids count on those of another section stand there, where a plan that numbers its criteria has
 * them: A2, which only the flip makes true, between A1 and A3. When it is looked at, each says itself.
 */
export function inPlansOrder({ entry, smoke, exit }: Sections): Sections {
  const seriesOf = (gates: readonly Gate[]) => new Set(gates.map(({ id }) => partsOf(id)?.series));
  const [before, after] = [seriesOf(entry), seriesOf(exit)];
  const goes = (gate: Gate) => {
    const series = partsOf(gate.id)?.series;
    if (series === undefined) return undefined;
    return before.has(series) ? "entry" : after.has(series) ? "exit" : undefined;
  };
  const into = (section: "entry" | "exit", gates: readonly Gate[]) =>
    smoke.filter((gate) => goes(gate) === section).reduce(placed, gates);
  return {
    entry: into("entry", entry),
    smoke: smoke.filter((gate) => goes(gate) === undefined),
    exit: into("exit", exit),
  };
}

/** Puts a gate behind the last one of its series with a lower number; without one, before the first of them. */
function placed(gates: readonly Gate[], gate: Gate): readonly Gate[] {
  const own = partsOf(gate.id);
  const ofSeries = gates
    .map(({ id }) => partsOf(id))
    .map((one) => (one?.series === own?.series ? one : undefined));
  const lower = ofSeries.findLastIndex((one) => one !== undefined && one.number < (own?.number ?? 0));
  const at = lower >= 0 ? lower + 1 : ofSeries.findIndex((one) => one !== undefined);
  return [...gates.slice(0, at), gate, ...gates.slice(at)];
}

/** Rows of gates, each with how a person can look for themselves. */
export function gateSections(gates: readonly Gate[], hand: (gate: Gate) => Hand): string[] {
  const elsewhere = gates.some(({ phase }) => phase !== "smoke");
  return gates.flatMap((gate) => {
    const { id, definition, phase } = gate;
    const kind = kindOf(definition);
    const own = hand(gate);
    const { how, run } = kind.measured(definition, own, gate);
    return [
      `### ${text(id)}: ${text(definition.title)}`,
      "",
      ...(phase === "smoke" && elsewhere ? ["- When: right after the flip, with the smoke checks"] : []),
      ...(phase === "exit" && isAct(gate) ? [ACTED] : []),
      `- Required: ${code(kind.required(gate))}`,
      `- Measured: ${how}`,
      ...(definition.remedy === undefined
        ? []
        : [`- If not: ${text(addressed(definition.remedy, own.place))}`]),
      ...(run ? ["", ...run] : []),
      "",
    ];
  });
}

const ACTED =
  "- When: when `cutover finish` is typed, once every other exit gate passes, and wherever a person types it; nothing that only looks runs it";

/** The YAML that people's statements are pasted into. */
export function signOffs(stage: Stage, gates: readonly Gate[]): string[] {
  const asked = gates.filter(({ definition }) => kindOf(definition).byPerson);
  if (asked.length === 0) return [];
  const ids = asked.map(({ id }) => id);
  const yaml = signOffYaml(stage.name, stage.attempt, ids, `${stage.predecessor ?? stage.name} went live`);
  return [
    "Statements of people, reviewed with the pull request that promotes the stage:",
    "",
    ...block("yaml", yaml.join("\n")),
    "",
  ];
}
