import { parseDocument } from "../flags/document";
import type { FlagSpecs, Flags } from "../flags/flags";
import type { AbortStore } from "../flags/store";
import { isAbove } from "./decide";
import { unchanged } from "./terms";

/** A version that AppConfig has. */
interface Version {
  readonly version: string;
  readonly document: string;
  readonly flags: Flags;
}

/** What a version has to be to stand in for a document that AppConfig does not take. */
interface Wanted {
  /** It is above none of these, */
  readonly flags: Flags;
  /** below none of these, */
  readonly kept: Flags;
  /** and has what no list knows as each of these documents has it. */
  readonly seen: readonly (string | undefined)[];
}

/** The versions that will do, newest first. None where AppConfig does not tell. */
export async function versionsThatDo(
  store: Pick<AbortStore, "versions">,
  specs: FlagSpecs,
  { flags, kept, seen }: Wanted,
): Promise<Version[]> {
  const versions = await store.versions().catch(() => []);
  return versions.flatMap(({ version, document }): Version[] => {
    if (document === undefined) return [];
    const parsed = parseDocument(specs, document);
    if (!parsed.ok || isAbove(specs, parsed.flags, flags) || isAbove(specs, kept, parsed.flags)) return [];
    return unchanged(parsed.undeclared, document, seen) ? [{ version, document, flags: parsed.flags }] : [];
  });
}
