import { pagerduty, ROUTING_KEY } from "../../../sandbox/webhook/tools/pagerduty";
import { SLACK_PATH, slack } from "../../../sandbox/webhook/tools/slack";
import type { Taken } from "../../../sandbox/webhook/tools/tool";
import { NoSecret } from "../../../src/aws/secretText";
import { TRIES } from "../../../src/channels/backoff";
import { type Channel, type ChannelWorld, deliver, type Fate } from "../../../src/channels/deliver";
import type { Outgoing } from "../../../src/channels/kind";
import { channel } from "../../../src/channels/registry";
import type { OutsideAnswer } from "../../../src/text/askOutside";
import { NOW } from "./sent";

export const PAGER: Channel = {
  name: "pager",
  config: channel.parse({ kind: "pagerduty", topics: ["onCall"], secret: "ops-view/pagerduty" }),
};
export const CHAT: Channel = {
  name: "chat",
  config: channel.parse({ kind: "slack", topics: ["onCall"], secret: "ops-view/slack" }),
};
export const OWN: Channel = {
  name: "own",
  config: channel.parse({
    kind: "webhook",
    topics: ["onCall"],
    url: "https://ops.example.com/in",
    secret: "ops-view/own",
  }),
};
export const WEBHOOK = `https://hooks.slack.com${SLACK_PATH}`;

type Post = Extract<Outgoing, { via: "http" }>;

/** The world with a clock that is given, and tools that may be down. */
export class World implements ChannelWorld {
  readonly taken: Taken[] = [];
  private readonly pagerduty = pagerduty();
  readonly logged: object[] = [];
  readonly keys = new Map<string, string>();
  secrets: Record<string, string> = { "ops-view/pagerduty": ROUTING_KEY, "ops-view/slack": WEBHOOK };
  clock = NOW;
  /** What stands between here and a tool. */
  broken: ((asked: Post) => OutsideAnswer | undefined) | undefined;

  readonly now = () => this.clock;
  readonly log = (entry: object) => void this.logged.push(entry);

  async secret(name: string): Promise<string> {
    const text = this.secrets[name];
    if (text === undefined) throw new NoSecret("ResourceNotFoundException");
    return text;
  }

  async post(asked: Post): Promise<OutsideAnswer> {
    const odd = this.broken?.(asked);
    if (odd) return odd;
    const { host, pathname: path } = new URL(asked.url);
    const tool = host.endsWith("slack.com") ? slack : this.pagerduty;
    const { taken, ...answer } = tool({ method: "POST", path, headers: asked.headers, body: asked.body });
    if (taken) this.taken.push(taken);
    return answer;
  }

  async publish(): Promise<void> {}
  async kept(prefix: string): Promise<ReadonlySet<string>> {
    return new Set([...this.keys.keys()].filter((key) => key.startsWith(prefix)));
  }
  async keep(key: string, text: string): Promise<void> {
    this.keys.set(key, text);
  }

  /** What the tools were asked to do, in their own words. */
  get done(): string[] {
    return this.taken.map(({ action, key, headline }) => `${action} ${key ?? headline}`);
  }
}

/** A queue as SQS is one: what is to be tried again comes back when its time is over, or is given up. */
export async function queue(
  world: World,
  to: Channel,
  bodies: readonly string[],
): Promise<{ fates: Fate[]; lost: string[] }> {
  const waiting = bodies.map((body) => ({ body, tries: 0, at: world.clock }));
  const fates: Fate[] = [];
  const lost: string[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.sort((a, b) => a.at - b.at).shift()) {
    world.clock = Math.max(world.clock, next.at);
    next.tries += 1;
    const fate = await deliver("ops-view", to, next, world);
    fates.push(fate);
    if (fate.kind === "refused" || (fate.kind === "again" && next.tries >= TRIES)) lost.push(next.body);
    else if (fate.kind === "again") waiting.push({ ...next, at: world.clock + fate.seconds * 1_000 });
  }
  return { fates, lost };
}
