import { connect, type Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Datum, Sink } from "./datum";

/** The most metrics of one document, and the most values of one metric. Source: the EMF specification. */
const MOST = 100;

/** Where lines of the embedded metric format go. */
export interface EmfOptions {
  readonly namespace: string;
  /** The log group, which the agent needs; stdout has one already. */
  readonly logGroup?: string;
  /** The CloudWatch agent's address, such as `tcp://127.0.0.1:25888`. Default: lines go to stdout. */
  readonly agent?: string;
}

/** Publishes as lines of the embedded metric format: to stdout, from where Lambda and ECS carry them, or to the agent. */
export function emf({ namespace, logGroup, agent }: EmfOptions): Sink {
  const write = agent === undefined || agent === null ? new Stdout() : new AgentConnection(agent);
  return {
    send: (data) =>
      write.write(
        emfLines(data, namespace, logGroup)
          .map((line) => `${line}\n`)
          .join(""),
      ),
    close: () => write.close(),
  };
}

/** The documents, one a line, of the data of one period. Pure. */
export function emfLines(data: readonly Datum[], namespace: string, logGroup?: string): string[] {
  const lines: string[] = [];
  let open = new Map<string, Datum & { readonly numbers: number[] }>();
  const close = () => {
    if (open.size > 0) lines.push(lineOf([...open.values()], namespace, logGroup));
    open = new Map();
  };
  for (const datum of data) {
    const numbers = numbersOf(datum);
    for (let start = 0; start < numbers.length; start += MOST) {
      // A document has one value for each name.
      if (open.size >= MOST || open.has(datum.MetricName)) close();
      open.set(datum.MetricName, { ...datum, numbers: numbers.slice(start, start + MOST) });
    }
  }
  close();
  return lines;
}

function numbersOf({ Value, Values = [], Counts = [] }: Datum): number[] {
  if (Value !== undefined) return [Value];
  return Values.flatMap((value, index) => Array.from({ length: Counts[index] ?? 1 }, () => value));
}

function lineOf(
  data: readonly (Datum & { readonly numbers: number[] })[],
  namespace: string,
  logGroup: string | undefined,
): string {
  const { Timestamp, Dimensions = [] } = data[0] as Datum;
  return JSON.stringify({
    _aws: {
      Timestamp: Timestamp.getTime(),
      // One that is undefined is left out.
      LogGroupName: logGroup ?? undefined,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Dimensions.map(({ Name }) => Name)],
          Metrics: data.map(({ MetricName, Unit, StorageResolution }) => ({
            Name: MetricName,
            Unit,
            StorageResolution,
          })),
        },
      ],
    },
    ...Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    ...Object.fromEntries(
      data.map(({ MetricName, numbers }) => [MetricName, numbers.length === 1 ? numbers[0] : numbers]),
    ),
  });
}

/**
 * Writes, and waits until it is taken. While nothing is, nothing more is written: what nobody reads would pile up in memory.
 */
class Line {
  private pending = false;

  async write(stream: Writable, text: string): Promise<void> {
    if (this.pending) throw new Error("what was written before has not been taken yet");
    this.pending = true;
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => {
        this.pending = false;
        // Where a connection breaks, what was under way ends without an error of its own.
        const broken = error ?? stream.errored;
        if (broken) reject(broken);
        else resolve();
      });
    });
  }
}

class Stdout {
  private readonly line = new Line();

  write(text: string): Promise<void> {
    return this.line.write(process.stdout, text);
  }

  close(): void {}
}

/** A connection to the agent, opened anew where it broke. */
class AgentConnection {
  private socket: Socket | undefined;
  private line = new Line();

  constructor(private readonly address: string) {}

  async write(text: string): Promise<void> {
    const socket = await this.connected();
    // Asked for only now: a connection that was just opened has a line of its own.
    await this.line.write(socket, text);
  }

  close(): void {
    this.socket?.end();
    this.socket = undefined;
  }

  private connected(): Promise<Socket> {
    if (this.socket && !this.socket.destroyed && this.socket.writable) return Promise.resolve(this.socket);
    const { hostname, port } = new URL(this.address);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      // A timeout that nobody hears would leave the connection half open.
      socket.setTimeout(
        5_000,
        () => socket.connecting && socket.destroy(new Error("the agent does not answer")),
      );
      socket.unref();
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.setTimeout(0);
        // Unheard, an error would end the process; the next write finds the connection gone.
        socket.on("error", () => socket.destroy());
        this.socket = socket;
        this.line = new Line();
        resolve(socket);
      });
    });
  }
}
