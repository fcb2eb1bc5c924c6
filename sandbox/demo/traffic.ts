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
  /** Lets requests under way finish, and tells what was seen. What the clients created stays: it is people's work. */
  stop(): Promise<TrafficReport>;
}

/** The people at work: mostly analysts, since only they write. */
const CLIENTS: readonly Role[] = ["analyst", "analyst", "admin", "verifier", "analyst", "admin"];

/** Marks what traffic creates, so that it is known from what people create. */
const RECORD = "traffic";

/** An analyst goes on with what they have, and begins something new each time after so many rounds. */
const NEW_EACH = 10;

/** What becomes of an item next, by its status, and whose move that is. Nothing comes to an end here. */
const MOVES: Readonly<Record<string, { readonly to: string; readonly by: Role }>> = {
  Draft: { to: "Submitted", by: "analyst" },
  Submitted: { to: "Rejected", by: "verifier" },
  Rejected: { to: "Draft", by: "analyst" },
  open: { to: "awaiting_verifier", by: "analyst" },
  awaiting_verifier: { to: "awaiting_analyst", by: "verifier" },
  awaiting_analyst: { to: "awaiting_verifier", by: "analyst" },
};

type Row = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 10_000;

/** Real requests of mixed roles, all the while, with a log of what a client could have seen. */
export function startTraffic(options: TrafficOptions): Traffic {
  const log = new TrafficLog(Date.now());
  const abort = new AbortController();
  const { urls, ratePerSecond = 20, flagsEveryMs = 100 } = options;
  // At least one client for each server, or a server would go unwatched.
  const clients = Array.from({ length: Math.max(CLIENTS.length, urls.length) }, (_, index) => {
    const role = CLIENTS[index % CLIENTS.length] as Role;
    return new Client(at(urls, index), role, `${RECORD}-${index}`, options, log);
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
      return log.report(Date.now());
    },
  };
}

/** One person's requests, in the order in which a person makes them. */
class Client {
  private readonly base: string;
  /** The newest version of each item that this client was answered. */
  private readonly versions = new Map<unknown, number>();

  constructor(
    private readonly url: string,
    private readonly role: Role,
    /** Marks what this client works on: two clients of one role never move the same item. */
    private readonly record: string,
    private readonly options: Pick<TrafficOptions, "tokens" | "workspace">,
    private readonly log: TrafficLog,
  ) {
    this.base = `/workspaces/${options.workspace}`;
  }

  /** One request for each `next()`. */
  async *readerSteps(): AsyncGenerator<void> {
    for (;;) {
      for (const path of ["/operations/queue", "/patches", "/operations/queue", "/rfis"]) {
        await this.send("GET", `${this.base}${path}`);
        yield;
      }
    }
  }

  async *analystSteps(): AsyncGenerator<void> {
    const patch = { record_id: this.record, field_key: "due_date", intent: "correct" };
    const rfi = { question: "Which document is this from?", target_record_id: this.record };
    for (let round = 0; ; round++) {
      yield* this.workOn("/patches", patch, "record_id", "status", round);
      await this.send("GET", `${this.base}/operations/queue`);
      yield;
      yield* this.workOn("/rfis", rfi, "target_record_id", "custody_status", round);
      await this.send("POST", `${this.base}/batches`, { file: "traffic.csv", revision: 1 });
      yield;
    }
  }

  /** Moves what the list has of this client's own; where it has none, begins something, and moves that. */
  private async *workOn(
    path: string,
    fields: object,
    mark: string,
    status: string,
    round: number,
  ): AsyncGenerator<void> {
    const list = (await this.send("GET", `${this.base}${path}`)) as Row[] | undefined;
    yield;
    // While writes do not reach the database, lists show an item as it was before this client moved it: nobody who
    // knows better goes on with that.
    const current = (row: Row) => Number(row.version) >= (this.versions.get(row.id) ?? 0);
    const mine = list?.filter((row) => row[mark] === this.record && current(row));
    const held = round % NEW_EACH === 0 ? undefined : mine?.[0];
    const item = held ?? ((await this.send("POST", `${this.base}${path}`, fields)) as Row | undefined);
    if (!held) yield;
    const move = item && MOVES[String(item[status])];
    if (!move) return;
    const change = { [status]: move.to, version: item.version };
    const moved = (await this.send("PATCH", `${path}/${item.id}`, change, move.by)) as Row | undefined;
    if (moved) this.versions.set(item.id, Number(moved.version));
    yield;
  }

  /** The answer's `data`, or undefined where it is not a success. */
  async send(method: string, path: string, body?: object, as = this.role): Promise<unknown> {
    const [at, started] = [Date.now(), performance.now()];
    const exchange = { at, method, url: `${this.url}/api/v2.5${path}` };
    const answer = await fetch(exchange.url, {
      method,
      headers: { authorization: `Bearer ${this.options.tokens[as]}`, "content-type": "application/json" },
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

function at(urls: string[], index: number): string {
  const url = urls[index % urls.length];
  if (url === undefined) throw new Error("Traffic needs at least one server.");
  return url;
}
