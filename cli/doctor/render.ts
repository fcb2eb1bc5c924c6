import { counted } from "../../src/text/counted";
import { Page, type Paints } from "../../src/text/page";
import { type Finding, GROUPS, type State } from "./finding";

const MARKS: Readonly<Record<State, readonly [mark: string, paint: keyof Paints]>> = {
  ok: ["✔", "good"],
  fault: ["✖", "bad"],
  later: ["–", "dim"],
  hand: ["–", "dim"],
  unknown: ["?", "wait"],
};

/** What has to be mended comes first in its group. */
const ORDER: readonly State[] = ["fault", "unknown", "ok", "hand", "later"];

/** A line of the table: findings that say the same, by their names. */
interface Line extends Omit<Finding, "name" | "where"> {
  readonly names: readonly string[];
  readonly wheres: readonly string[];
}

/** The table, as lines no wider than `width`, with what it comes to at its end. */
export function renderDoctor(
  findings: readonly Finding[],
  { width, paints }: { readonly width: number; readonly paints: Paints },
): string[] {
  const page = new Page(width, paints);
  return [
    ...GROUPS.flatMap((group) => {
      const lines = together(findings.filter((one) => one.group === group));
      return lines.length === 0 ? [] : [...page.section(group), ...lines.flatMap((one) => rowOf(one, page))];
    }),
    "",
    ...page.text(sumOf(findings)),
  ];
}

/** Puts together what says the same of several things. */
function together(findings: readonly Finding[]): Line[] {
  const lines = new Map<string, Line>();
  for (const { name, where, ...one } of findings) {
    const key = JSON.stringify([one.state, one.what, one.remedy]);
    const { names = [], wheres = [] } = lines.get(key) ?? {};
    lines.set(key, {
      ...one,
      names: [...new Set([...names, name])],
      wheres: [...new Set([...wheres, ...(where === undefined ? [] : [where])])],
    });
  }
  return [...lines.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

function rowOf({ state, names, what, wheres, remedy }: Line, page: Page): string[] {
  const [mark, paint] = MARKS[state];
  const cells = [{ text: mark, width: 2, paint: page.paints[paint] }];
  const mends = state === "fault" || state === "unknown";
  return [
    ...page.row(cells, `${page.paints.bold(names.join(", "))}: ${what}`),
    ...(mends && wheres.length > 0 ? page.row(BELOW, page.paints.dim(wheres.join("; "))) : []),
    ...(mends && remedy ? page.row(BELOW, `→ ${remedy}`) : []),
  ];
}

const BELOW = [{ text: "", width: 4 }];

function sumOf(findings: readonly Finding[]): string {
  const count = (state: State) => together(findings.filter((one) => one.state === state)).length;
  const [faults, unknown] = [count("fault"), count("unknown")];
  if (faults === 0 && unknown === 0) return "Nothing has to be mended.";
  const words = [
    ...(faults > 0 ? [`${counted(faults, "fault")} to mend`] : []),
    ...(unknown > 0 ? [`${counted(unknown, "line")} that could not be looked at`] : []),
  ];
  return `${words.join(", ")}.`;
}
