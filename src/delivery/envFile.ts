import { linesOf, type Variables, VERSION } from "./variables";

const HEAD = "# cutover writes this file: the flags of ";

/** A file of `KEY=value` as `env_file` of compose and `EnvironmentFile` of systemd read it. */
export function envFile(rollout: string, variables: Variables): string {
  return [`${HEAD}${rollout}`, ...linesOf(variables), ""].join("\n");
}

/** What such a file holds; undefined where it is none of this rollout's, and so nobody's to overwrite. */
export function heldIn(rollout: string, text: string): Variables | undefined {
  const [head, ...lines] = text.split("\n");
  if (head !== `${HEAD}${rollout}`) return undefined;
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf("=");
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** Whether these hold the same flags, of whichever deployment: a hold, too, is one, and no reason to start servers anew. */
export function sameVariables(held: Variables, wanted: Variables): boolean {
  const flags = ({ [VERSION]: _, ...rest }: Variables) => JSON.stringify(Object.entries(rest).sort());
  return flags(held) === flags(wanted);
}
