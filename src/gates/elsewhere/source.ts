import { z } from "zod";
import { secretsOut } from "../../text/redact";
import { LOOPBACK } from "../../text/target";
import { webUrl } from "../../text/webUrl";
import { text } from "../common";

/** A secret in a header: the role of a token, as `cutover:token-ROLE` has it. */
const SECRET = /\{([A-Za-z][A-Za-z0-9-]*)\}/g;
/** What was meant as one, and has characters that no role has. */
const NO_ROLE = /\{[\w .-]+\}/;
/** What a client says of a connection by itself. */
const OWN = ["host", "connection", "content-length", "transfer-encoding", "user-agent", "accept"];
/** Headers that are there to carry a secret: one that is written out would stand in the repository. */
const SECRETIVE = /authorization$|cookie|token|secret|passw|credential|key$/i;

/** The same in the query of a URL, where more names end in `key` that carry none: `sort_key`. */
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

const headers = z
  .record(
    text.regex(/^[A-Za-z0-9-]{1,80}$/, "the name of a header"),
    text
      .min(1)
      .max(500)
      .regex(/^[\x20-\x7e]*$/, "a header's text, of printable ASCII characters"),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given).map((name) => name.toLowerCase());
    for (const [index, [name, value]] of Object.entries(given).entries()) {
      const issue = (of: { readonly message: string; readonly params?: object }) =>
        context.addIssue({ code: "custom", path: [name], ...of });
      if (OWN.includes(name.toLowerCase()))
        issue({ message: "another header: this one the client writes by itself" });
      else if (names.indexOf(name.toLowerCase()) !== index) issue(writtenTwice());
      else if (NO_ROLE.test(value.replaceAll(SECRET, ""))) issue(noRole());
      else if (SECRETIVE.test(name) && secretsIn(value).length === 0) issue(writtenOut());
    }
  })
  .default({});

/** Said of a header that is there in other letters, too: a client would send both in one. */
const writtenTwice = () => ({
  message: "a header that is there once",
  params: {
    what: "is there in other letters, too: they are one header",
    remedy: "Write it once",
  },
});

/** Said of what no role is called, and is not quoted: it may be a secret. */
const noRole = () => ({
  message: "{ROLE} of letters, digits and dashes",
  params: {
    what: "has a name in braces that no role has: it would be sent as it stands",
    remedy:
      "Write a role of letters, digits and dashes, like {datadog-api} of cutover:token-datadog-api; revoke it if it is the secret itself",
  },
});

/** Said of a secret that is written out, and is not quoted. Made anew for each: zod takes the message out of it. */
const writtenOut = () => ({
  message: "{ROLE} where its secret stands: the secret config key cutover:token-ROLE",
  params: {
    what: "has a secret written out, which stands in the repository so",
    remedy:
      "Revoke it; write headers of the source with {ROLE} in its place: the secret config key cutover:token-ROLE",
  },
});

/** A path or a URL without a secret in it, as a check of zod's. */
export const secretFree = () => [(address: string) => !holdsSecret(address), writtenOut()] as const;

/** Somebody else's service that is asked for numbers, such as a monitoring system's. */
const namedSource = z
  .strictObject({
    url: webUrl
      .refine((url) => !/[?#]/.test(url), "a URL without ? and #: paths are added to it")
      .refine(
        (url) => !/^https?:\/\/[^/]*@/i.test(url),
        "a URL without a password: sign-in belongs in headers",
      )
      .refine(...secretFree())
      .overwrite((url) => url.replace(/\/+$/, ""))
      .meta({
        description:
          "Where it is asked: what a gate or a row asks is added to it. https where headers carry a secret.",
        examples: ["https://api.datadoghq.eu", "https://prometheus.example.com"],
      }),
    headers: headers.meta({
      description:
        "Headers of every request. `{ROLE}` is the secret config key `cutover:token-ROLE` of each stage's stack.",
      examples: [{ "DD-API-KEY": "{datadog-api}", "DD-APPLICATION-KEY": "{datadog-app}" }],
    }),
  })
  .refine(
    ({ url, headers: sent }) =>
      url.startsWith("https://") || LOOPBACK.test(url) || Object.values(sent).flatMap(secretsIn).length === 0,
    { path: ["url"], message: "an https URL: a secret that goes over http can be read on its way" },
  );

export type NamedSource = z.infer<typeof namedSource>;

/** `cutover:rollout.sources`, by name. */
export const sourceMap = z
  .record(
    text.regex(/^[a-z][a-zA-Z0-9-]{0,31}$/, "a name: a lower-case letter, then letters, digits or dashes"),
    namedSource,
  )
  .meta({
    description:
      "Services of others that know something of the rollout, by name: gates of source elsewhere ask them, and abort rows with `elsewhere`.",
  });

function secretsIn(header: string): string[] {
  return [...header.matchAll(SECRET)].map(([, role = ""]) => role);
}

/** The roles of the tokens that its headers carry. */
export const rolesOfSource = (source: NamedSource | undefined): string[] =>
  Object.values(source?.headers ?? {}).flatMap(secretsIn);

/** A header with something in the place of each secret. */
export const filledHeader = (header: string, secret: (role: string) => string): string =>
  header.replaceAll(SECRET, (_, role: string) => secret(role));
