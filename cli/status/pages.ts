import type { StagePage } from "../../src/abort/readSeen";
import { type Paged, pagesIn, showSeen } from "../../src/flags/acknowledged";
import { type Ledger, showEntry } from "../../src/flags/ledger";
import { showTime } from "../../src/gates/judge";
import type { Page } from "../../src/text/page";
import { plainLine } from "../../src/text/text";
import type { PageView, StatusView } from "./schema";

/**
 * Every page that asked a person to say that they saw it, newest first, and who did. Pure.
 *
 * @param kept those of which the ledger has no entry
 */
export function pageViews(
  ledger: Ledger | undefined,
  rollout: string,
  kept: readonly StagePage[],
): PageView[] {
  const pages = pagesIn(ledger?.history ?? [], rollout);
  // Delivered twice by its topic, an alarm that rolled back has one there, too.
  const alone = kept.filter(
    ({ stage, row, at }) =>
      !pages.some(({ note }) => note.stage === stage && note.row === row && note.id?.endsWith(at)),
  );
  return [...pages.map(viewOf), ...alone.map(keptView)].sort((a, b) =>
    a.at < b.at ? 1 : a.at > b.at ? -1 : 0,
  );
}

function viewOf(page: Paged): PageView {
  const { deployment, note, at, seen } = page;
  return {
    stage: note.stage,
    deployment,
    of: showEntry({ deployment, note, state: "complete", configurationVersion: "" }),
    at: new Date(at).toISOString(),
    ...(seen ? { seen: seenView(seen) } : {}),
    said: showSeen(page),
  };
}

function keptView({ stage, row, at, seen }: StagePage): PageView {
  return {
    stage,
    of: `the alarm of ${stage}, by ${row}`,
    at,
    ...(seen ? { seen: seenView(seen) } : {}),
    said: showSeen({ at: Date.parse(at), seen }),
  };
}

const seenView = ({ at, by }: Pick<NonNullable<Paged["seen"]>, "at" | "by">) => ({
  at: new Date(at).toISOString(),
  ...(by === undefined ? {} : { by }),
});

/** The newest page, and whether a person saw it; every one where all is asked for. Nothing before the first. */
export function renderPages(page: Page, { pages: part }: StatusView, all: boolean): string[] {
  if (!part.known) return page.unknown("LAST PAGE", part);
  const [newest, ...older] = part.value;
  if (newest === undefined) return [];
  return [
    ...page.section("LAST PAGE", plainLine(showPage(newest))),
    ...(all ? older.flatMap((one) => page.row([], plainLine(showPage(one)))) : []),
  ];
}

function showPage({ of, deployment, at, said }: PageView): string {
  return `of ${of} (${deployment === undefined ? showTime(at) : `deployment ${deployment}`}): ${said}`;
}
