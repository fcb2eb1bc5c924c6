import type { ParsedDocument } from "../flags/document";
import { furthest } from "../flags/doors";
import {
  allOff,
  brokenRequirements,
  changes,
  type FlagChange,
  type FlagSpecs,
  type Flags,
  isAtMost,
  lowerTo,
} from "../flags/flags";
import type { Served } from "../flags/store";

/** What an abort does to the flags. */
export type Decision =
  | { readonly kind: "nothing"; readonly before: Flags | undefined; readonly why: string }
  | {
      readonly kind: "deploy";
      /** The most that any server may have been given; absent where nothing that is served can be read. */
      readonly before: Flags | undefined;
      readonly flags: Flags;
      readonly changes: readonly FlagChange[];
      readonly why: string;
    };

/** What an abort goes by. */
export interface Situation {
  readonly specs: FlagSpecs;
  /** The flags to go down to. */
  readonly floor: Flags;
  /**
   * Every document that a server may be reading now: the live one, and beside it the one that a deployment under
   * way is bringing. Empty before anything was ever deployed.
   */
  readonly served: readonly ParsedDocument[];
}

/**
 * Decides what an abort deploys: per flag the least of all that is served and of the floor, and nothing where
 * every served document is there already. Pure, so that the handlers, break-glass and the laws share it.
 *
 * A document that cannot be read says nothing about what servers were given before it, so beside it only "all
 * off" surely raises no flag.
 */
export function decide({ specs, floor, served }: Situation): Decision {
  const before = most(specs, served);
  if (served.length === 0) return { kind: "nothing", before, why: "no flags were ever deployed" };

  const unreadable = served.find((document) => !document.ok);
  if (!unreadable && readable(served).every((flags) => !isAbove(specs, flags, floor)))
    return { kind: "nothing", before, why: "every flag is at or below the floor already" };

  const flags = least(specs, served, floor);
  return {
    kind: "deploy",
    before,
    flags,
    changes: before ? changes(specs, before, flags) : [],
    why: unreadable
      ? `the live document cannot be used (${unreadable.problem}), so every flag goes off`
      : "flags are above the floor",
  };
}

/** True when a document leaves any flag above the floor, or is unsound in itself. */
export function isAbove(specs: FlagSpecs, flags: Flags, floor: Flags): boolean {
  return brokenRequirements(specs, flags).length > 0 || !isAtMost(specs, flags, floor);
}

/** Per flag the least of the floor and of all that is served: nothing that raises a flag for any server. */
export function least(specs: FlagSpecs, served: readonly ParsedDocument[], floor: Flags): Flags {
  return served.reduce(
    (bound, document) => (document.ok ? lowerTo(specs, document.flags, bound) : allOff(specs)),
    lowerTo(specs, floor, floor),
  );
}

/** Per flag the most of all that is served; absent where none of it can be read. */
export function most(specs: FlagSpecs, served: readonly ParsedDocument[]): Flags | undefined {
  const all = readable(served);
  return all.length === 0 ? undefined : furthest(specs, ...all);
}

const readable = (served: readonly ParsedDocument[]) =>
  served.flatMap((document) => (document.ok ? [document.flags] : []));

/** The floor of an abort of some flags alone: the others stay at the most that any server has, or may get back. */
export function askedFloor(
  { specs, floor }: Pick<Situation, "specs" | "floor">,
  only: readonly string[] | undefined,
  served: readonly ParsedDocument[],
): Flags {
  if (!only) return floor;
  const stay = Object.entries(most(specs, served) ?? {}).filter(([flag]) => !only.includes(flag));
  return {
    ...Object.fromEntries(stay),
    ...Object.fromEntries(Object.entries(floor).filter(([flag]) => only.includes(flag))),
  };
}

/** What servers may be given from here on. A baking deployment has reached them all. */
export function reaching({ live, underWay }: Served): (string | undefined)[] {
  if (underWay?.state === "baking") return [underWay.document];
  return everything({ live, underWay });
}

/** With what a rollback would bring back. */
export function everything({ live, underWay }: Pick<Served, "live" | "underWay">): (string | undefined)[] {
  return [live, underWay].flatMap((version) => (version ? [version.document] : []));
}
