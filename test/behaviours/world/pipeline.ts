import { type Course, publishedBy } from "./course";
import type { Published } from "./metrics";

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

export type Imports = Course<Happening>;

/** What the import service has published by `NOW`, under the names and in the shapes of its own signals. */
export const pipeline = (course: Imports): Published =>
  publishedBy("ImportPipeline", course, (published, at, happening) => {
    const { imports = 0, v1 = 0, gone = 0, unannounced = 0, complaints = 0, corrupt = 0 } = happening;
    const { cpu = {}, memory = {} } = happening;
    const counts = {
      ...{ ImportRequests: imports, V1Requests: v1, V1GoneRequests: gone, Server5xx: 0 },
      ...{ Complaints: complaints, CorruptImports: corrupt, V1Unannounced: unannounced },
    };
    for (const [name, value] of Object.entries(counts)) {
      published.count(name, at, value);
      const { servers = 0 } = course.usual;
      if (servers > 0) published.values(name, at, { 0: servers });
    }
    published.values("CpuPercent", at, cpu);
    published.values("MemoryPercent", at, memory);
  });
