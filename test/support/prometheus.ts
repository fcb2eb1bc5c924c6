import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot, madeOnce } from "../../sandbox/host/cache";
import { onFreePort, PortTakenError } from "../../sandbox/host/ports";
import type { Processes } from "../../sandbox/host/processes";
import { untilReady } from "../../sandbox/host/ready";

const run = promisify(execFile);

/** What to do where there is none, and none can be fetched. */
export const NO_PROMETHEUS =
  "There is no Prometheus on this machine, and apt-get cannot fetch Debian's. Put one on the PATH, or name it in CUTOVER_PROMETHEUS.";

/**
 * A Prometheus: one of this machine, or Debian's package, unpacked into the user's cache without being installed. Undefined
 * where there is none.
 */
export async function findPrometheus(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (env.CUTOVER_PROMETHEUS) return env.CUTOVER_PROMETHEUS;
  const onPath = (env.PATH ?? "").split(delimiter).map((folder) => join(folder, "prometheus"));
  const found = onPath.find((file) => existsSync(file));
  if (found) return found;
  try {
    const folder = await madeOnce(join(cacheRoot(), "prometheus-debian"), async (aside) => {
      await run("apt-get", ["download", "prometheus"], { cwd: aside });
      const deb = readdirSync(aside).find((name) => name.endsWith(".deb")) ?? "";
      await run("dpkg-deb", ["-x", deb, "."], { cwd: aside });
    });
    return join(folder, "usr", "bin", "prometheus");
  } catch {
    return undefined;
  }
}

/**
 * Starts one on loopback that scrapes itself, and what else is named.
 *
 * @param apps host and port of what has `/metrics`
 */
export async function startPrometheus(
  processes: Processes,
  program: string,
  dir: string,
  apps: readonly string[] = [],
): Promise<string> {
  await mkdir(dir, { recursive: true });
  return onFreePort(async (port) => {
    const config = join(dir, `prometheus-${port}.yml`);
    const address = `127.0.0.1:${port}`;
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: "1s" },
        scrape_configs: [
          { job_name: "itself", static_configs: [{ targets: [address] }] },
          { job_name: "apps", static_configs: [{ targets: apps }] },
        ],
      }),
    );
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${dir}/${port}`,
      `--web.listen-address=${address}`,
    ];
    const service = await processes.spawn("prometheus", program, args, { env: {} });
    const url = `http://${address}`;
    await untilReady(
      service,
      async () => ((await isReady(url)) ? url : undefined),
      { everyMs: 100, withinMs: 60_000 },
      () => "Prometheus did not start.",
    ).catch((error: unknown) => {
      throw /address already in use/.test(String(error)) ? new PortTakenError(port) : error;
    });
    return url;
  });
}

/** Ready, and with a first look at itself. */
async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/v1/query?query=up{job=%22itself%22}%20==%201`);
    const { data } = (await answer.json()) as { data?: { result?: unknown[] } };
    return (data?.result ?? []).length === 1;
  } catch {
    return false;
  }
}
