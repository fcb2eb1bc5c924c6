import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createProgress, openSandbox } from "../sandbox";
import { type Figure, seconds } from "./figure";

const PROJECT = dirname(__dirname);
const LIMIT_MS = 120_000;

/** A whole rehearsal, as a person starts it, once all set-up is done. */
export async function benchRehearsal(say: (line: string) => void): Promise<Figure[]> {
  await (await openSandbox({ progress: createProgress() })).stop();
  say("one run");
  const started = performance.now();
  const { code, output } = await rehearse();
  const ms = performance.now() - started;
  if (code !== 0) say(`it did not go as expected:\n${output}`);
  return [
    {
      what: "npm run rehearse, once set up",
      shown: `${seconds(ms)}${code === 0 ? "" : `, but it failed with exit code ${code}`}`,
      limit: `≤ ${LIMIT_MS / 1_000} s`,
      ok: code === 0 && ms <= LIMIT_MS,
    },
  ];
}

function rehearse(): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(PROJECT, "sandbox", "bootstrap.mjs"), "cli/main.ts", "rehearse"],
      {
        cwd: PROJECT,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const parts: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => void parts.push(part));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code: code ?? -1, output: Buffer.concat(parts).toString("utf8") }),
    );
  });
}
