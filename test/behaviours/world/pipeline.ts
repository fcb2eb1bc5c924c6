import { MINUTE, NOW, SECOND } from "./clock";
import { Published } from "./metrics";

/** What happens in one interval of the import service, by the plan's own words. */
interface Happening {
  /** Requests of any kind; those to v1's own endpoint; those to it once it is gone. */
  readonly imports?: number;
  readonly v1?: number;
  readonly gone?: number;
  /** Answers of v1 that do not announce its end. */
  readonly unannounced?: number;
  readonly complaints?: number;
  readonly corrupt?: number;
  /** How many other servers publish the same counts, at zero. */
  readonly servers?: number;
  /** How often each percentage was measured. */
  readonly cpu?: Readonly<Record<number, number>>;
  readonly memory?: Readonly<Record<number, number>>;
}

export interface Imports {
  /** How long it goes on until now, in ms. */
  readonly forMs: number;
  readonly everyMs: number;
  readonly usual: Happening;
  /** What happens instead in the interval that ended so many ms ago; `silent`: nothing is published. */
  readonly besides?: Readonly<Record<number, Happening | "silent">>;
}

/** What the import service has published by `NOW`, under the names and in the shapes of its own signals. */
export function pipeline({ forMs, everyMs, usual, besides = {} }: Imports): Published {
  const published = new Published("ImportPipeline");
  for (let ago = forMs; ago >= 0; ago -= everyMs) {
    const beside = besides[ago];
    if (beside === "silent") continue;
    const at = NOW - ago - (everyMs >= MINUTE ? 30 * SECOND : 0);
    const {
      imports = 0,
      v1 = 0,
      gone = 0,
      unannounced = 0,
      complaints = 0,
      corrupt = 0,
      cpu = {},
      memory = {},
    } = {
      ...usual,
      ...beside,
    };
    const counts = {
      ...{ ImportRequests: imports, V1Requests: v1, V1GoneRequests: gone, Server5xx: 0 },
      ...{ Complaints: complaints, CorruptImports: corrupt, V1Unannounced: unannounced },
    };
    for (const [name, value] of Object.entries(counts)) {
      published.count(name, at, value);
      const { servers = 0 } = usual;
      if (servers > 0) published.values(name, at, { 0: servers });
    }
    published.values("CpuPercent", at, cpu);
    published.values("MemoryPercent", at, memory);
  }
  return published.done();
}
