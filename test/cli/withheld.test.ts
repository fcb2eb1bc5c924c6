import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { WITHHELD, withheldConfig, withheldState } from "../../cli/withheld";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (plaintext: unknown) => ({
  [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(plaintext),
});
const stateOf = (outputs: object, key = {}) =>
  withheldState({ version: 3, deployment: { resources: [{ outputs }] } }, key) as {
    version: number;
    deployment: { resources: [{ outputs: object }]; secrets_providers: object };
  };
const outputsOf = (outputs: object) => stateOf(outputs).deployment.resources[0].outputs;

describe("a state for previews", () => {
  it.each<[string, unknown, unknown]>([
    ["a text", "hunter2", WITHHELD],
    ["a number", 4711, 0],
    ["a truth", true, false],
    ["nothing", null, null],
    ["a list", ["a", ["b"]], [WITHHELD, [WITHHELD]]],
    ["a login, but for its name", { user: "gate", password: "x" }, { user: "gate", password: WITHHELD }],
    [
      "a text that is JSON",
      '{"username":"gate","password":"x"}',
      `{"username":"gate","password":"${WITHHELD}"}`,
    ],
    ["a text that is a number", "123456", WITHHELD],
  ])("keeps the shape of what is secret: %s", (_, was, is) => {
    expect(outputsOf({ one: secret(was) })).toEqual({ one: secret(is) });
  });

  it("leaves what is not secret as it is, and what a flip was held to, which only displays are kept from", () => {
    const outputs = { plain: { a: [1, "b"] }, heldTo: secret({ definitions: { version: 1 } }) };
    expect(outputsOf(outputs)).toEqual(outputs);
  });

  it("is never made of what is still encrypted", () => {
    const { plaintext: _, ...closed } = secret("x");
    expect(() => outputsOf({ one: { ...closed, ciphertext: "v1:abc" } })).toThrow("exported as what it is");
    expect(() => outputsOf({ heldTo: { ...closed, ciphertext: "v1:abc" } })).toThrow();
  });

  it.each([
    [{ encryptionsalt: "v1:salt" }, { type: "passphrase", state: { salt: "v1:salt" } }],
    [
      { secretsprovider: "awskms://alias/preview", encryptedkey: "AAAA" },
      { type: "cloud", state: { url: "awskms://alias/preview", encryptedkey: "AAAA" } },
    ],
  ])("is encrypted with the key of previews, and not with its own: %j", (key, provider) => {
    const { version, deployment } = stateOf({}, key);
    expect([version, deployment.secrets_providers]).toEqual([3, provider]);
  });
});

describe("a stack file for previews", () => {
  const text = `encryptionsalt: v1:of-production
secretsprovider: awskms://alias/production
encryptedkey: AAAA
environment: [production]
config:
  aws:region: eu-central-1
  aws:secretKey: { secure: v1:aws }
  postgresql:password:
    secure: v1:password
  cutover:rollout:
    topics:
      onCall:
        - { protocol: https, endpoint: { secure: v1:one } }
        - { protocol: https, endpoint: { secure: v1:two } }
`;

  it("holds nothing that is encrypted, nor the key to it, and all else", () => {
    expect(parse(withheldConfig(text))).toEqual({
      config: {
        "aws:region": "eu-central-1",
        "postgresql:password": WITHHELD,
        "cutover:rollout": {
          topics: {
            onCall: [
              { protocol: "https", endpoint: `${WITHHELD}1` },
              { protocol: "https", endpoint: `${WITHHELD}2` },
            ],
          },
        },
      },
    });
    expect(withheldConfig(text)).not.toMatch(/v1:|production|AAAA/);
  });

  it("may be empty", () => {
    expect(parse(withheldConfig("config: {}\n"))).toEqual({ config: {} });
    expect(parse(withheldConfig(""))).toBeNull();
  });
});
