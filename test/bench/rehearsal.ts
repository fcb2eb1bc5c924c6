import { spawn } from "node:child_process";
import { join } from "node:path";
import { PROGRAM } from "../../cli/sandbox/project";
import { createProgress, openSandbox } from "../../sandbox";
import { type Figure, seconds } from "./figure";

/** What is promised of two idle cores, in seconds. */
const LIMITS: readonly (readonly [args: readonly string[], seconds: number])[] = [
  [[], 180],
  [["--quick"], 45],
  [["--rows"], 480],
  [["--rollout", "v2-pipeline"], 150],
];

/** Rehearsals, as a person starts them, once all set-up is done. */
export async function benchRehearsal(say: (line: string) => void): Promise<Figure[]> {
  await (await openSandbox({ progress: createProgress() })).stop();
  const figures: Figure[] = [];
  for (const [args, limit] of LIMITS) {
    const { ms, failed } = await rehearse(args, say);
    figures.push({
      what: `npm run rehearse${args.length > 0 ? ` -- ${args.join(" ")}` : ""}, once set up`,
      shown: `${seconds(ms)}${failed}`,
      limit: `≤ ${limit} s`,
      ok: failed === "" && ms <= limit * 1_000,
    });
  }
  return figures;
}

/** One run of one, as a process of its own. `failed` says how it failed, and is empty where it did not. */
async function rehearse(
  args: readonly string[],
  say: (line: string) => void,
): Promise<{ ms: number; failed: string }> {
  say(`one run of rehearse ${args.join(" ")}`);
  const started = performance.now();
  const { code, output } = await run(args);
  const ms = performance.now() - started;
  if (code !== 0) say(`it did not go as expected:\n${output}`);
  return { ms, failed: code === 0 ? "" : `, but it failed with exit code ${code}` };
}

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(PROGRAM, "cli", "bootstrap.mjs"), "cli/main.ts", "rehearse", ...args],
      {
        cwd: PROGRAM,
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
