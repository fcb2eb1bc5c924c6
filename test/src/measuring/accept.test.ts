import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { accept, type Sent } from "../../../src/measuring/accept";
import { type MeasureAnswer, MOST_BYTES } from "../../../src/measuring/protocol";

const AT = Date.parse("2026-11-21T12:00:00.000Z");
const hash = (digit: string) => digit.repeat(64);
const iso = (ms: number) => new Date(ms).toISOString();

const sent: Sent = {
  request: { nonce: "a".repeat(32), rollout: "ops-view", code: hash("c"), places: hash("d") },
  digest: hash("e"),
  at: AT,
  answeredAt: AT + 2_000,
  bringUp: "pulumi up -s baseline",
};

const answer = (changes: Partial<MeasureAnswer> = {}): MeasureAnswer => ({
  cutover: 1,
  nonce: sent.request.nonce,
  request: sent.digest,
  rollout: "ops-view",
  code: sent.request.code,
  places: sent.request.places,
  began: iso(AT + 500),
  ended: iso(AT + 1_500),
  result: { seen: [1, 2] },
  ...changes,
});

const why = (changes: Partial<MeasureAnswer>) => {
  const accepted = accept(JSON.stringify(answer(changes)), sent);
  return accepted.ok ? "accepted" : accepted.why;
};

test("an answer to this very request counts", () => {
  expect(accept(JSON.stringify(answer()), sent)).toEqual({
    ok: true,
    seen: [1, 2],
    began: AT + 500,
    ended: AT + 1_500,
  });
});

describe("no answer is", () => {
  it.each<[string, Partial<MeasureAnswer>, RegExp]>([
    ["one to an earlier request", { nonce: "b".repeat(32) }, /^the answer is to another request: its nonce/],
    ["one to no request", { nonce: "" }, /nonce/],
    [
      "that of another rollout's function",
      { rollout: "other" },
      /^the function measures for the rollout other/,
    ],
    [
      "that of other code",
      { code: hash("0") },
      /another version of cutover.*pulumi up -s baseline brings it up to date$/,
    ],
    [
      "that of other places",
      { places: hash("0") },
      /another database.*pulumi up -s baseline brings it up to date$/,
    ],
    ["one to a request that was changed on its way", { request: hash("0") }, /changed on its way$/],
    ["one from before it was asked", { began: iso(AT - 60_000) }, /looked 1 m before it was asked/],
    ["one from the future", { ended: iso(AT + 62_000) }, /clock is 1 m ahead/],
    [
      "one that ends before it begins",
      { began: iso(AT + 1_500), ended: iso(AT + 500) },
      /began after it ended/,
    ],
    [
      "a refusal",
      { result: { refused: "it is for the rollout x" } },
      /^the function looked at nothing: it is for/,
    ],
  ])("%s", (_, changes, words) => {
    expect(why(changes)).toMatch(words);
  });

  it("one that is cut short, wherever", () => {
    const whole = JSON.stringify(answer());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(accept(whole.slice(0, length), sent)).toMatchObject({
          ok: false,
          why: expect.stringContaining("cut short"),
        });
      }),
    );
  });

  it("one that is larger than Lambda carries", () => {
    const text = JSON.stringify(answer({ result: { seen: ["x".repeat(MOST_BYTES)] } }));
    expect(accept(text, sent)).toMatchObject({ ok: false, why: expect.stringContaining("bytes") });
  });

  it("one with anything else in the place of what binds it", () => {
    const bound = ["nonce", "rollout", "code", "places", "request"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...bound), fc.string(), (field, text) => {
        fc.pre(text !== answer()[field]);
        expect(why({ [field]: text })).not.toBe("accepted");
      }),
    );
  });

  it("anything else that is JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(accept(text, sent).ok).toBe(false);
      }),
    );
  });
});

test("clocks may differ by what is allowed everywhere, and no more", () => {
  expect(why({ began: iso(AT - 5_000) })).toBe("accepted");
  expect(why({ began: iso(AT - 5_001) })).not.toBe("accepted");
  expect(why({ ended: iso(sent.answeredAt + 5_000) })).toBe("accepted");
  expect(why({ ended: iso(sent.answeredAt + 5_001) })).not.toBe("accepted");
});
