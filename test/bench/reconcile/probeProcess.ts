import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOOPBACK, listenAnywhere } from "../../../sandbox/host/ports";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { CODE_FILE, CONFIG_FILE } from "../../../src/lambda/bundle";
import { functionFile } from "../../../src/lambda/functions";
import { secretText } from "../../../src/probe/login";
import type { Reconciled } from "../../../src/probe/reconcile/reconciler";
import type { ReconcileSettings } from "../../../src/probe/reconcile/settings";
import type { ProbeSettings } from "../../../src/probe/settings";
import type { TestServer } from "../../support/postgres";

/** What a function is given, in MB, and how the runtime bounds Node's heap by it: 90 % for what is old, 5 % for each half of what is new. */
const boundsOf = (memoryMb: number) => [
  `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
  `--max-semi-space-size=${Math.floor(memoryMb * 0.05)}`,
];
const REMAINING_MS = 75_000;
const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:bench";

/** Memory in bytes. */
interface Memory {
  readonly now: number;
  readonly most: number;
}

interface Round {
  readonly found: Reconciled;
  readonly cpuMs: number;
  readonly memory: Memory;
}

/** The probe as AWS runs it: its one file in a Node of its own, with the memory that a function of that size has. */
export class ProbeProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dir: string,
    private readonly aws: Server,
    /** Once its file was loaded, and nothing was asked. */
    readonly atRest: Memory,
  ) {}

  static async start(
    { connection }: TestServer,
    memoryMb: number,
    reconcile: ReconcileSettings,
  ): Promise<ProbeProcess> {
    const dir = await mkdtemp(join(tmpdir(), "cutover-bench-"));
    await copyFile(await functionFile("probe"), join(dir, CODE_FILE));
    const settings: ProbeSettings = {
      ...{ rollout: "bench", stage: "stageB", rows: {}, database: gatePlace(connection) },
      login: { secretArn: SECRET },
      reconcile: { items: reconcile },
      counted: { X1: { of: "items", count: ["missing", "extra", "different"] } },
    };
    await writeFile(join(dir, CONFIG_FILE), JSON.stringify(settings));
    const aws = awsFor(secretText(connection));
    const port = await listenAnywhere(aws);
    const child = fork(join(__dirname, "asLambda.cjs"), [join(dir, CODE_FILE)], {
      execArgv: boundsOf(memoryMb),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        ...{ PATH: process.env.PATH, AWS_REGION: "eu-central-1" },
        ...{ AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" },
        AWS_ENDPOINT_URL: `http://${LOOPBACK}:${port}`,
      },
    });
    const [{ loaded }] = await once(child, "message");
    return new ProbeProcess(child, dir, aws, loaded);
  }

  async round(): Promise<Round> {
    this.child.send(REMAINING_MS);
    const [{ report, error, cpuMs, memory }] = await once(this.child, "message");
    const found = report?.reconciled?.items;
    if (!found) throw new Error(error ?? JSON.stringify(report));
    return { found, cpuMs, memory };
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill();
    await ended;
    this.aws.close();
    this.aws.closeAllConnections();
    await rm(this.dir, { recursive: true });
  }
}

/** What a probe asks of AWS: its secret, and to take its metrics. */
function awsFor(SecretString: string): Server {
  return createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.headers["smithy-protocol"] === "rpc-v2-cbor") {
        // An empty map.
        response.setHeader("smithy-protocol", "rpc-v2-cbor").setHeader("content-type", "application/cbor");
        response.end(Buffer.from([0xa0]));
      } else response.end(JSON.stringify({ SecretString }));
    });
  });
}
