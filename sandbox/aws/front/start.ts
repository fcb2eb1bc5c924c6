import { join } from "node:path";
import { LOOPBACK, type Place } from "../../host/ports";
import type { Service } from "../../host/processes";
import { writeProgram } from "../../host/program";

/** Starts the front before an emulator that may still be starting. */
export async function startFront(
  { env, processes, dir }: Place,
  {
    port,
    upstream,
    token,
    models,
  }: {
    readonly port: number;
    readonly upstream: string;
    readonly token: string;
    /** The folder of AWS's models. */
    readonly models: string;
  },
): Promise<Service> {
  const outfile = join(dir, "front.cjs");
  await writeProgram(join(__dirname, "main.ts"), outfile);
  return processes.spawn(
    `front-${port}`,
    process.execPath,
    [outfile, String(port), upstream, token, models],
    {
      env: { PATH: env.PATH ?? "" },
    },
  );
}

/** Whether the front that was started with this token answers on a port; undefined where nobody does. */
export async function isFront(port: number, token: string): Promise<boolean | undefined> {
  try {
    const response = await fetch(`http://${LOOPBACK}:${port}/_front/health`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await response.text()) === token;
  } catch {
    return undefined;
  }
}
