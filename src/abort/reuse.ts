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

/** So many documents are read at once: flags are up meanwhile. */
const AT_ONCE = 10;

/**
 * The versions that will do, newest first, each as soon as it is found: there may be a hundred. None where AppConfig does
 * not tell.
 */
export async function* versionsThatDo(
  store: Pick<AbortStore, "versions" | "document">,
  specs: FlagSpecs,
  { flags, kept, seen }: Wanted,
): AsyncGenerator<Version> {
  const versions = await store.versions().catch(() => []);
  for (let from = 0; from < versions.length; from += AT_ONCE) {
    const some = versions.slice(from, from + AT_ONCE);
    const documents = await Promise.all(some.map((one) => store.document(one).catch(() => undefined)));
    for (const [index, version] of some.entries()) {
      const document = documents[index];
      const parsed = parseDocument(specs, document);
      if (document === undefined || !parsed.ok) continue;
      if (isAbove(specs, parsed.flags, flags) || isAbove(specs, kept, parsed.flags)) continue;
      if (unchanged(parsed.undeclared, document, seen)) yield { version, document, flags: parsed.flags };
    }
  }
}
