import { spawn } from "node:child_process";
import type { Transport } from "../gates/tls";
import { environmentOf, type OwnerLogin } from "./login";
import { openTunnel } from "./tunnel";

/** How a program ended. */
interface Ended {
  readonly code: number;
  /** What it complained of last, on one line. */
  readonly said: string;
}

/** As much of what it prints is kept. Characters. */
const KEPT = 20_000;
/** What a server says beside its error quotes rows, which are nobody's business; a statement is long. */
const ROWS = /^(?:DETAIL|CONTEXT|HINT|LINE \d+|Command was|\^)/;
/** How many of its last lines are told. */
const LINES = 3;

/** Runs one of PostgreSQL's programs on a database. Returns why it did not end well; undefined where it did. */
export async function runOn(
  { login, transport }: { readonly login: OwnerLogin; readonly transport: Transport },
  path: string,
  args: readonly string[],
): Promise<string | undefined> {
  const tunnel = await openTunnel({ ...login, ...transport });
  try {
    const { code, said } = await run(path, ["--no-password", ...args], environmentOf(login, tunnel));
    return code === 0 ? undefined : (tunnel.failure() ?? said);
  } finally {
    await tunnel.close();
  }
}

/** Runs a program to its end, in an environment of its own. Ctrl-C ends it with us. */
function run(path: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-KEPT);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, said: lastOf(printed) }));
  });
}

function lastOf(printed: string): string {
  const lines = printed
    .split("\n")
    .map((line) => line.replace(/^\S*pg_(dump|restore): (error: )?/, "").trim())
    .filter((line) => line !== "" && !ROWS.test(line));
  return lines.slice(-LINES).join("; ") || "it says nothing";
}
