/** Where GitHub looks for it, in this order; the first one counts. Source: GitHub's docs, "About code owners". */
export const OWNERS_FILES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

/** A line that names owners of what it matches. */
interface Line {
  readonly matches: RegExp;
  readonly owners: readonly string[];
}

/**
 * Who owns a file by the text of a CODEOWNERS file: the last line that matches it says so, and one without owners takes
 * it away from everybody. GitHub leaves out lines that it cannot read, with `!` or brackets.
 *
 * @returns the owners of a path from the repository's root; none where nobody is asked
 */
export function ownersIn(text: string): (path: string) => readonly string[] {
  const lines = text.split(/\r?\n/).flatMap((line): Line[] => {
    const [pattern = "", ...owners] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/(?<!\\)\s+/);
    if (pattern === "" || /^!|[[\]]/.test(pattern)) return [];
    return [{ matches: matching(pattern), owners: owners.filter((owner) => owner.includes("@")) }];
  });
  return (path) => lines.findLast(({ matches }) => matches.test(path))?.owners ?? [];
}

/** A pattern as gitignore has it, but for a star at the end of a folder, which takes what lies right in it alone. */
function matching(pattern: string): RegExp {
  const anchored = pattern.replace(/\/$/, "").includes("/");
  const body = pattern
    .replace(/^\//, "")
    .replaceAll("\\ ", " ")
    .replaceAll(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll(/\*\*\/|\*\*|\*|\?/g, (star) => STARS[star] ?? star);
  // A folder stands for all that is in it, and so may any name; only a star of a folder does not go further down.
  const further = pattern.endsWith("/") ? ".+" : /(^|\/)\*$/.test(pattern) && anchored ? "" : "(/.+)?";
  return new RegExp(`^${anchored ? "" : "(.*/)?"}${body}${further}$`);
}

const STARS: Readonly<Record<string, string>> = {
  "**/": "(.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
