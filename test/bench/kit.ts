import { Agent, createServer, get, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type Flags, inCode, openFlags, openMetrics } from "../../kit/node/src";
import { type Figure, median } from "./figure";

const READS = 2_000_000;
const ROUNDS = 9;
/** A flag read may cost so many times what a `Map.get` does. */
const FACTOR = 20;
const REQUESTS = 1_000;
const BLOCKS = 15;

/** What the Node kit costs an app: a flag read beside a `Map.get`, and a request with the kit beside one without. */
export async function benchKit(say: (line: string) => void): Promise<Figure[]> {
  const flags = (await openFlags({
    flags: {
      READ: { type: "boolean" },
      WRITE: { type: "boolean", requires: ["READ"] },
      SHARE: { type: "percentage" },
    },
    source: inCode({ READ: true, WRITE: true, SHARE: 50 }),
    log: () => {},
  })) as unknown as Flags;
  try {
    return [...benchReads(flags, say), await benchRequests(flags, say)];
  } finally {
    flags.stop();
  }
}

function benchReads(flags: Flags, say: (line: string) => void): Figure[] {
  const map = new Map<string, unknown>(["READ", "WRITE", "SHARE"].map((name) => [name, { name }]));
  const names = ["READ", "WRITE"];
  const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
  const of = (index: number) => names[index & 1] as string;
  const snapshot = flags.snapshot();
  const kinds = {
    "Map.get": (index: number) => map.get(of(index)) !== undefined,
    "a flag of a snapshot": (index: number) => snapshot.isOn(of(index)),
    "a flag of the moment": (index: number) => flags.isOn(of(index)),
    "a user's share": (index: number) => snapshot.isOn("SHARE", users[index % users.length]),
  };
  const ns: Record<string, number> = {};
  for (const [name, read] of Object.entries(kinds)) {
    const rounds = Array.from({ length: ROUNDS }, () =>
      nsOf(read, name === "a user's share" ? READS / 20 : READS),
    );
    ns[name] = median(rounds);
    say(`${name}: ${ns[name].toFixed(1)} ns`);
  }
  const get = ns["Map.get"] as number;
  const figure = (name: string): Figure => ({
    what: `kit: ${name} beside a Map.get`,
    shown: `${((ns[name] as number) / get).toFixed(1)} × (${(ns[name] as number).toFixed(0)} ns, median of ${ROUNDS})`,
    limit: `${FACTOR} ×`,
    ok: (ns[name] as number) <= FACTOR * get,
  });
  return [figure("a flag of a snapshot"), figure("a flag of the moment")];
}

/** Ns for one call, the loop's own cost included on either side. */
function nsOf(read: (index: number) => boolean, times: number): number {
  let seen = 0;
  const began = process.hrtime.bigint();
  for (let index = 0; index < times; index++) if (read(index)) seen += 1;
  const took = Number(process.hrtime.bigint() - began);
  // What nobody uses is left out by the compiler.
  if (seen < 0) throw new Error("never");
  return took / times;
}

/** Requests with and without the kit, one after the other; what two servers without it differ by is noise. */
async function benchRequests(flags: Flags, say: (line: string) => void): Promise<Figure> {
  const metrics = openMetrics({ sink: { send: async () => {} }, log: () => {} });
  const search = metrics.signal("Search");
  const answer = (read: boolean) =>
    JSON.stringify({ read, items: Array.from({ length: 20 }, (_, id) => ({ id })) });
  const plain: RequestListener = (_, response) => void response.end(answer(true));
  const kit: RequestListener = (request, response) =>
    flags.during(() =>
      search.watch(() => {
        flags.isOn("WRITE");
        flags.isOn("SHARE", request.url);
        response.end(answer(flags.isOn("READ")));
      }),
    );
  const servers = await Promise.all([plain, plain, kit].map(serve));
  try {
    await block(servers);
    const blocks: number[][] = [];
    for (let one = 0; one < BLOCKS; one++) blocks.push(await block(servers));
    const micros = (of: (block: readonly number[]) => number) => blocks.map((one) => of(one) * 1_000);
    const plainly = median(micros(([one = 0]) => one));
    const added = median(micros(([one = 0, other = 0, third = 0]) => third - (one + other) / 2));
    const noise = micros(([one = 0, other = 0]) => Math.abs(one - other));
    say(`a request: ${plainly.toFixed(1)} µs, with the kit ${added.toFixed(1)} µs more`);
    say(`two without it differ by ${noise.map((one) => one.toFixed(1)).join(", ")} µs`);
    const limit = Math.max(...noise);
    return {
      what: "kit: what a request takes longer with it",
      shown: `${added.toFixed(1)} µs on ${plainly.toFixed(0)} (median of ${BLOCKS} blocks)`,
      limit: `${limit.toFixed(1)} µs (by which two without it differ)`,
      ok: added <= limit,
    };
  } finally {
    for (const server of servers) server.stop();
    await metrics.stop();
  }
}

/** How long a request of each server took on average, in ms; they take turns, each time in another order. */
async function block(servers: readonly Served[]): Promise<number[]> {
  const total = servers.map(() => 0);
  for (let round = 0; round < REQUESTS; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const which = (turn + round) % servers.length;
      const began = performance.now();
      await servers[which]?.ask();
      total[which] = (total[which] ?? 0) + performance.now() - began;
    }
  }
  return total.map((ms) => ms / REQUESTS);
}

interface Served {
  ask(): Promise<void>;
  stop(): void;
}

async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { port } = server.address() as AddressInfo;
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port, path: "/", agent }, (answer) => answer.resume().on("end", resolve)).on(
          "error",
          reject,
        );
      }),
    stop: () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
