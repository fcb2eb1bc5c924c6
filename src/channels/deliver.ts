import { keyPart } from "../aws/keyPart";
import { NoSecret } from "../aws/secretText";
import type { OutsideAnswer } from "../text/askOutside";
import { reasonOf } from "../text/problem";
import { secretsOut } from "../text/redact";
import { secondsUntilNext } from "./backoff";
import type { ChannelKind, Outgoing } from "./kind";
import { acknowledgedKeys, type Notification, pageKeyOf, traitsOf } from "./notification";
import { readNotification } from "./read";
import { type ChannelConfig, channelKindOf, secretOf } from "./registry";

/** One channel, as the function that delivers knows it. */
export interface Channel {
  readonly name: string;
  readonly config: ChannelConfig;
  /** Its own topic, where it has one. */
  readonly topicArn?: string | undefined;
}

/** The world that messages are delivered in. */
export interface ChannelWorld {
  /** The text of a secret, read anew. Throws `NoSecret` where it is not to be had. */
  secret(name: string): Promise<string>;
  /** Sends a request, and waits for its answer. Throws where none came in time. */
  post(request: Extract<Outgoing, { via: "http" }>): Promise<OutsideAnswer>;
  publish(topicArn: string, body: string): Promise<void>;
  /** Keys that were kept, of those that begin so. */
  kept(prefix: string): Promise<ReadonlySet<string>>;
  keep(key: string, text: string): Promise<void>;
  log(entry: object): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What became of one message. */
export type Fate =
  | { readonly kind: "sent" }
  /** It was sent before, or is nothing that this channel shows. */
  | { readonly kind: "spared"; readonly why: string }
  | { readonly kind: "again"; readonly seconds: number; readonly why: string }
  /** No further try can go well: it belongs into the dead-letter queue, where it is seen at once. */
  | { readonly kind: "refused"; readonly why: string };

/** What a queue held. */
export interface Held {
  readonly body: string;
  /** How often it was received, 1 at first. */
  readonly tries: number;
}

/**
 * Delivers one message to one channel. Delivered twice, it is sent once, unless that it was sent could not be kept:
 * people rather read something twice than never. Never throws.
 *
 * @param rollout whose channel it is
 */
export async function deliver(
  rollout: string,
  channel: Channel,
  { body, tries }: Held,
  world: ChannelWorld,
): Promise<Fate> {
  const read = readNotification(body, rollout, world.now());
  if (read.kind === "unreadable") return { kind: "refused", why: read.why };
  if (read.kind === "silent") return { kind: "spared", why: "an alarm without data for now" };
  return new Delivery(channel, read.message, tries, world).run();
}

/** What is kept of an answer in a log. Characters. */
const LONGEST = 300;

class Delivery {
  private readonly kind: ChannelKind<ChannelConfig>;

  constructor(
    private readonly channel: Channel,
    private readonly message: Notification,
    private readonly tries: number,
    private readonly world: ChannelWorld,
  ) {
    this.kind = channelKindOf(channel.config);
  }

  async run(): Promise<Fate> {
    const { world, message } = this;
    if ((await this.known(this.sentKey())).has(this.sentKey()))
      return { kind: "spared", why: "it was sent before" };
    const secret = await this.secret();
    if (typeof secret !== "string") return secret;
    const followed = (await this.wasResolved()) ?? (await this.wasAcknowledged());
    for (const one of followed ? [message, followed] : [message]) {
      const fate = await this.send(one, secret);
      if (fate !== undefined) return fate;
    }
    await this.keep(this.sentKey(), `${message.kind}: ${message.headline}`);
    if (message.kind === "resolved" && message.alarm !== undefined)
      await this.keep(`${this.resolvedPrefix()}${Date.parse(message.at)}`, message.headline);
    if (traitsOf(message.kind).page === "acknowledge")
      for (const key of acknowledgedKeys(message))
        await this.keep(`${this.acknowledgedPrefix(key)}${Date.parse(message.at)}`, message.headline);
    world.log({ event: "sent", channel: this.channel.name, kind: message.kind, id: message.id });
    return { kind: "sent" };
  }

  /** Sends all that a message is for this tool; undefined once it was accepted. */
  private async send(message: Notification, secret: string): Promise<Fate | undefined> {
    const { channel, world } = this;
    const rendering = { config: channel.config, secret, now: world.now() };
    for (const outgoing of this.kind.render(message, rendering)) {
      const answer = await this.ask(outgoing, secret);
      if (typeof answer === "string") return this.again(answer, undefined);
      const verdict = this.kind.judge(answer);
      const said = `${this.kind.title} answered ${answer.status}: ${plain(answer.body, secret)}`;
      if (verdict.kind === "again") return this.again(said, answer.retryAfter);
      if (verdict.kind === "refused") return { kind: "refused", why: said };
    }
    return undefined;
  }

  /** A string is why there is no answer. */
  private async ask(outgoing: Outgoing, secret: string): Promise<OutsideAnswer | string> {
    const { channel, world } = this;
    try {
      if (outgoing.via === "http") return await world.post(outgoing);
      await world.publish(channel.topicArn ?? "", outgoing.body);
      return { status: 200, body: "" };
    } catch (error) {
      return `${this.kind.title} could not be reached: ${plain(reasonOf(error), secret)}`;
    }
  }

  private again(why: string, retryAfter: string | undefined): Fate {
    return { kind: "again", seconds: secondsUntilNext(this.tries, retryAfter, this.world.now()), why };
  }

  /** The secret's text, or what becomes of the message without it. */
  private async secret(): Promise<string | Fate> {
    const name = secretOf(this.channel.config);
    if (name === undefined) return "";
    try {
      const text = (await this.world.secret(name)).trim();
      const problem = this.kind.secretProblem?.(text);
      return problem === undefined ? text : { kind: "refused", why: `the secret ${name} ${problem}` };
    } catch (error) {
      const why = `the secret ${name} cannot be read: ${reasonOf(error)}`;
      return error instanceof NoSecret ? { kind: "refused", why } : this.again(why, undefined);
    }
  }

  /**
   * The end of an alarm that was told before its beginning, which had to be tried again: what opens the alarm's page
   * now is closed at once, or it would stay open for good.
   */
  private async wasResolved(): Promise<Notification | undefined> {
    const { message } = this;
    if (traitsOf(message.kind).page !== "alarm" || message.alarm === undefined) return undefined;
    const at = await this.newestKept(this.resolvedPrefix(), Date.parse(message.at));
    if (at === undefined) return undefined;
    return {
      ...message,
      kind: "resolved",
      // Whoever takes each id once would leave out the end of what they have just taken.
      id: `${message.id}-resolved`,
      headline: `OK since ${at}: ${message.title}`,
      fields: [{ label: "Since", value: at }],
      lines: [],
      at,
    };
  }

  /**
   * That a person saw a page, told before the page, which had to be tried again: tools leave that out where no page is open,
   * and would go on to wake others. A page that was sent after it is another one, and wakes anew.
   */
  private async wasAcknowledged(): Promise<Notification | undefined> {
    const { message, world } = this;
    const key = pageKeyOf(message);
    if (key === undefined || !["alarm", "own"].includes(traitsOf(message.kind).page)) return undefined;
    const sent = message.sent === undefined ? world.now() : Date.parse(message.sent);
    const at = await this.newestKept(this.acknowledgedPrefix(key), sent);
    if (at === undefined) return undefined;
    return {
      ...{ ...message, kind: "acknowledged", id: `${message.id}-seen`, alarm: undefined, page: key, at },
      headline: `Seen at ${at}: ${message.title}`,
      fields: [],
      lines: [],
    };
  }

  /** The newest time that was kept under keys that begin so, not before another (ms since the epoch), in ISO 8601. */
  private async newestKept(prefix: string, since: number): Promise<string | undefined> {
    const times = [...(await this.known(prefix))].map((key) => Number(key.slice(prefix.length)));
    const newest = Math.max(...times.filter((ms) => ms >= since));
    return Number.isFinite(newest) ? new Date(newest).toISOString() : undefined;
  }

  private sentKey(): string {
    return `${this.channel.name}/sent/${this.message.id}`;
  }

  private resolvedPrefix(): string {
    return `${this.channel.name}/resolved/${keyPart(this.message.alarm ?? "")}/`;
  }

  private acknowledgedPrefix(key: string): string {
    return `${this.channel.name}/acknowledged/${keyPart(key)}/`;
  }

  private async known(prefix: string): Promise<ReadonlySet<string>> {
    try {
      return await this.world.kept(prefix);
    } catch (error) {
      this.world.log({ event: "unknown-what-was-sent", reason: reasonOf(error) });
      return new Set();
    }
  }

  private async keep(key: string, text: string): Promise<void> {
    try {
      await this.world.keep(key, text);
    } catch (error) {
      this.world.log({ event: "unkept", key, reason: reasonOf(error) });
    }
  }
}

/** Some tools quote what they were sent. */
function plain(text: string, secret: string): string {
  return secretsOut({ secrets: [secret] }, LONGEST)(text.replaceAll(/\s+/g, " ").trim());
}
