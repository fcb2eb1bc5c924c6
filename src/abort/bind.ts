import { type Bound, boundBy, type Door, type Marks } from "../flags/doors";
import type { Served, ServedVersion } from "../flags/store";
import { everything } from "./decide";
import { parseAll, type Terms } from "./terms";

/**
 * How far down flags go, by what servers are given. A promotion that is still under way may be ended yet, so that what is
 * live counts; one that bakes has reached every server.
 *
 * @param passed what servers were behind at an earlier look of the same abort: by what it ends, nobody is led back
 * @param said what a deployment says that it is behind. Never throws
 */
export async function bindBy(
  { specs, doors }: Pick<Terms, "specs" | "doors">,
  served: Served,
  passed: Marks,
  {
    said,
    seen,
    freeze,
  }: {
    readonly said: (of: ServedVersion, doors: readonly Door[]) => Promise<Marks>;
    readonly seen: Iterable<string | undefined>;
    readonly freeze?: boolean | undefined;
  },
): Promise<Bound> {
  const { live, underWay } = served;
  const of = underWay?.state === "baking" ? underWay : live;
  const flags = (documents: readonly (string | undefined)[]) =>
    parseAll(specs, documents).map((one) => (one.ok ? one.flags : undefined));
  const marks = { ...passed, ...(of ? await said(of, doors) : {}) };
  const settled = { flags: of && flags([of.document])[0], doors: marks };
  const all = flags(everything(served));
  return boundBy(specs, doors, { settled, all, seen: [...all, ...flags([...seen])] }, freeze);
}
