import { z } from "zod";
import { LOOPBACK } from "../../text/target";
import { baseUrl } from "../../text/webUrl";
import { looksSecret, secretFree, writtenOut } from "../../text/writtenOut";
import { text } from "../common";

/** A secret in a header: the role of a token, as `cutover:token-ROLE` has it. */
const SECRET = /\{([A-Za-z][A-Za-z0-9-]*)\}/g;
/** What was meant as one, and has characters that no role has. */
const NO_ROLE = /\{[\w .-]+\}/;
/** What a client says of a connection by itself. */
const OWN = ["host", "connection", "content-length", "transfer-encoding", "user-agent", "accept"];
/** Headers that are there to carry a secret: one that is written out would stand in the repository. */
const SECRETIVE =
  /authorization$|(?:^|-)(?:auth|jwt|pwd)(?:-|$)|cookie|token|secret|passw|credential|key$|^x-honeycomb-team$/i;

/** Where a secret of a source belongs. */
export const IN_HEADERS = {
  message: "{ROLE} where its secret stands: the secret config key cutover:token-ROLE",
  remedy: "write headers of the source with {ROLE} in its place: the secret config key cutover:token-ROLE",
};

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
      else if (
        (SECRETIVE.test(name) && secretsIn(value).length === 0) ||
        looksSecret(value.replaceAll(SECRET, ""))
      )
        issue(writtenOut(IN_HEADERS));
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

/** Somebody else's service that is asked for numbers, such as a monitoring system's. */
const namedSource = z
  .strictObject({
    url: baseUrl("sign-in belongs in headers")
      .refine(...secretFree(IN_HEADERS))
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
