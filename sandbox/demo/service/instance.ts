import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";

/** What a task says to its instance; a connection comes with its socket. */
export interface ToInstance {
  readonly kind: "connection" | "drain";
}

/** What an instance says to its task. */
export type FromInstance =
  | { readonly kind: "ready" }
  /** From now on it answers nobody who asks anew. */
  | { readonly kind: "drained" }
  | { readonly kind: "faults"; readonly faults: object };

/** One start of a server, as a process of its own that is handed its connections. */
export class Instance {
  private readonly exited: Promise<void>;
  private leaving = false;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  /**
   * Starts one. Throws where it ends before it could serve.
   *
   * @param main the module that runs the server, see run.ts
   * @param heard hears of the faults that it is told to have
   * @param died hears of its end, where nobody asked for it
   */
  static async start(
    main: string,
    env: NodeJS.ProcessEnv,
    { heard, died }: { readonly heard: (faults: object) => void; readonly died: () => void },
  ): Promise<Instance> {
    const instance = new Instance(fork(main, [], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    instance.child.on("message", (message: FromInstance) => {
      if (message.kind === "faults") heard(message.faults);
    });
    await instance.says("ready");
    void instance.exited.then(() => instance.leaving || died());
    return instance;
  }

  give(socket: Socket): void {
    this.child.send(
      { kind: "connection" } satisfies ToInstance,
      socket,
      (error) => error && socket.destroy(),
    );
  }

  /** Resolves as soon as it answers nobody who asks anew. It ends by itself, once requests under way are over. */
  async drain(): Promise<void> {
    this.leaving = true;
    if (!this.child.connected) return;
    const drained = this.says("drained");
    this.child.send({ kind: "drain" } satisfies ToInstance);
    await drained.catch(() => {});
  }

  async stop(): Promise<void> {
    this.leaving = true;
    this.child.kill("SIGTERM");
    await this.exited;
  }

  private async says(kind: FromInstance["kind"]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const listener = (message: FromInstance) => {
        if (message.kind !== kind) return;
        this.child.off("message", listener);
        resolve();
      };
      this.child.on("message", listener);
      void this.exited.then(() => reject(new Error(`the instance ended before it was ${kind}`)));
    });
  }
}
