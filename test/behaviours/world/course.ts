import { MINUTE, NOW, SECOND } from "./clock";
import { Published } from "./metrics";

/** What happened until now, interval by interval. */
export interface Course<Happening> {
  /** How long it goes on until now, in ms. */
  readonly forMs: number;
  /** How often the app publishes, in ms. */
  readonly everyMs: number;
  /** What happens in each interval. */
  readonly usual: Happening;
  /** What happens besides in the interval that ended so many ms ago; `silent`: nothing is published. */
  readonly besides?: Readonly<Record<number, Happening | "silent">>;
}

/** What an app has published by `NOW`. */
export function publishedBy<Happening extends object>(
  namespace: string,
  { forMs, everyMs, usual, besides = {} }: Course<Happening>,
  publish: (published: Published, at: number, happening: Happening) => void,
): Published {
  const published = new Published(namespace);
  for (let ago = forMs; ago >= 0; ago -= everyMs) {
    const beside = besides[ago];
    if (beside === "silent") continue;
    publish(published, NOW - ago - (everyMs >= MINUTE ? 30 * SECOND : 0), { ...usual, ...beside });
  }
  return published.done();
}
