import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printedAs } from "../../../cli/sandbox/formats";

const EXPORTED = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  PULUMI_CONFIG_PASSPHRASE: "pass word",
  PATH: "/engine:/node/bin",
  NO_PROXY: "127.0.0.1,localhost",
};
const json = (reader: Record<string, string>) => JSON.parse(printedAs("json", EXPORTED, reader));

describe("a reader's own environment", () => {
  it.each([
    ["is put behind the engine's", "/usr/bin:/bin", "/engine:/node/bin:/usr/bin:/bin"],
    ["names nothing twice", "/usr/bin:/engine", "/engine:/node/bin:/usr/bin"],
    ["may be empty", "", "/engine:/node/bin"],
  ])("PATH %s", (_, PATH, expected) => {
    expect(json({ PATH }).PATH).toBe(expected);
  });

  it.each([
    ["none", {}, "127.0.0.1,localhost"],
    ["one of the two names", { NO_PROXY: "corp.example" }, "corp.example,127.0.0.1,localhost"],
    ["the other, which counts first", { no_proxy: "a, b", NO_PROXY: "c" }, "a,b,127.0.0.1,localhost"],
    ["a host that is there already", { no_proxy: "localhost" }, "localhost,127.0.0.1"],
  ])("what no proxy is asked for: %s", (_, reader, expected) => {
    expect(json(reader)).toMatchObject({ NO_PROXY: expected, no_proxy: expected });
  });

  it("brings along nothing that leads to an account, a backend or a database of its own", () => {
    const reader = {
      AWS_PROFILE: "work",
      AWS_ENDPOINT_URL: "https://elsewhere.example",
      AWS_ENDPOINT_URL_SNS: "https://elsewhere.example",
      PULUMI_ACCESS_TOKEN: "pul-1",
      PGSERVICE: "work",
      PGP_KEY: "x",
      HOME: "/home/ada",
    };
    const [unset] = printedAs("sh", EXPORTED, reader).split("\n");
    // AWS_ENDPOINT_URL is set anew.
    expect(unset).toBe("unset AWS_ENDPOINT_URL_SNS AWS_PROFILE PGP_KEY PGSERVICE PULUMI_ACCESS_TOKEN");
    expect(printedAs("sh", EXPORTED, { HOME: "/home/ada" })).not.toContain("unset");
  });
});

describe("dotenv", () => {
  it("needs no quotes for what a sandbox exports", () => {
    const url =
      "postgresql://postgres:a_b-C9@127.0.0.1:5432/ops?sslmode=verify-full&sslrootcert=%2Ftmp%2Fcutover-a_B%2Fauthority.pem";
    expect(printedAs("dotenv", { DATABASE_URL: url }, {})).toContain(`DATABASE_URL=${url}\n`);
  });

  it("is read as it was meant, or is not written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
        (value) => {
          let text: string;
          try {
            text = printedAs("dotenv", { VALUE: value }, {});
          } catch (error) {
            expect(String(error)).toContain("VALUE: holds quotes or lines");
            expect(value).toMatch(/['\n\r]/);
            return;
          }
          expect(parseEnv(text).VALUE).toBe(value);
        },
      ),
      {
        examples: [
          ["it's"],
          ['say "hi"'],
          ["a#b"],
          ["$HOME"],
          [" padded "],
          ["a=b"],
          ["back\\slash"],
          ["'\""],
        ],
      },
    );
  });
});

it("json is read as it was meant, whatever a value holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      expect(JSON.parse(printedAs("json", { VALUE: value }, {})).VALUE).toBe(value);
    }),
  );
});
