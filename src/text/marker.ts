import { digestOf } from "./digest";

/** What begins the hidden marker of every comment of this tool. */
export const MARKER_PREFIX = "<!-- cutover:";

/** GitHub takes 65,536 characters; what it counts as one may be two of ours, never the other way round. */
export const GITHUB_LIMIT = 65_536;

/**
 * The hidden first line of a comment, by which its successor finds it: `<!-- cutover:ROLLOUT/STAGE -->`. Whatever
 * the names hold, it is one HTML comment on one line, and names that differ have markers that differ.
 */
export function markerOf(rollout: string, stage: string): string {
  return `${MARKER_PREFIX}${encode(rollout)}/${encode(stage)} -->`;
}

/** The marker that a comment begins with, if it is one of this tool's. */
export function markerIn(body: string): string | undefined {
  return /^<!-- cutover:[A-Za-z0-9._%-]+\/[A-Za-z0-9._%-]+ -->(?=\r?\n|$)/.exec(body)?.[0];
}

/** Longer names are told apart by their hash: the marker must not fill the comment. */
const LONGEST = 160;

/** Percent-encoded, with nothing left that could end an HTML comment. Never empty. */
function encode(name: string): string {
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\uFFFD"))
    .replace(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/-(?=-)|-$|^-/g, "%2D");
  if (encoded.length > LONGEST) {
    return `${encoded.slice(0, LONGEST - 17).replace(/%.?$/, "")}_${digestOf(name, 16)}`;
  }
  return encoded === "" ? "%00" : encoded;
}
