import type { Socket } from "node:net";
import type { FromInstance, ToInstance } from "./instance";
import type { ServerSettings } from "./settings";

/** A server that runs. */
export interface RunningServer {
  url: string;
  /** Serves a connection that another process accepted. */
  take(socket: Socket): void;
  /** Lets requests under way finish. */
  stop(): Promise<void>;
}

/** Hears of the faults that a server has from now on. */
export type FaultsHeard = (faults: object) => void;

/**
 * Runs one server as a process of its own, or as the instance of a task (see task.ts): prints one line of JSON on
 * stdout once it serves, all else goes to stderr. Stops on SIGTERM or SIGINT.
 */
export function runServer<Settings extends ServerSettings>(
  read: (env: NodeJS.ProcessEnv) => Settings,
  start: (settings: Settings, heard: FaultsHeard) => Promise<RunningServer>,
): void {
  const tell = (message: FromInstance) => void process.send?.(message);
  const starting = async () => {
    const settings = read(process.env);
    return {
      name: settings.SERVER_NAME,
      server: await start(settings, (faults) => tell({ kind: "faults", faults })),
    };
  };
  starting().then(
    ({ name, server }) => {
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
      process.on("message", (message: ToInstance, socket: Socket | undefined) => {
        if (message.kind === "connection") return socket && server.take(socket);
        stop();
        tell({ kind: "drained" });
      });
      if (process.send) tell({ kind: "ready" });
      else console.log(JSON.stringify({ ready: server.url, server: name, pid: process.pid }));
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
