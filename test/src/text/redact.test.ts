import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostsOf, redactAll, redactor, secretsIn } from "../../../src/text/redact";

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

  it("takes time by the length of a text, whatever is repeated in it", () => {
    const started = performance.now();
    for (const piece of ["a.", "1.", ":", "a:", "x@", "a-", "password", "eyJ"]) redact(piece.repeat(20_000));
    // A third of a second on an idle machine; minutes, if a pattern went back over what it has read.
    expect(performance.now() - started).toBeLessThan(15_000);
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
  });

  it("knows the host of a URL with and without its port", () => {
    expect(hostsOf("https://h.example:8443/x")).toEqual(["h.example:8443", "h.example"]);
    expect(hostsOf("ops@example.com")).toEqual([]);
  });
});
