import { startServer } from "./server";
import { readSettings } from "./settings";

/**
 * One server of the demo service, described by its environment (see settings.ts). Prints one line of JSON
 * on stdout once it serves; all else goes to stderr. Stops on SIGTERM or SIGINT.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const server = await startServer(settings);
  console.log(JSON.stringify({ ready: server.url, server: settings.SERVER_NAME, pid: process.pid }));

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
