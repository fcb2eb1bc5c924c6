import { type Paged, pagesIn, showSeen } from "../../src/flags/acknowledged";
import { type Ledger, showEntry } from "../../src/flags/ledger";
import type { Page } from "../../src/text/page";
import { plainLine } from "../../src/text/text";
import type { PageView, StatusView } from "./schema";

/** Every page that asked a person to say that they saw it, newest first, and who did. Pure. */
export function pageViews(ledger: Ledger | undefined, rollout: string): PageView[] {
  return pagesIn(ledger?.history ?? [], rollout).map((page) => ({
    ...viewOf(page),
    said: showSeen(page),
  }));
}

function viewOf({ deployment, note, at, seen }: Paged): Omit<PageView, "said"> {
  return {
    stage: note.stage,
    deployment,
    of: showEntry({ deployment, note, state: "complete", configurationVersion: "" }),
    at: new Date(at).toISOString(),
    ...(seen
      ? {
          seen: {
            at: new Date(seen.at).toISOString(),
            ...(seen.by === undefined ? {} : { by: seen.by }),
          },
        }
      : {}),
  };
}

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

function showPage({ of, deployment, said }: PageView): string {
  return `of ${of} (deployment ${deployment}): ${said}`;
}
