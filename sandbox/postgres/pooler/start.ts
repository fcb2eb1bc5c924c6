import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../host/ports";
import type { Service } from "../../host/processes";
import { writeProgram } from "../../host/program";
import { untilReady } from "../../host/ready";

const PACE = { everyMs: 25, withinMs: 60_000 };

/** The files that it identifies itself and the server by, in PEM. */
export interface PoolerFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/**
 * Starts a pooler before a server of the sandbox's own, as a process of its own. As RDS Proxy, PgBouncer or a host's own it
 * takes few start-up parameters, and keeps nothing of a session from transaction to transaction; as the first it is the
 * one that takes tokens of IAM.
 *
 * @returns the port on this machine that it listens on
 */
export async function startPooler(
  { processes, dir, env }: Place,
  { host, port, files }: { readonly host: string; readonly port: number; readonly files: PoolerFiles },
): Promise<number> {
  const outfile = join(dir, "pooler.cjs");
  await writeProgram(join(__dirname, "main.ts"), outfile);
  const args = [outfile, host, String(port), JSON.stringify(files)];
  const service = await processes.spawn("pooler", process.execPath, args, { env: { PATH: env.PATH ?? "" } });
  return untilReady(
    service,
    () => listening(service),
    PACE,
    () => "The pooler before PostgreSQL did not start.",
  );
}

function listening({ log }: Service): number | undefined {
  const line = /^\{"listening":(\d+)\}$/m.exec(readFileSync(log, "utf8"));
  return line === null ? undefined : Number(line[1]);
}
