import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Declarations, FlagValue } from "../../kit/node/src";

/** What every kit has to say, in every language. */
export interface Vectors {
  readonly places: readonly { salt: string; key: string; place: number }[];
  readonly among: readonly { place: number; percent: number; among: boolean }[];
  readonly documents: readonly {
    name: string;
    flags: Declarations;
    document: string;
    whole?: boolean;
    values?: Record<string, FlagValue>;
    refused?: string;
  }[];
  readonly answers: readonly {
    name: string;
    flags: Declarations;
    document: Record<string, FlagValue>;
    flag: string;
    key?: string | number | null;
    on: boolean;
    /** Of a flag with states. */
    state?: string;
  }[];
  /** Under which variable a flag is delivered and read, where `names` has these. */
  readonly variables: readonly { flag: string; names?: Record<string, string>; variable: string }[];
}

/** `kit/vectors.json`. */
export const vectors = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "kit", "vectors.json"), "utf8"),
) as Vectors;
