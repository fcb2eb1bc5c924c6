import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { declareSecrets } from "../../sandbox/aws/secrets";
import { LOOPBACK, listenAnywhere } from "../../sandbox/host/ports";
import { Hosted } from "../../sandbox/platforms/platform";
import { RENDER, render } from "../../sandbox/platforms/render";
import { callDeliveries } from "../../src/delivery/call";
import { variablesOf } from "../../src/delivery/variables";
import type { Flags } from "../../src/flags/flags";
import { Ground, WRITE } from "../engine/harness";
import { openBench } from "./abort";
import { type Figure, median } from "./figure";

const ROUNDS = 20;
/** Of the way of an abort without any delivery, in the same round. */
const TIMES = 2;
const GIVE_UP_MS = 60_000;
const ROLLOUT = "bench-deliver";
const SECRET = `${ROLLOUT}/render`;

/**
 * From the data point that breaches to the flags that a platform's servers were started with, beside the flags that a server
 * serves which asks AppConfig itself: both of the same abort. The platform answers at once, and so do its servers.
 */
export async function benchDeliver(say: (line: string) => void): Promise<Figure[]> {
  const ground = await Ground.open();
  const platform = await servePlatform();
  try {
    const rollout = await ground.rollout(ROLLOUT, { abortSwitch: true });
    await declareSecrets(ground.sandbox.aws, [{ name: SECRET, text: RENDER.key }]);
    const worker = { kind: "render", service: RENDER.service, secret: SECRET, url: platform.url };
    await rollout.edit("baseline", ["cutover:rollout", "delivery"], { worker });
    await rollout.bringUp("baseline", "stageA", "stageB");
    const bench = await openBench(rollout, async (flags) => {
      // What is raised past Pulumi, nobody else delivers.
      if (flags === WRITE) await callDeliveries(ground.sandbox.aws.region, ROLLOUT, ["worker"]);
      await platform.runsWith(flags);
    });
    const rounds: { readonly served: number; readonly delivered: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const { servedMs, followedMs } = await bench.round();
      const [served, delivered] = [Math.round(servedMs), Math.round(followedMs)];
      say(`${round === 0 ? "warming up" : `round ${round}`}: ${served} ms, delivered ${delivered} ms`);
      if (round > 0) rounds.push({ served, delivered });
    }
    bench.close();
    const times = median(rounds.map(({ served, delivered }) => delivered / served));
    const of = (which: "served" | "delivered") => Math.round(median(rounds.map((one) => one[which])));
    return [
      {
        what: `from the breaching data point to flags off on a platform, against flags off as served, ${ROUNDS} aborts: median of pairs`,
        shown: `${times.toFixed(2)} × (${of("delivered")} ms and ${of("served")} ms)`,
        limit: `≤ ${TIMES} ×`,
        ok: times <= TIMES,
      },
    ];
  } finally {
    await platform.stop();
    await ground.close();
  }
}

/** A platform whose servers are there as soon as they are started. */
async function servePlatform() {
  const hosted = new Hosted(0);
  const server = createServer((request, response) => {
    const { method = "", url: path = "/", headers } = request;
    void bodyOf(request).then((body) => {
      const answered = render(hosted, { method, path, headers, body });
      response.writeHead(answered.status, { "content-type": "application/json" }).end(answered.body);
    });
  });
  const url = `http://${LOOPBACK}:${await listenAnywhere(server)}`;
  return {
    url,
    async runsWith(flags: Flags): Promise<void> {
      const { CUTOVER_FLAGS_VERSION: _, ...wanted } = variablesOf({}, flags, 0);
      const runs = () => Object.entries(wanted).every(([name, value]) => hosted.running[name] === value);
      for (const ends = performance.now() + GIVE_UP_MS; !runs(); await sleep(5))
        if (performance.now() > ends) throw new Error("the platform does not follow");
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
