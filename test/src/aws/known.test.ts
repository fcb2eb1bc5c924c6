import { afterEach, describe, expect, test, vi } from "vitest";
import { endingOf, failure, known } from "../../../src/aws/known";
import { UserError } from "../../../src/text/problem";

function named(name: string, message: string, extra: object = {}): Error {
  return Object.assign(new Error(message), { name, ...extra });
}

test.each<[string, unknown, RegExp, RegExp]>([
  [
    "no credentials",
    named("CredentialsProviderError", "Could not load"),
    /^no AWS credentials$/,
    /AWS_PROFILE/,
  ],
  [
    "no right to it",
    named("AccessDeniedException", "not authorized"),
    /^access denied \(not authorized\)$/,
    /right/,
  ],
  [
    "expired credentials",
    named("ExpiredTokenException", "expired"),
    /does not take the credentials/,
    /Log in again/,
  ],
  ["throttling", named("ThrottlingException", "slow"), /^AWS throttles$/, /Wait/],
  [
    "nobody at the address",
    named("Error", "connect ECONNREFUSED", { code: "ECONNREFUSED" }),
    /cannot be reached/,
    /./,
  ],
  ["a slow answer", named("TimeoutError", "too long"), /in time/, /network/],
  ["anything else", new Error("odd"), /^odd$/, /CUTOVER_DEBUG/],
])("%s is told so", (_, error, why, remedy) => {
  expect(failure(error)).toMatchObject({
    ok: false,
    why: expect.stringMatching(why),
    remedy: expect.stringMatching(remedy),
  });
});

afterEach(() => vi.unstubAllEnvs());

test("a profile that gives no credentials is told by its name", () => {
  vi.stubEnv("AWS_PROFILE", "nobody");
  expect(failure(named("CredentialsProviderError", "Could not resolve"))).toEqual({
    ok: false,
    why: "no AWS credentials: the profile nobody (AWS_PROFILE) is not there, or gives none",
    remedy: "Log in by it, or correct or unset AWS_PROFILE",
  });
});

describe("a command ends with", () => {
  test("what keeps it from AWS, and what to do about it", () => {
    vi.stubEnv("AWS_PROFILE", "nobody");
    expect(endingOf(named("CredentialsProviderError", "Could not load"), " (debug)")).toBe(
      "no AWS credentials: the profile nobody (AWS_PROFILE) is not there, or gives none. Log in by it, or correct or unset AWS_PROFILE",
    );
    expect(endingOf(named("ExpiredToken", "expired", { $metadata: {} }))).toBe(
      "AWS does not take the credentials (expired). Log in again",
    );
  });

  test.each<[string, unknown, string]>([
    [
      "somebody else's network",
      named("Error", "connect ECONNREFUSED", { code: "ECONNREFUSED" }),
      "connect ECONNREFUSED (debug)",
    ],
    ["a missing right", named("AccessDenied", "not allowed", { $metadata: {} }), "not allowed (debug)"],
    ["nothing at all", undefined, "undefined (debug)"],
  ])("the words of %s", (_, error, words) => {
    expect(endingOf(error, " (debug)")).toBe(words);
  });
});

test("an error of ours keeps its words and remedies, or gives those of its cause", () => {
  const problem = { where: "ledger", what: "is odd", remedy: "Mend it" };
  expect(failure(new UserError("It does not work:", [problem]))).toEqual({
    ok: false,
    why: "It does not work: ledger is odd",
    remedy: "Mend it",
  });
  const cause = named("AccessDeniedException", "not authorized");
  expect(failure(new UserError("It does not work:", [problem], { cause }))).toMatchObject({
    why: "access denied (not authorized)",
  });
});

describe("a part", () => {
  test("that is read is known", async () => {
    expect(await known(async () => 1)).toEqual({ ok: true, value: 1 });
  });

  test("that never answers is unknown after a while", async () => {
    expect(await known(() => new Promise(() => {}), 5)).toMatchObject({
      ok: false,
      why: "no answer within 0.005 s",
    });
  });
});
