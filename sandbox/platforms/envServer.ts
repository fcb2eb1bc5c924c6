import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What a server is told beside the variables of its platform: what every process of a sandbox carries. */
const CARRIED = ["PATH", "CUTOVER_SANDBOX_MARK"] as const;
const START_MS = 30_000;

/** A server on a platform, which reads its flags when it starts. The next start takes the place of the one before. */
export class EnvServer {
  private current: { readonly url: string; readonly child: ChildProcess } | undefined;

  /**
   * @param program the server's, one file
   * @param declared the flags that it reads, as the kit has them, and the delivery's names for their variables
   */
  constructor(
    private readonly program: string,
    private readonly declared: { readonly declared: object; readonly names?: object | undefined },
  ) {}

  /** Throws where the new one does not come up: the one before goes on then. */
  async launch(variables: Readonly<Record<string, string>>): Promise<void> {
    const carried = Object.fromEntries(CARRIED.map((name) => [name, process.env[name] ?? ""]));
    const child = spawn(process.execPath, [this.program], {
      env: { ...carried, ...variables, FLAGS_DECLARED: JSON.stringify(this.declared) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const url = await readyIn(child);
    const before = this.current;
    this.current = { url, child };
    before?.child.kill();
  }

  /** What it tells of its flags; undefined while none runs. */
  async report(): Promise<string | undefined> {
    if (!this.current) return undefined;
    return (await fetch(this.current.url, { signal: AbortSignal.timeout(5_000) })).text();
  }

  stop(): void {
    this.current?.child.kill();
  }
}

/** Where it listens. Ends what does not come up. */
async function readyIn(child: ChildProcess): Promise<string> {
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line", {
      signal: AbortSignal.timeout(START_MS),
    }),
    once(child, "exit").then(([code]) => [`{"ended":${code}}`]),
  ]).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  })) as [string];
  const { ready } = JSON.parse(line) as { ready?: string };
  if (ready === undefined) throw new Error(`the server ended: ${line}`);
  return ready;
}
