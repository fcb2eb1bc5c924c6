import { keyPart } from "../aws/keyPart";
import type { Memory } from "./carry";

/** Where it is kept how far deliveries have come: keys alone, each with what it says in it. */
export interface Kept {
  keys(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  keep(key: string, text: string): Promise<void>;
}

/** Moments as keys order them. */
const moment = (ms: number) => String(ms).padStart(15, "0");

/** What is remembered of one delivery, as `keptAs` names it, by keys: `web/wrote/TIME`, `web/started/TIME/START/DIGEST`. */
export function memoryOf(kept: Kept, delivery: string, now: () => number): Memory {
  const newest = async (what: string) => [...(await kept.keys(`${delivery}/${what}/`)).keys()].sort().at(-1);
  return {
    async wroteAt() {
      const key = await newest("wrote");
      return key === undefined ? undefined : Number(key.split("/")[2]);
    },
    writes: () => kept.keep(`${delivery}/wrote/${moment(now())}`, "variables are written"),
    async started() {
      const key = await newest("started");
      const [, , at, start, digest] = key?.split("/") ?? [];
      return at === undefined || start === undefined || digest === undefined
        ? undefined
        : { at: Number(at), start: decodeURIComponent(start), digest };
    },
    now,
    starts: ({ start, at, digest }) =>
      kept.keep(`${delivery}/started/${moment(at)}/${keyPart(start)}/${digest}`, "servers start anew"),
  };
}

/** Which deployment a delivery has carried on last, by keys: `web/delivered/N`. */
export async function deliveredIn(kept: Pick<Kept, "keys">, delivery: string): Promise<number | undefined> {
  const numbers = [...(await kept.keys(`${delivery}/delivered/`)).keys()].map((key) =>
    Number(key.split("/")[2]),
  );
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** Keeps that a delivery has carried a deployment on. */
export function keepDelivered(kept: Pick<Kept, "keep">, delivery: string, deployment: number): Promise<void> {
  return kept.keep(`${delivery}/delivered/${deployment}`, "servers run with its flags");
}
