import { keyPart } from "../aws/keyPart";

/**
 * Pages of alarms that the ledger has no entry for, and who said that they saw them: those of rows that only page, of
 * rollbacks that failed, and of reminders. Kept beside what people decided about the rows, where nothing is deployed
 * for it, and where it can be written also while AppConfig cannot. All of it stands in the keys: one request tells it.
 */

/** What is kept of a page: the digest of its code, never the code. */
export function pagedKey(row: string, at: string, digest: string): string {
  return `${row}/paged/${Date.parse(at)}/${digest}`;
}

/** That a person saw a page of the alarm, when (ms since the epoch), and who. */
export function seenKey(row: string, at: string, ms: number, who: string): string {
  const name = keyPart(who).slice(0, 200);
  return `${row}/seen/${Date.parse(at)}/${ms}/${name.replace(/%[0-9A-F]?$/, "")}`;
}

/** Who saw the page of an alarm first. */
export interface Seen {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
}

/** The page of an alarm, whichever of its messages it was. */
export interface KeptPage {
  readonly row: string;
  /** When the alarm fired, ISO 8601 in UTC. */
  readonly at: string;
  /** Of the codes that its messages carried. */
  readonly digests: readonly string[];
  readonly seen?: Seen | undefined;
}

const KEY = /^([^/]+)\/(?:paged\/(\d{1,15})\/([0-9a-f]+)|seen\/(\d{1,15})\/(\d{1,15})\/(.*))$/;

/** Every page that was kept, newest alarm first. Whatever else was kept is left out. */
export function keptPagesIn(keys: Iterable<string>): KeptPage[] {
  const found = new Map<string, { row: string; ms: number; digests: string[]; seen?: Seen }>();
  for (const key of keys) {
    const [, row, paged, digest, of, ms, who = ""] = KEY.exec(key) ?? [];
    const alarm = Number(paged ?? of);
    if (row === undefined || !Number.isFinite(new Date(alarm).getTime())) continue;
    const page = found.get(`${row} ${alarm}`) ?? { row, ms: alarm, digests: [] };
    found.set(`${row} ${alarm}`, page);
    if (digest !== undefined) page.digests.push(digest);
    else if (page.seen === undefined || Number(ms) < page.seen.at)
      page.seen = { at: Number(ms), by: nameIn(who) };
  }
  return [...found.values()]
    .sort((a, b) => b.ms - a.ms)
    .map(({ row, ms, digests, seen }) => ({ row, at: new Date(ms).toISOString(), digests, seen }));
}

/** Who saw the page of one alarm; undefined where nobody said so. */
export function seenOf(keys: Iterable<string>, row: string, at: string): Seen | undefined {
  const ms = Date.parse(at);
  return keptPagesIn(keys).find((page) => page.row === row && Date.parse(page.at) === ms)?.seen;
}

function nameIn(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
