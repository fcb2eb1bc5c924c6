import { secretsOut } from "./redact";

/** Parts of a query's names that carry a secret; more end in `key` that carry none: `sort_key`. */
const SECRETIVE_IN_QUERY =
  /token|secret|passw|credential|^auth|signature|^(?:sig|jwt|pw|pwd)$|(?:^|api|app|application|access|private|account|license)[_-]?key$/i;

/** Whether what stands in the repository has a secret in a part of its path or its query. Total. */
function holdsSecret(path: string): boolean {
  if (!URL.canParse(path, "https://source.invalid")) return false;
  const { pathname, searchParams, hash } = new URL(path, "https://source.invalid");
  const asked = [...searchParams, ...new URLSearchParams(hash.slice(1))];
  const clean = secretsOut({ secrets: [] });
  return (
    asked.some(([name, value]) => SECRETIVE_IN_QUERY.test(name) && value !== "") ||
    [...pathname.split("/"), ...asked.map(([, value]) => value)].some((part) => clean(part) !== part)
  );
}

/** A long word of digits, small and capital letters: what people make up is none, and keys are. */
const RANDOM = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=.-]{16,}$/;

/** Whether a text has a secret among its words. */
export const looksSecret = (text: string): boolean =>
  secretsOut({ secrets: [] })(text) !== text || text.split(/\s+/).some((word) => RANDOM.test(word));

/** What is expected in the place of a secret, and what to do about one. */
interface Instead {
  readonly message: string;
  readonly remedy: string;
}

/** Said of a secret that is written out, and is not quoted. Made anew for each: zod takes the message out of it. */
export const writtenOut = ({ message, remedy }: Instead) => ({
  message,
  params: {
    what: "has a secret written out, which stands in the repository so",
    remedy: `Revoke it; ${remedy}`,
  },
});

/** A path or a URL without a secret in it, as a check of zod's. */
export const secretFree = (instead: Instead) =>
  [(address: string) => !holdsSecret(address), writtenOut(instead)] as const;
