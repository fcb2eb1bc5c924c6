/** Where a repository lies: each host has its own places and its own way to read a list of owners. */
export type HostName = "GitHub" | "GitLab";

/** Where each looks for it, in this order; the first one counts. Sources: GitHub's "About code owners", GitLab's "Code Owners". */
export const OWNERS_FILES: Readonly<Record<HostName, readonly [string, ...string[]]>> = {
  GitHub: [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
  GitLab: ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
};

/** A line that names owners of what it matches. */
interface Line {
  readonly matches: RegExp;
  readonly owners: readonly string[];
}

/**
 * Who owns a file by the text of a CODEOWNERS file: the last line that matches it says so, and one without owners takes
 * it away from everybody. GitHub leaves out lines that it cannot read, with `!` or brackets. GitLab asks the owners of
 * each section, which may have owners of its own for lines without any, and those of an optional one need not answer.
 *
 * @returns the owners of a path from the repository's root; none where nobody is asked
 */
export function ownersIn(text: string, host: HostName = "GitHub"): (path: string) => readonly string[] {
  const sections = host === "GitHub" ? [linesIn(text)] : sectionsIn(text);
  return (path) =>
    sections.flatMap((lines) => lines.findLast(({ matches }) => matches.test(path))?.owners ?? []);
}

function linesIn(text: string): Line[] {
  return text.split(/\r?\n/).flatMap((line): Line[] => {
    const [pattern = "", ...named] = wordsOf(line);
    if (pattern === "" || /^!|[[\]]/.test(pattern)) return [];
    return [{ matches: matching(pattern), owners: ownersOf(named, []) }];
  });
}

const wordsOf = (line: string) =>
  line
    .replace(/(^|\s)#.*$/, "")
    .trim()
    .split(/(?<!\\)\s+/);

const ownersOf = (words: readonly string[], otherwise: readonly string[]) => {
  const owners = words.filter((owner) => owner.includes("@"));
  return owners.length > 0 ? owners : otherwise;
};

/** A section of GitLab's: its lines, and those with `!`. */
interface Section {
  readonly optional: boolean;
  readonly lines: Line[];
  readonly leftOut: Line[];
}

/**
 * Those whose owners have to answer. What a line with `!` leaves out, nobody of the section owns, whatever another line of it
 * says. Source: GitLab's merge request 180162.
 */
function sectionsIn(text: string): Line[][] {
  const sections = new Map<string, Section>();
  // Sections of one name are one.
  const sectionOf = (name: string, optional: boolean): Section => {
    const section = sections.get(name) ?? { optional, lines: [], leftOut: [] };
    sections.set(name, section);
    return section;
  };
  let section = sectionOf("", false);
  let owners: readonly string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, mark, name = "", asked, rest = ""] =
      /^(\^)?\[([^\]]+)\](?:\[(\d+)\])?(.*)$/.exec(line.trim()) ?? [];
    if (name !== "") {
      section = sectionOf(name.toLowerCase(), mark !== undefined || asked === "0");
      owners = ownersOf(wordsOf(rest), []);
      continue;
    }
    const [pattern = "", ...named] = wordsOf(line);
    if (pattern === "" || /[[\]]/.test(pattern)) continue;
    if (pattern.startsWith("!"))
      section.leftOut.push({ matches: matchingOnGitLab(pattern.slice(1)), owners: [] });
    else section.lines.push({ matches: matchingOnGitLab(pattern), owners: ownersOf(named, owners) });
  }
  return [...sections.values()].flatMap(({ optional, lines, leftOut }) =>
    optional ? [] : [[...lines, ...leftOut]],
  );
}

/** A pattern as gitignore has it, but for a star at the end of a folder, which takes what lies right in it alone. */
function matching(pattern: string): RegExp {
  const anchored = pattern.replace(/\/$/, "").includes("/");
  // A folder stands for all that is in it, and so may any name; only a star of a folder does not go further down.
  const further = pattern.endsWith("/") ? ".+" : /(^|\/)\*$/.test(pattern) && anchored ? "" : "(/.+)?";
  return new RegExp(`^${anchored ? "" : "(.*/)?"}${bodyOf(pattern)}${further}$`);
}

/** Any path is one at any depth there unless it begins with a slash, and a name without one after it is a file alone. */
export function matchingOnGitLab(pattern: string): RegExp {
  if (pattern === "*") return /^/;
  return new RegExp(
    `^${pattern.startsWith("/") ? "" : "(.*/)?"}${bodyOf(pattern)}${pattern.endsWith("/") ? ".+" : ""}$`,
  );
}

const bodyOf = (pattern: string) =>
  pattern
    .replace(/^\//, "")
    .replaceAll("\\ ", " ")
    .replaceAll(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll(/\*\*\/|\*\*|\*|\?/g, (star) => STARS[star] ?? star);

const STARS: Readonly<Record<string, string>> = {
  "**/": "(.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
