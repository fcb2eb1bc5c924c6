import { type Course as CourseOf, publishedBy } from "./course";
import type { Published } from "./metrics";

/** What happens in one interval, by the plan's own words. The app publishes the signals of it. */
export interface Happening {
  /** Requests to the queue, to lists, and to what writes. */
  readonly queue?: number;
  readonly list?: number;
  readonly write?: number;
  /** How many of them answer 500 or more; `other` is on none of the three. */
  readonly queue5xx?: number;
  readonly list5xx?: number;
  readonly write5xx?: number;
  readonly other5xx?: number;
  /** Writes that are answered 409 STALE_VERSION. */
  readonly stale?: number;
  /** How many requests to the queue take so many ms. Default: all of them 80. */
  readonly latency?: Readonly<Record<number, number>>;
  /** What no write can be taken for, each so many times. */
  readonly odd?: Readonly<Record<number, number>>;
  /** Answers to an admin that hold an empty queue, and to an analyst that hold someone else's items. */
  readonly empty?: number;
  readonly leaks?: number;
  /** How many other servers publish the same counts, at zero. */
  readonly servers?: number;
}

export type Course = CourseOf<Happening>;

/** What the operations view has published by `NOW`, under the names and in the shapes of its own signals. */
export const opsView = (course: Course): Published => publishedBy("OpsView", course, publish);

function publish(published: Published, at: number, happening: Happening): void {
  const { queue = 0, list = 0, write = 0, queue5xx = 0, list5xx = 0, write5xx = 0, other5xx = 0 } = happening;
  const { stale = 0, latency = { 80: queue }, empty = 0, leaks = 0 } = happening;
  const counts = {
    ...{ QueueRequests: queue, Queue5xx: queue5xx, ListRequests: list, List5xx: list5xx },
    ...{ ReadRequests: queue + list, Read5xx: queue5xx + list5xx, WriteRequests: write, Write5xx: write5xx },
    Server5xx: queue5xx + list5xx + write5xx + other5xx,
    ...{ QueueEmptyForAdmin: empty, RoleLeak: leaks },
  };
  for (const [name, value] of Object.entries(counts)) {
    published.count(name, at, value);
    if (happening.servers) published.values(name, at, { 0: happening.servers });
  }
  published.values("QueueLatencyMs", at, latency);
  published.values("StaleVersion409", at, { 0: write - stale, 1: stale, ...happening.odd });
}
