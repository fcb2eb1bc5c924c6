import type { Tokens } from "./ops-view/identity";
import type { Role } from "./ops-view/items";
import { pace } from "./service/pace";
import { type FlagAnswer, TrafficLog, type TrafficReport } from "./traffic-log";

export interface TrafficOptions {
  /** The servers. Each client stays with one of them, as behind a sticky load balancer. */
  urls: string[];
  tokens: Tokens;
  workspace: string;
  /** All clients together. Slow answers lower it; nothing raises it. */
  ratePerSecond?: number;
  /** How often each server is asked for its flags, beside the rate. */
  flagsEveryMs?: number;
}

export interface Traffic {
  /** What was seen so far. */
  snapshot(): TrafficReport;
  /** Lets requests under way finish, deletes what the clients created, and tells what was seen. */
  stop(): Promise<TrafficReport>;
}

/** The people at work: mostly analysts, since only they write. */
const CLIENTS: readonly Role[] = ["analyst", "analyst", "admin", "verifier", "analyst", "admin"];

/** Marks what traffic creates, so that it is known from what people create. */
const RECORD = "traffic";

const TIMEOUT_MS = 10_000;

/** Real requests of mixed roles, all the while, with a log of what a client could have seen. */
export function startTraffic(options: TrafficOptions): Traffic {
  const log = new TrafficLog(Date.now());
  const abort = new AbortController();
  const { urls, ratePerSecond = 20, flagsEveryMs = 100 } = options;
  // At least one client for each server, or a server would go unwatched.
  const clients = Array.from({ length: Math.max(CLIENTS.length, urls.length) }, (_, index) => {
    const role = CLIENTS[index % CLIENTS.length] as Role;
    return new Client(at(urls, index), options.tokens[role], options.workspace, log);
  });

  const running = [
    ...clients.map((client, index) => {
      const everyMs = (1_000 * clients.length) / ratePerSecond;
      const steps =
        CLIENTS[index % CLIENTS.length] === "analyst" ? client.analystSteps() : client.readerSteps();
      return pace(everyMs, (everyMs * index) / clients.length, abort.signal, async () => {
        await steps.next();
      });
    }),
    ...urls.map((url) => pace(flagsEveryMs, 0, abort.signal, () => askFlags(url, log))),
  ];

  return {
    snapshot: () => log.report(Date.now()),
    async stop() {
      abort.abort();
      await Promise.all(running);
      const report = log.report(Date.now());
      await Promise.all(
        urls.map((url) => sweep(new Client(url, options.tokens.admin, options.workspace, log))),
      );
      return report;
    },
  };
}

/** One person's requests, in the order in which a person makes them. */
class Client {
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly workspace: string,
    private readonly log: TrafficLog,
  ) {}

  /** One request for each `next()`. */
  async *readerSteps(): AsyncGenerator<void> {
    for (;;) {
      for (const path of ["/operations/queue", "/patches", "/operations/queue", "/rfis"]) {
        await this.send("GET", path);
        yield;
      }
    }
  }

  async *analystSteps(): AsyncGenerator<void> {
    const patch = { record_id: RECORD, field_key: "due_date", intent: "correct" };
    const rfi = { question: "Which document is this from?", target_record_id: RECORD };
    for (;;) {
      await this.send("GET", "/patches");
      yield;
      yield* this.lifeOf("/patches", patch, { status: "Submitted" });
      await this.send("GET", "/operations/queue");
      yield;
      yield* this.lifeOf("/rfis", rfi, { custody_status: "awaiting_verifier" });
      await this.send("POST", "/batches", { file: "traffic.csv", revision: 1 });
      yield;
    }
  }

  /** Create, move, delete. What a failure leaves behind is deleted by `sweep`. */
  private async *lifeOf(path: string, fields: object, move: object): AsyncGenerator<void> {
    const created = (await this.send("POST", path, fields)) as { id: string; version: number } | undefined;
    yield;
    if (!created) return;
    await this.send("PATCH", `${path}/${created.id}`, { ...move, version: created.version });
    yield;
    await this.send("DELETE", `${path}/${created.id}`);
    yield;
  }

  /** The answer's `data`, or undefined where it is not a success. */
  async send(method: string, path: string, body?: object): Promise<unknown> {
    const [at, started] = [Date.now(), performance.now()];
    const exchange = { at, method, url: `${this.url}/api/v2.5/workspaces/${this.workspace}${path}` };
    const answer = await fetch(exchange.url, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined);
    this.log.exchange({
      ...exchange,
      status: answer?.status ?? null,
      ms: Math.round(performance.now() - started),
    });
    if (!answer || answer.status >= 300 || answer.text === "") return undefined;
    return (JSON.parse(answer.text) as { data: unknown }).data;
  }
}

/** A server that restarts does not answer; its next answer is what counts. */
async function askFlags(url: string, log: TrafficLog): Promise<void> {
  const answer = await fetch(`${url}/api/v2.5/feature-flags`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    .then(async (response) => (response.ok ? ((await response.json()) as { data: FlagAnswer }) : undefined))
    .catch(() => undefined);
  if (answer) log.flags(Date.now(), url, answer.data);
}

/** Deletes, as an admin, what the clients had created and not yet deleted. */
async function sweep(admin: Client): Promise<void> {
  for (const [path, field] of [
    ["/patches", "record_id"],
    ["/rfis", "target_record_id"],
  ] as const) {
    const list = (await admin.send("GET", path)) as { items: Record<string, unknown>[] } | undefined;
    for (const item of list?.items ?? []) {
      if (item[field] === RECORD) await admin.send("DELETE", `${path}/${item.id}`);
    }
  }
}

function at(urls: string[], index: number): string {
  const url = urls[index % urls.length];
  if (url === undefined) throw new Error("Traffic needs at least one server.");
  return url;
}
