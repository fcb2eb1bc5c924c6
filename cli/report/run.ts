import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { problemsOf } from "../../src/rollout/config/problems";
import { whyUnread, whyUnwritten } from "../../src/text/fileTrouble";
import { UserError } from "../../src/text/problem";
import { createProgress } from "../../src/text/progress";
import { hostsOf, redactAll, redactor, secretsIn } from "../../src/text/redact";
import { EXIT, type Exit, UsageError } from "../exit";
import { fitting } from "../fitting";
import { readProject } from "../project";
import { type ReportData, type ReportEvent, reportEvent } from "./data";
import { gatherReport } from "./gather";
import { render } from "./render";
import { gapsOf, sentenceOf } from "./standing";

export interface ReportOptions {
  /** The folder with the stack files. */
  readonly folder: string;
  /** Where the page is written. */
  readonly html?: string | undefined;
  /** Prints the data as JSON, and nothing else. */
  readonly json?: boolean | undefined;
  /** A JSON file with what else happened. */
  readonly events?: string | undefined;
  /** How long throttling and a silent network are put up with, in ms. */
  readonly patience?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  readonly warn?: (line: string) => void;
}

/**
 * Writes the report page of a rollout. A part that could not be read is named, and the page says so too: it is
 * written all the same. Throws a `UserError` where there is nothing to report of, and a `UsageError` of events that are none.
 */
export async function reportCommand(options: ReportOptions): Promise<Exit> {
  const { folder, html, json = false, env = process.env } = options;
  const { print = console.log, warn = console.error } = options;
  if (html === undefined && !json) {
    warn(fitting("Say where the page goes: --html FILE, or --json for the data alone.", process.stderr));
    return EXIT.usage;
  }
  const project = readProject(folder, env);
  const events = options.events === undefined ? [] : await readEvents(options.events);
  const gathered = await createProgress().step(`Reading ${project.rollout.name}`, () =>
    gatherReport({ project, folder, env, events, patience: options.patience }),
  );
  const data: ReportData = redactAll(gathered, redactor(knownOf(project.rollout, env)));
  if (html !== undefined) await write(html, render(data));
  if (json) print(JSON.stringify(data));
  else print(`${data.rollout}: ${sentenceOf(data)}\nThe report is in ${html}`);
  for (const gap of gapsOf(data)) warn(`PARTIAL: ${gap}`);
  return EXIT.ok;
}

/** What this rollout's words may hold that must not be seen by everyone who sees the page. */
function knownOf(
  { database, service, servers }: ReturnType<typeof readProject>["rollout"],
  env: NodeJS.ProcessEnv,
) {
  const urls = [...(service ? [service.url] : []), ...(servers?.urls ?? [])];
  return {
    secrets: secretsIn(env),
    hosts: [...(database ? [database.host] : []), ...urls.flatMap(hostsOf)],
  };
}

const listOfEvents = z.array(reportEvent);

async function readEvents(file: string): Promise<ReportEvent[]> {
  const refuse = (what: string): never => {
    throw new UsageError("The events cannot be read:", [
      {
        where: file,
        what,
        remedy: 'Write a JSON list such as [{"at": "2026-11-21T10:00:00Z", "kind": "note", "title": "…"}]',
      },
    ]);
  };
  const text = await readFile(file, "utf8").catch((error: unknown) => refuse(whyUnread(error)));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("is not JSON");
  }
  const parsed = listOfEvents.safeParse(value);
  if (parsed.success) return parsed.data;
  const locate = (path: readonly (string | number)[]) => `${file} ${path.join(".")}`;
  throw new UsageError("The events cannot be read:", problemsOf(parsed.error, value, listOfEvents, locate));
}

async function write(file: string, page: string): Promise<void> {
  await writeFile(file, page).catch((error: unknown) => {
    throw new UserError("The report cannot be written:", [
      {
        where: file,
        what: whyUnwritten(error),
        remedy: "Name a file in a folder that is there and may be written to",
      },
    ]);
  });
}
