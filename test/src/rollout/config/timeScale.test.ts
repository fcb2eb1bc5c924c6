import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { awsEndpoint, checkTimeScale, isLoopback } from "../../../../src/rollout/config/timeScale";
import { UserError } from "../../../../src/text/problem";

const LOCAL = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };

describe("isLoopback", () => {
  test.each([
    ["http://127.0.0.1:4566", true],
    ["http://127.9.8.7", true],
    ["https://localhost:4566/path", true],
    ["http://LOCALHOST", true],
    ["http://[::1]:4566", true],
    ["http://127.1", true],
    ["http://128.0.0.1", false],
    ["http://0.0.0.0:4566", false],
    ["http://10.0.0.1", false],
    ["http://[::]:4566", false],
    ["http://[::2]", false],
    ["https://appconfig.eu-central-1.amazonaws.com", false],
    ["http://localhost.example.com", false],
    ["http://127.0.0.1.example.com", false],
    ["http://example.com/127.0.0.1", false],
    ["http://localhost@example.com", false],
    ["http://127.0.0.1:80@example.com", false],
    ["http://example.com#@localhost", false],
    ["localhost:4566", false],
    ["127.0.0.1:4566", false],
    ["file:///localhost", false],
    ["", false],
    ["http://", false],
  ])("%s: %s", (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});

describe("checkTimeScale", () => {
  test.each<[string, number, NodeJS.ProcessEnv, string | undefined]>([
    ["real time on a real account", 1, {}, undefined],
    ["real time wherever the endpoints point", 1, { AWS_ENDPOINT_URL: "https://proxy.example.com" }, "[]"],
    ["scaled time with every endpoint on this machine", 1_440, LOCAL, undefined],
    [
      "scaled time with services on this machine too",
      60,
      { ...LOCAL, AWS_ENDPOINT_URL_S3: "http://localhost:1" },
      undefined,
    ],
    [
      "a variable that is set to nothing",
      60,
      { ...LOCAL, AWS_ENDPOINT_URL_RDS: "", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "" },
      undefined,
    ],
    [
      "configured endpoints that are not ignored",
      60,
      { ...LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "False" },
      undefined,
    ],
    [
      "variables that only look alike",
      60,
      { ...LOCAL, MY_AWS_ENDPOINT_URL_X: "https://example.com" },
      undefined,
    ],
  ])("allows %s", (_, scale, env, endpoints) => {
    expect(checkTimeScale(scale, env, endpoints)).toBe(scale);
  });

  test.each<[string, number, NodeJS.ProcessEnv, string | undefined, RegExp]>([
    ["without an endpoint", 60, {}, undefined, /AWS_ENDPOINT_URL points to this machine, and it is not set/],
    ["with an empty endpoint", 60, { AWS_ENDPOINT_URL: "" }, undefined, /it is not set/],
    [
      "with endpoints of single services only",
      60,
      { AWS_ENDPOINT_URL_RDS: "http://127.0.0.1:1" },
      undefined,
      /it is not set/,
    ],
    [
      "with a remote endpoint",
      60,
      { AWS_ENDPOINT_URL: "https://aws.example.com" },
      undefined,
      /AWS_ENDPOINT_URL points elsewhere/,
    ],
    [
      "with one remote service",
      60,
      { ...LOCAL, AWS_ENDPOINT_URL_RDS: "https://aws.example.com" },
      undefined,
      /AWS_ENDPOINT_URL_RDS points elsewhere/,
    ],
    ["with an endpoint that is no URL", 60, { AWS_ENDPOINT_URL: "localhost" }, undefined, /points elsewhere/],
    ["with the provider's own endpoints", 60, LOCAL, "[]", /aws:endpoints is set/],
    [
      "with configured endpoints ignored",
      60,
      { ...LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      undefined,
      /real account/,
    ],
    // The provider, which is written in Go, reads it in any case.
    [
      "with configured endpoints ignored, in capitals",
      60,
      { ...LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "TRUE" },
      undefined,
      /real account/,
    ],
    ["slower than the clock", 0.5, LOCAL, undefined, /at least 1/],
    ["not at all", 0, LOCAL, undefined, /at least 1/],
    ["backwards", -60, LOCAL, undefined, /at least 1/],
    ["by no number", Number.NaN, LOCAL, undefined, /at least 1/],
    ["without end", Infinity, LOCAL, undefined, /at least 1/],
  ])("refuses scaled time %s", (_, scale, env, endpoints, told) => {
    expect(() => checkTimeScale(scale, env, endpoints)).toThrow(UserError);
    expect(() => checkTimeScale(scale, env, endpoints)).toThrow(told);
  });

  it("never lets scaled time through while any endpoint is not on this machine", () => {
    const endpoint = fc.constantFrom(
      "http://127.0.0.1:1",
      "http://localhost",
      "https://a.example.com",
      "http://10.1.1.1",
      "nonsense",
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL_SNS"),
          endpoint,
        ),
        fc.double({ noNaN: false }),
        (env, scale) => {
          let allowed = true;
          try {
            checkTimeScale(scale, env, undefined);
          } catch {
            allowed = false;
          }
          const local = env.AWS_ENDPOINT_URL !== undefined && Object.values(env).every(isLoopback);
          expect(allowed).toBe(scale === 1 || (local && scale > 1 && scale < Infinity));
        },
      ),
    );
  });
});

test.each([
  [{}, undefined],
  [{ AWS_ENDPOINT_URL: "" }, undefined],
  [LOCAL, "http://127.0.0.1:4566"],
])("awsEndpoint of %o is %s", (env, expected) => {
  expect(awsEndpoint(env)).toBe(expected);
});
