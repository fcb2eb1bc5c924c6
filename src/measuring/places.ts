import stringify from "safe-stable-stringify";
import { type DatabasePlace, type IamLogin, reachedAs } from "../gates/databaseConnection";
import type { ImportsConfig } from "../rollout/config/imports";
import type { Rollout } from "../rollout/rollout";
import { sha256 } from "../text/digest";

/** What a measuring function may reach, as config had it when the function was brought up. No secret is in it. */
export interface Places {
  readonly service?: string | undefined;
  readonly sources?: Rollout["sources"];
  readonly servers?: Rollout["servers"];
  /** The database without the login. */
  readonly database?: DatabasePlace | undefined;
  readonly imports?: ImportsConfig | undefined;
}

/** All that a measuring function has beside its code. */
export interface MeasureSettings {
  readonly rollout: string;
  readonly region: string;
  readonly places: Places;
  /** The secret with the gate role's login. Absent where there is no database, or IAM vouches for the login. */
  readonly secretArn?: string | undefined;
  /** The gate role's login, where IAM vouches for it. */
  readonly iam?: IamLogin | undefined;
}

/** What the gates of a rollout reach. Whoever calls names none of it: the function reaches nothing else. */
export function placesOf({
  service,
  sources,
  servers,
  database,
}: Pick<Rollout, "service" | "sources" | "servers" | "database">): Places {
  return {
    ...(service ? { service: service.url } : {}),
    ...(sources ? { sources } : {}),
    ...(servers ? { servers } : {}),
    ...(database ? { database: reachedAs(database) } : {}),
    ...(database?.imports ? { imports: database.imports } : {}),
  };
}

/** What tells places from others, in whatever order they were written. */
export const placesHash = (places: Places): string => sha256(stringify(places) ?? "");
