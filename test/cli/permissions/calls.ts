import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Role } from "../../../cli/permissions/asked";
import type { Needed } from "./needed";

/** A call of a command under a role's printed policies, with names and ids as they are for any run. */
export interface RecordedCall extends Needed {
  readonly role: Role;
  /** What was typed. */
  readonly command: string;
}

const FILE = join(__dirname, "calls.json");

/**
 * What a rollout's life called, command by command: `CUTOVER_RECORD=1` has the test of that life write it anew. Each
 * permission is held to it without a sandbox.
 */
export const RECORDED = JSON.parse(readFileSync(FILE, "utf8")) as readonly RecordedCall[];

/** The rollout that is recorded has a name of its own, and AWS gives ids and suffixes. */
export function recordOf(
  role: Role,
  command: string,
  { action, on, passedTo, context }: Needed,
): RecordedCall {
  const plain = (one: string) =>
    one
      .replaceAll(/\ballowed(?=[-/.]|$)/g, "ops-view")
      .replace(/(application|environment|configurationprofile|deploymentstrategy)\/[^/]+/g, "$1/abc1234")
      .replace(/(:secret:.*)-[A-Za-z0-9]{6}$/, "$1-AbCdEf")
      .replace(/(event-source-mapping:).+$/, "$1abc");
  return {
    ...{ role, command, action, on: on.map(plain) },
    ...(passedTo === undefined ? {} : { passedTo }),
    ...(context === undefined ? {} : { context: withPlain(context, plain) }),
  };
}

function withPlain(context: Readonly<Record<string, string>>, plain: (one: string) => string) {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, plain(value)]));
}

/** Writes what was called, each once and in order, where that is asked for. */
export function keepCalls(calls: readonly RecordedCall[]): void {
  if (!process.env.CUTOVER_RECORD) return;
  const lines = [...new Set(calls.map((one) => JSON.stringify(one)))].sort();
  writeFileSync(FILE, `[\n${lines.map((line) => `  ${line}`).join(",\n")}\n]\n`);
}
