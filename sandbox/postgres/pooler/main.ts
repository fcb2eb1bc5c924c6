import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { listenAnywhere } from "../../host/ports";
import { serve } from "./connection";
import type { PoolerFiles } from "./start";

/** A pooler as a process of its own: says where it listens. */
async function main(host: string, port: string, files: string): Promise<void> {
  const { ca, cert, key, clientCert, clientKey } = Object.fromEntries(
    Object.entries(JSON.parse(files) as PoolerFiles).map(([name, file]) => [name, readFileSync(file)]),
  ) as Record<keyof PoolerFiles, Buffer>;
  const behind = { host, port: Number(port), ca, cert, key, client: { cert: clientCert, key: clientKey } };
  // Messages are passed on one by one: each would wait for the acknowledgement of the one before.
  const server = createServer(
    { noDelay: true },
    (socket) => void serve(socket, behind).catch(() => socket.destroy()),
  );
  console.log(JSON.stringify({ listening: await listenAnywhere(server) }));
}

void main(String(process.argv[2]), String(process.argv[3]), String(process.argv[4]));
