import { dumpAddress } from "../../src/gates/dumps/address";
import type { Problem } from "../../src/text/problem";
import { UsageError } from "../exit";
import type {
  DatabaseAnswer,
  FlagAnswer,
  MetricAnswers,
  SnapshotAnswer,
  StageAnswer,
  Value,
} from "./answers";

/** What was written, and what it is not. */
export function refusal(problems: readonly Problem[]): UsageError {
  return new UsageError("No files are written:", problems);
}

function wrong(where: string, what: string, remedy: string): UsageError {
  return refusal([{ where, what, remedy }]);
}

/** `a, b` as its words. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `OPS_READ`, `ROLLOUT_PERCENT:percentage` or `RATE_LIMIT:off/shadow/enforce`. */
export function parseFlag(text: string): FlagAnswer {
  const [, flag = "", kind] = /^([^:]*)(?::(boolean|percentage|[^/]+(?:\/[^/]+)+))?$/.exec(text) ?? [];
  if (flag === "")
    throw wrong(
      `--flag ${text}`,
      "is no flag",
      "Write its name, NAME:percentage, or NAME:off/shadow/enforce for states in their order",
    );
  if (kind?.includes("/")) return { name: flag, kind: "states", states: kind.split("/") };
  return { name: flag, kind: kind === "percentage" ? "percentage" : "boolean" };
}

/** `p5`, or `p5:PERCENT=5,READ=true`. */
export function parseStage(text: string): StageAnswer {
  const [, name = "", rest] = /^([^:=,]+)(?::(.*))?$/.exec(text.trim()) ?? [];
  if (name === "")
    throw wrong(`--stage ${text}`, "is no stage", "Write its name, or NAME:FLAG=value,FLAG=value");
  return rest === undefined ? { name } : { name, values: parseValues(rest, `--stage ${name}`) };
}

/** `PERCENT=5, READ=true`. */
export function parseValues(text: string, where = "--stage"): [flag: string, value: Value][] {
  return list(text).map((pair) => {
    const [, flag = "", value = ""] =
      /^([^=]+)=([A-Za-z][\w.-]*|\d{1,3}(?:\.\d{1,3})?)$/.exec(pair.replaceAll(" ", "")) ?? [];
    if (flag === "")
      throw wrong(
        where,
        `says ${pair}, which is no value of a flag`,
        "Write FLAG=true, FLAG=50 or FLAG=shadow",
      );
    if (value === "true" || value === "false") return [flag, value === "true"];
    return [flag, /^\d/.test(value) ? Number(value) : value];
  });
}

/** `stageA=20`. */
export function parseThreshold(text: string): [stage: string, threshold: number] {
  const [, stage = "", number = ""] = /^([^=]+)=(\d{1,9})$/.exec(text.trim()) ?? [];
  if (stage === "") throw wrong(`--threshold ${text}`, "is no threshold", "Write STAGE=number");
  return [stage, Number(number)];
}

/** `instance:ops-db` or `cluster:ops`. */
export function parseSnapshot(text: string): SnapshotAnswer {
  const [, kind, id = ""] = /^(instance|cluster):([A-Za-z][A-Za-z0-9-]{0,62})$/.exec(text.trim()) ?? [];
  if (id === "")
    throw wrong(
      `--snapshot ${text}`,
      "is no database of RDS",
      "Write instance:ID, or cluster:ID for one of Aurora",
    );
  return { kind: kind === "cluster" ? "cluster" : "instance", id };
}

/** `s3://ops-backups/postgres`, or the whole path of a folder. */
export function parseBackup(text: string): string {
  const read = dumpAddress.safeParse(text.trim());
  if (read.success) return read.data;
  throw wrong(
    `--backup ${text}`,
    "is nowhere that dumps can lie",
    "Write s3://BUCKET/PREFIX, or the whole path of a folder",
  );
}

/** Where a database is, whatever login and settings stand around it: these are left out. */
const DATABASE =
  /^(?:postgres(?:ql)?:\/\/(?:[^/?#]*@)?)?([A-Za-z0-9.-]+)(?::(\d{1,5}))?\/([\w-]+)(?:\?[^#]*)?$/;

/** `db.internal/app`, `db.internal:5433/app` or `postgres://db.internal/app`. No login of a URL is kept, or shown. */
export function parseDatabase(text: string): Omit<DatabaseAnswer, "tables"> {
  const [, host = "", written, name = ""] = DATABASE.exec(text.trim()) ?? [];
  const port = Number(written ?? POSTGRES_PORT);
  if (host === "" || port < 1 || port > 65_535)
    throw wrong(
      "--database",
      "is no database",
      "Write HOST/NAME, HOST:PORT/NAME or the URL of one, such as db.internal/app",
    );
  return { host, name, ...(port === POSTGRES_PORT ? {} : { port }) };
}

const POSTGRES_PORT = 5432;

/** A table as the files name it. All of them are of one schema, which is public where nothing else is said. */
export function parseTable(text: string): string {
  return text.trim().replace(/^public\./, "");
}

/** `LatencyMs:500`. */
export function parseLatency(text: string): NonNullable<MetricAnswers["latency"]> {
  const [, name = "", limit = ""] = /^(.+):(\d{1,7})$/.exec(text.trim()) ?? [];
  if (name === "" || Number(limit) === 0)
    throw wrong(`--latency ${text}`, "is no limit", "Write METRIC:milliseconds, such as LatencyMs:500");
  return { name, limit: Number(limit) };
}
