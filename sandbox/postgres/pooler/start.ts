import { join } from "node:path";
import type { Place } from "../../host/ports";
import { writeProgram } from "../../host/program";
import { untilListening } from "../../host/ready";

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
  return Number(await untilListening(service, "The pooler before PostgreSQL did not start."));
}
