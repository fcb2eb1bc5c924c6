import { type AddressInfo, createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { Instance } from "./instance";
import { log } from "./log";
import { every } from "./loop";

/** How often the service is asked for its newest deployment. */
const WATCH_MS = 250;

/** What a task is told by its environment; all the rest is its server's. */
interface Given {
  /** As people know it: cluster/service. */
  readonly service: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/**
 * One task of an ECS service, as ECS has it: each deployment of the service starts its server anew, with the flags of
 * that moment, and the instance before goes once the new one serves. The address stays, and is never without an answer:
 * the task accepts connections, and hands each to the instance that is current.
 */
class Task {
  private current: Instance | undefined;
  /** Whose deployment the current instance is of; undefined where it died. */
  private deployment: string | undefined;
  private faults = process.env.FAULTS ?? "{}";
  private readonly waiting: Socket[] = [];
  private readonly ecs = new ECSClient({ maxAttempts: 1 });

  constructor(
    private readonly main: string,
    private readonly given: Given,
  ) {}

  async run(): Promise<void> {
    await this.follow();
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.accept(socket));
    await new Promise<void>((listening, reject) => {
      server.once("error", reject).listen(this.given.port, "127.0.0.1", listening);
    });
    const watching = every("service", WATCH_MS, () => this.follow());
    const ready = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    console.log(JSON.stringify({ ready, server: process.env.SERVER_NAME, pid: process.pid }));
    const stop = async () => {
      server.close();
      await Promise.all([this.current?.stop(), watching.stop()]);
      process.exit(0);
    };
    process.once("SIGTERM", stop).once("SIGINT", stop);
  }

  private accept(socket: Socket): void {
    if (this.current) this.current.give(socket);
    else this.waiting.push(socket);
  }

  /** Starts the server anew where the service has another deployment, or where it died. */
  private async follow(): Promise<void> {
    // Asked for first: a deployment that comes while the flags are read is another one.
    const newest = await this.newest();
    if (newest === this.deployment) return;
    const { faults } = this;
    const next = await Instance.start(
      this.main,
      { ...process.env, PORT: "0", FAULTS: faults },
      {
        // What a deployment starts is the same code: only a restart of the task heals it.
        heard: (faults) => {
          this.faults = JSON.stringify(faults);
        },
        died: () => {
          log("the server ended by itself, and is started anew");
          this.deployment = undefined;
          if (this.current === next) this.current = undefined;
        },
      },
    );
    // What the server was told meanwhile, the new one has not heard: it is started once more.
    if (this.faults !== faults) return next.stop();
    const before = this.current;
    // In between, whoever connects waits: nobody is answered by the old one who could have asked the new one.
    this.current = undefined;
    await before?.drain();
    this.current = next;
    this.deployment = newest;
    log(`started for deployment ${newest} of ${this.given.service}`);
    for (const socket of this.waiting.splice(0)) next.give(socket);
  }

  private async newest(): Promise<string> {
    const [cluster = "", service = ""] = this.given.service.split("/");
    const { services = [] } = await this.ecs.send(
      new DescribeServicesCommand({ cluster, services: [service] }),
    );
    const id = services[0]?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
    if (id === undefined) throw new Error(`The service ${this.given.service} is not there`);
    return id;
  }
}

const { ECS_SERVICE: service = "", PORT } = process.env;
new Task(resolve(process.argv[2] ?? ""), { service, port: Number(PORT ?? 0) })
  .run()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
