import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Declarations, environment, openFlags, reportHandler } from "../../../kit/node/src";

/** What it reads: its flags, and the variables of those that have a name of their own. */
interface Declared {
  readonly declared: Declarations;
  readonly names?: Readonly<Record<string, string>>;
}

/**
 * A server that reads its flags from environment variables, once, as those on platforms do: whoever starts it gives it the
 * variables that the platform holds. It tells its flags as the kit has it, and says where once it listens.
 */
async function main(): Promise<void> {
  const { declared, names = {} } = JSON.parse(process.env.FLAGS_DECLARED ?? "{}") as Declared;
  const flags = await openFlags({ flags: declared, source: environment({ names }) });
  const server = createServer(reportHandler(flags, { pid: process.pid }));
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ ready: `http://127.0.0.1:${port}/` }));
  });
  process.once("SIGTERM", () => process.exit(0)).once("disconnect", () => process.exit(0));
}

void main();
