import { linesOf, type Variables, VERSION } from "./variables";

const HEAD = "# cutover writes this file: the flags of ";
/** The names stand in the file: a rollout whose flags have changed since still knows which lines it has written. */
const NAMES = "# and nothing else than ";

/** A file of `KEY=value` as `env_file` of compose and `EnvironmentFile` of systemd read it. */
export function envFile(rollout: string, variables: Variables): string {
  const names = Object.keys(variables).join(" ");
  return [`${HEAD}${rollout}`, `${NAMES}${names}`, ...linesOf(variables), ""].join("\n");
}

/** The first line that is none of this rollout's, from 1: such a file is nobody's to overwrite. */
export function foreignLine(rollout: string, text: string): number | undefined {
  const [head, listed = "", ...lines] = text.split("\n");
  if (head !== `${HEAD}${rollout}`) return 1;
  if (!listed.startsWith(NAMES)) return 2;
  const names = new Set(listed.slice(NAMES.length).split(" "));
  const at = lines.findIndex((line) => line.trim() !== "" && !names.has(entry(line)?.[0] ?? ""));
  return at < 0 ? undefined : at + 3;
}

/** What such a file holds. */
export function heldIn(text: string): Variables {
  const entries = text.split("\n").map(entry);
  return Object.fromEntries(entries.filter((one) => one !== undefined));
}

function entry(line: string): readonly [string, string] | undefined {
  const at = line.indexOf("=");
  return at < 1 || line.startsWith("#") ? undefined : [line.slice(0, at), line.slice(at + 1)];
}

/** Whether these hold the same flags, of whichever deployment: a hold, too, is one, and no reason to start servers anew. */
export function sameVariables(held: Variables, wanted: Variables): boolean {
  const flags = ({ [VERSION]: _, ...rest }: Variables) => JSON.stringify(Object.entries(rest).sort());
  return flags(held) === flags(wanted);
}
