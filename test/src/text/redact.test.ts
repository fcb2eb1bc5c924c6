import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostsOf, PATTERNS, redactAll, redactor, secretsIn, secretsOut } from "../../../src/text/redact";
import { unboundedBefore } from "../../support/patterns";

const redact = redactor({ secrets: ["s3cr3t-value", "short"], hosts: ["db-7.corp:5432", "db-7"] });

describe("redaction", () => {
  it.each([
    [
      "an account in an ARN",
      "arn:aws:sns:eu-central-1:123456789012:t",
      "arn:aws:sns:eu-central-1:[account]:t",
    ],
    ["an account by itself", "account 123456789012.", "account [account]."],
    ["no longer number", "1234567890123 ms", "1234567890123 ms"],
    ["an address", "ada.l+x@example.co.uk said", "[e-mail] said"],
    [
      "a URL with all that is in it",
      "see https://u:p@h.example/x?token=y, then",
      "see https://[address] then",
    ],
    ["a connection string", "postgres://gate:pw@db:5432/ops failed", "postgres://[address] failed"],
    ["an IP address and port", "connect ECONNREFUSED 10.1.2.3:5432", "connect ECONNREFUSED [address]"],
    ["IPv6", "from [2001:db8::1]:443 and ::1 now", "from [address] and [address] now"],
    ["a host by its error", "getaddrinfo ENOTFOUND ops-db", "getaddrinfo ENOTFOUND [address]"],
    ["a host by its domain", "sqs.eu-central-1.amazonaws.com:443 is down", "[address] is down"],
    ["a host that config names", "db-7 and db-7.corp:5432, not db-77", "[address] and [address], not db-77"],
    ["loopback", "localhost:4566 and 127.0.0.1", "[address] and [address]"],
    ["a secret of this run", "it is s3cr3t-value!", "it is [secret]!"],
    ["no word that is merely short", "a short one", "a short one"],
    ["an access key", "AKIAIOSFODNN7EXAMPLE", "[secret]"],
    ["a token of GitHub's", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[secret]"],
    ["a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[secret]"],
    ["JSON without blanks", '{"token":"abc","n":1}', '{"token":[secret],"n":1}'],
    [
      "what is called a password",
      'password=hunter2 "token": "x y" Bearer abc.def',
      'password=[secret] "token": [secret] Bearer [secret]',
    ],
  ])("%s", (_, raw, clean) => {
    expect(redact(raw)).toBe(clean);
  });

  it.each([
    "data.counts.total ≥ 4 in Pulumi.stageB.yaml:12",
    "2026-11-21T12:00:00.000Z and 12:00:00",
    "version 7.48.0, v2.5, 95 %, 0.05",
    "aws:appconfig/deployment:Deployment stageB-flags",
    "aws:secretsmanager/secret:Secret stageB-probe-login",
    "urn:pulumi:stageB::ops-view::cutover:index:Stage::stageB",
    "select count(*) from audit_events where a::text = 'x'",
    "stageA, attempt 1 (deployment 2)",
    "commit 0123456789ab",
  ])("leaves %j as it is", (said) => {
    expect(redact(said)).toBe(said);
  });

  it("leaves no account, address or known secret in any mixture", () => {
    const part = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom(
        " ",
        "123456789012",
        "a@b.example",
        "https://h.example/p",
        "10.0.0.1",
        "s3cr3t-value",
        "::",
        ".",
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const out = redact(parts.join(" "));
        expect(out).not.toMatch(/(?<!\d)\d{12}(?!\d)/);
        expect(out).not.toContain("s3cr3t-value");
        expect(out).not.toContain("a@b.example");
        expect(out).not.toContain("h.example");
        expect(out).not.toMatch(/(?<![\w.])10\.0\.0\.1(?![\w.])/);
      }),
    );
  });

  it.each(PATTERNS)(
    "takes time by the length of a text: %s goes back over nothing that it has read",
    (pattern) => {
      expect(unboundedBefore(pattern)).toEqual([]);
    },
  );

  it.each<[RegExp, string[]]>([
    [/a*b/, ["*"]],
    [/(?:a+){1,3}/, ["+"]],
    [/(?:a|b+c)/, ["+"]],
    [/[+*]{2,}x/, ["{2,}"]],
    [/\++(?:x?|y*)/, []],
    [/a(?=b{0,9})c{1,9}d+/, []],
    [/a{8,2000}b/, ["{8,2000}"]],
  ])("a pattern that may go back is found: %s", (pattern, found) => {
    expect(unboundedBefore(pattern)).toEqual(found);
  });

  it("reaches every string of a value, and no key", () => {
    expect(redactAll({ db: ["at db-7", { n: 1, u: undefined, b: false, "db-7": null }] }, redact)).toEqual({
      db: ["at [address]", { n: 1, u: undefined, b: false, "db-7": null }],
    });
  });

  it("takes as secret what variables of such names hold", () => {
    const env = {
      PULUMI_CONFIG_PASSPHRASE: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      GITHUB_TOKEN: "c",
      PATH: "d",
      EMPTY_TOKEN: "",
    };
    expect(secretsIn(env)).toEqual(["a", "b", "c"]);
    const url = { DATABASE_URL: "postgres://gate:p%40ss@db/ops", HOME_PAGE: "https://h.example/a:b@c" };
    expect(secretsIn(url)).toEqual(["p%40ss", "p@ss"]);
  });

  it("knows the host of a URL with and without its port", () => {
    expect(hostsOf("https://h.example:8443/x")).toEqual(["h.example:8443", "h.example"]);
    expect(hostsOf("ops@example.com")).toEqual([]);
  });
});

describe("what may become an observation", () => {
  const out = secretsOut({ secrets: ["s3cr3t-value"] }, 200);
  const pem = (body: string) => `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`;

  it.each([
    [
      "an address, which stays",
      "connect ECONNREFUSED 10.1.2.3:5432 db.internal",
      "connect ECONNREFUSED 10.1.2.3:5432 db.internal",
    ],
    ["a private key", `key ${pem("MIIE\nabc=")} end`, "key [secret] end"],
    ["a private key that is cut off", "key -----BEGIN PRIVATE KEY-----\nMIIE", "key [secret]"],
    ["the login of a URL", "postgres://gate:pw@db:5432/ops", "postgres://[secret]@db:5432/ops"],
    ["a key in a URL", "GET /x?key=abc&n=1#sig=def", "GET /x?key=[secret]&n=1#sig=[secret]"],
    ["Basic by itself", "sent Basic Z2F0ZTpwYXNzd29yZA== to it", "sent Basic [secret] to it"],
    ["no word behind basic", "basic authentication is off", "basic authentication is off"],
    ["Basic in a header", "authorization: Basic Zm9v", "authorization: Basic [secret]"],
    ["a cookie", "set-cookie: sid=abc; Path=/", "set-cookie: [secret]"],
    ["a cookie in JSON", '{"cookie":"a=b; c=d","n":1}', '{"cookie":"[secret]","n":1}'],
    [
      "what a database quotes of a row",
      "DETAIL: Key (email)=(ada@x.org) already exists.",
      "DETAIL: Key (email)=[secret] already exists.",
    ],
    ["a row in full", "Failing row contains (1, ada (A), 2).", "Failing row contains [secret]"],
    [
      "a value that is none",
      'invalid input syntax for type integer: "ada"',
      "invalid input syntax for type integer: [secret]",
    ],
    [
      "a secret in a JSON string in a URL",
      `?q=${encodeURIComponent(JSON.stringify({ a: "s3cr3t-value" }))}`,
      "?q=%7B%22a%22%3A%22[secret]%22%7D",
    ],
    ["more than is kept", "a".repeat(1_000), `${"a".repeat(199)}…`],
  ])("%s", (_, raw, clean) => {
    expect(out(raw)).toBe(clean);
  });

  const bytes = (text: string) => [...Buffer.from(text)];
  const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const hex = (code: number, width: number) => code.toString(16).padStart(width, "0");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const ENCODINGS: Record<string, (text: string) => string> = {
    "as it is": (text) => text,
    "URL-encoded": encodeURIComponent,
    "as a form has it": (text) => new URLSearchParams([["", text]]).toString().slice(1),
    "every byte of a URL": (text) =>
      bytes(text)
        .map((one) => `%${hex(one, 2)}`)
        .join(""),
    "as JSON": (text) => JSON.stringify(text).slice(1, -1),
    "as JSON in JSON": (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
    "every character of JSON": (text) =>
      units(text)
        .map((one) => `\\u${hex(one, 4)}`)
        .join(""),
    "in HTML": (text) => [...text].map((one) => `&#${one.codePointAt(0)};`).join(""),
    "in hexadecimal": (text) => Buffer.from(text).toString("hex"),
    "in base64": base64,
    "in base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
    "in base64 behind one character": (text) => base64(`x${text}y`),
    "in base64 behind two": (text) => base64(`u:${text}`),
    "in base64 of several lines": (text) => base64(text).replace(/(.{4})/g, "$1\r\n"),
    "in base64 in a URL": (text) => encodeURIComponent(base64(text)),
    "URL-encoded twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  };

  it.each(Object.entries(ENCODINGS))("no secret of the run survives %s", (_, encode) => {
    const secret = fc
      .string({ minLength: 8, maxLength: 30, unit: "grapheme" })
      .filter((one) => !"[secret]…".includes(one.slice(0, 4)) && /^\S+$/u.test(one));
    const around = fc.constantFrom("", " ", "a", "=", '"', "%", "\\", "&", "0", "/", "é");
    fc.assert(
      fc.property(secret, around, around, fc.nat(60), (word, before, after, length) => {
        const encoded = encode(word);
        const text = `${before}${"x ".repeat(length)}${encoded}${after}`;
        expect(secretsOut({ secrets: [word] })(text)).not.toContain(encoded);
        // Where a text is cut, no half of it is left over either.
        const cut = secretsOut({ secrets: [word] }, 40)(text.repeat(20));
        expect(cut).not.toContain(encoded.slice(0, Math.ceil(encoded.length * 0.8)));
      }),
      { numRuns: 60 },
    );
  });
});
