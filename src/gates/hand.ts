import type { ServersConfig } from "../flags/servers";
import type { Place } from "../text/command";
import type { NamedSource } from "./elsewhere/source";

/** What there is around a gate for a person who looks for themselves. */
export interface Hand {
  /** How this project's own commands are reached. */
  readonly place: Place;
  readonly service?: { readonly url: string } | undefined;
  readonly sources?: Readonly<Record<string, NamedSource>> | undefined;
  readonly servers?: ServersConfig | undefined;
  /** The schema that queries find their tables in. */
  readonly schema?: string | undefined;
  /** The stage that is live before the one that the gate stands in, or is left. */
  readonly before?: string | undefined;
  /** The promotions that a statement under the gate's id is made for. */
  readonly promotes: readonly { readonly name: string; readonly attempt: number }[];
  /** The line by which whoever judges a statement in messages comes to know of it; none where nobody does. */
  readonly told?: string | undefined;
}
