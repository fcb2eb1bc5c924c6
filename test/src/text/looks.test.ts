import { describe, expect, it } from "vitest";
import { redactor, secretsIn, secretsOut } from "../../../src/text/redact";

const S = "Sup3rS3cretVal";
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("what looks like a secret is kept by neither filter", () => {
  it.each([
    `SECRET_KEY=${S}`,
    `AccountName=x;AccountKey=${S}==;Endpoint`,
    `{"private_key":"${S}"}`,
    `secret_key_base: ${S}`,
    `password2=${S}`,
    `user=x pass=${S}`,
    `auth: ${S}`,
    `credentials: ${S}`,
    `X-Api-Key: ${S}`,
    `X-Auth-Key: ${S}`,
    `password is ${S}`,
    `ALTER ROLE x PASSWORD '${S}'`,
    `psql --password ${S}`,
    `curl -u admin:${S} https://x`,
    `postgres://app:pw@${S}@db.internal/x`,
    `postgres://app:ab/${S}@db.internal/x`,
    `POST https://hooks.slack.com/services/T00000000/B00000000/${S}XXXX`,
    `https://x.com/?api%5Fkey=${S}`,
    `https://x.com/?user[password]=${S}`,
    `https://x.com/?pass=${S}`,
    `https://x.com/?pw=${S}`,
    `https://x.com/?jwt=${S}`,
    `https://x.blob.core.windows.net/c?sv=2020&sig=${S}%3D`,
    `https://x.com/#access_token=${S}`,
    `token=${S}`,
    `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${S}\n-----END PRIVATE KEY-----`,
    `-----BEGIN%20PRIVATE%20KEY-----%0AMIIE${S}%0A-----END%20PRIVATE%20KEY-----`,
    `-----BEGIN PRIVATE KEY-----\\nMIIE${S}\\n-----END PRIVATE KEY-----`,
    `-----begin private key-----\nMIIE${S}\n-----end private key-----`,
    `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nMIIE${S}\n---- END`,
    `PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 8\nMIIE${S}`,
    `"authorization": ["Bearer ${S}"]`,
    `Authorization: ${S}`,
    `Proxy-Authorization: Negotiate ${S}`,
    `Authorization: AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/2020/us/s3, Signature=${S}`,
    `Cookie: sid=${S}; b=${S}`,
    `"set-cookie": ["sid=${S}; Path=/"]`,
    `cookie: a="x"; sid=${S}`,
    `"cookies":{"sid":"${S}"}`,
    `Failing row contains (1, first line\n${S}, x).`,
    `Key (email)=(a\n${S}) already exists.`,
    `Key (a, (lower(b)))=(1, ${S}) already exists.`,
    `Key (lower(email::text))=(${S}) already exists.`,
    `value "${S}" is out of range for type integer`,
    `malformed array literal: "${S}"`,
    `date/time field value out of range: "${S}"`,
    `invalid input value for enum "My-Enum": "${S}"`,
    `invalid input value for enum status: "${S}"`,
    `invalid input syntax for type json\nDETAIL: Token "${S}" is invalid.\nCONTEXT: JSON data, line 1: {"a": ${S}`,
    `DETAIL: Fehlgeschlagene Zeile enthält (1, ${S}).`,
    `Schlüssel »(email)=(${S})« existiert bereits.`,
    `ungültige Eingabesyntax für Typ integer: »${S}«`,
    `La ligne en échec contient (1, ${S}).`,
    `no partition of relation "x" found for row\nDETAIL: Partition key of the failing row contains (a) = (${S}).`,
    `conflicting key value violates exclusion constraint\nDETAIL:  Key (r)=(${S}) conflicts with existing key (r)=(${S}2).`,
    `unnamed portal with parameters: $1 = '${S}'`,
    `cannot cast jsonb string to type numeric "${S}"`,
    `{\\"password\\":\\"${S}\\"}`,
    `"password": ["a", "${S}"]`,
    `password='a b' and token="x\\" ${S}"`,
    `password:${S}`,
    `Authorization: Digest username="x", response="${S}"`,
    `https://discord.com/api/webhooks/123456/${S}`,
    `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${S}`.padEnd(64, "x9Z"),
  ])("%s", (text) => {
    for (const clean of [secretsOut({ secrets: [] }), redactor({ secrets: [], hosts: [] })]) {
      expect(clean(text)).not.toContain(S);
    }
  });

  it.each([base64("user:x1"), base64("jürgen:pässwort")])("Basic %s", (coded) => {
    expect(secretsOut({ secrets: [] })(`Basic ${coded}`)).toBe("Basic [secret]");
  });
});

it.each([
  `password=${S}, token: "${S}"`,
  `GET https://u:${S}@h.example/x?token=${S}`,
  `Authorization: Bearer ${S}`,
  `Key (a)=(${S}) already exists.`,
])("what is masked once stays as it is: %s", (text) => {
  for (const clean of [secretsOut({ secrets: [] }), redactor({ secrets: [], hosts: [] })]) {
    const out = clean(text);
    expect(clean(out)).toBe(out);
  }
});

describe("a known secret is found", () => {
  const SECRET = "Tr0ub4dor&3xyz";
  const wide = Buffer.from(SECRET, "utf16le");
  const hex = Buffer.from(SECRET).toString("hex");
  const escaped = (written: string) => SECRET.replace("&", written);

  it.each<[string, string, string?]>([
    ["broken by a line", escaped("&\n")],
    ["broken by a colour", escaped("\u001b[31m&")],
    ["broken by a colour in JSON", escaped("\\u001b[31m&")],
    ["broken by what has no width", escaped("\u200b&")],
    ["with an octal escape", escaped("\\046")],
    ["with a code point of JavaScript", escaped("\\u{26}")],
    ["as mail writes it", escaped("=26")],
    ["as mail breaks its lines", escaped("=\r\n&")],
    ["in hexadecimal with blanks", hex.replace(/../g, "$& ").trim()],
    ["in hexadecimal with colons and capitals", hex.toUpperCase().replace(/..(?=.)/g, "$&:")],
    ["as a list of bytes", hex.replace(/../g, "0x$&, ").replace(/, $/, "")],
    ["in base64 of UTF-16", wide.toString("base64")],
    ["in base64 of UTF-16, the other way round", Buffer.from(wide).swap16().toString("base64")],
    ["in base64 of base64", base64(base64(`user:${SECRET}`))],
    ["in base64 of a URL", base64(`p=${encodeURIComponent(SECRET)}`)],
    ["of seven letters", "shortpw", "shortpw"],
    ["of four characters", "p4ss", "p4ss"],
    ["of six digits", "471108", "471108"],
  ])("%s", (_, text, secret = SECRET) => {
    const out = secretsOut({ secrets: [secret] })(`login with ${text} failed`);
    expect(out).not.toContain(text);
    expect(out).toMatch(/^login with .{0,20}\[secret\].{0,20} failed$/s);
  });

  it.each(["vcp_first vcp_second", "vcp_first", "vcp_second", "vcp_first\\r\\nvcp_second"])(
    "of several lines, as %s",
    (text) => {
      const out = secretsOut({ secrets: ["vcp_first\nvcp_second\n"] })(`login with ${text} failed`);
      expect(out).toMatch(/^login with \[secret\]( \[secret\])? failed$/);
    },
  );

  it("and no word that holds a short one, nor one that stands everywhere", () => {
    const said = "p4ssage of 1000 tests: test";
    expect(secretsOut({ secrets: ["p4ss", "1000", "test", ""] })(said)).toBe(said);
  });
});

describe("what evidence says stays readable", () => {
  it.each([
    "answered 401, expected 200 in 1,250 ms",
    "ops-1.internal:8080: OPS_VIEW_DB_READ true, OPS_VIEW_PERCENT 25 %",
    "A2 of stageB: 3 of 12 servers do not",
    "set it anew: pulumi config set --secret cutover:token-admin",
    "there is no token for admin: pulumi config set --secret cutover:token-admin",
    "commit 0123456789abcdef0123456789abcdef01234567-dirty",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    'syntax error at or near "selec" (SQLSTATE 42601)',
    'permission denied for table "orders"',
    "pass: 3, fail: 0, token: null, auth=true",
    "arn:aws:secretsmanager:eu-central-1:1:secret:name-AbC",
    "2026-11-21T12:00:00.000Z, 5m, 1h30m, 0.05 %, 3 of 9",
    "connect ECONNREFUSED https://api.example.com:8443/v1/users?page=2",
    "Pulumi.stageB.yaml:12 cutover:rollout.stages.stageB.entry.E3",
    "the alarm ops-view-stageB-XA3 was in ALARM since 12:00",
  ])("%s", (said) => {
    expect(secretsOut({ secrets: [] })(said)).toBe(said);
  });
});

it("takes as secret what variables hold, whatever their names and forms are", () => {
  expect(
    secretsIn({
      PGPASS: "v1",
      DB_PW: "v2",
      PRIVATE_KEY: "v3",
      SLACK_WEBHOOK: "https://hooks.slack.com/services/T/B/0123456789abcdefgh",
      CONN: "host=x password=v4 user=y",
      QUOTED: "host=x password='v 5'",
      JDBC: "jdbc:postgresql://h/db?user=a&password=v%2F6",
      URL: "postgres://app:pw@v7@h/x",
      CACHE: "redis://:v8@h",
      HOME_PAGE: "https://h.example:8443/a@b",
      PWD: "/home/x",
      MONKEY: "y",
      PATH: "z",
    }),
  ).toEqual([
    "v1",
    "v2",
    "v3",
    "https://hooks.slack.com/services/T/B/0123456789abcdefgh",
    "0123456789abcdefgh",
    "v4",
    "v 5",
    "v%2F6",
    "v/6",
    "pw@v7",
    "v8",
  ]);
});
