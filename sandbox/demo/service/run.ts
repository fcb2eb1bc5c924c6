import type { ServerSettings } from "./settings";

/** A server that runs. */
export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Runs one server as a process of its own: prints one line of JSON on stdout once it serves, all else goes to stderr.
 * Stops on SIGTERM or SIGINT.
 */
export function runServer<Settings extends ServerSettings>(
  read: (env: NodeJS.ProcessEnv) => Settings,
  start: (settings: Settings) => Promise<RunningServer>,
): void {
  const starting = async () => {
    const settings = read(process.env);
    return { name: settings.SERVER_NAME, server: await start(settings) };
  };
  starting().then(
    ({ name, server }) => {
      console.log(JSON.stringify({ ready: server.url, server: name, pid: process.pid }));
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
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
