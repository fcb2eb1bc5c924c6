import { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { vectors } from "./vectors";

/** The formula of BUCKETS.md, by other means than either kit's: whole numbers of any size, and another hash function. */
async function placeOf(salt: string, key: string): Promise<number> {
  const bytes = new TextEncoder().encode(`${salt}\u0000${key}`);
  const hash = new Uint8Array(await webcrypto.subtle.digest("SHA-256", bytes));
  let number = 0n;
  for (const byte of hash.slice(0, 6)) number = number * 256n + BigInt(byte);
  return Number(number % 100_000n);
}

/** Whether a place is among thousandths of a percent, by the digits of the percentage as they are written. */
function isAmong(place: number, percent: number): boolean {
  const [whole = "0", decimals = ""] = percent.toFixed(6).split(".");
  const millionths = BigInt(whole) * 1_000_000n + BigInt(decimals);
  return BigInt(place) < (millionths + 500n) / 1_000n;
}

test("the places of the vectors are those of the formula", async () => {
  for (const { salt, key, place } of vectors.places)
    expect([key, await placeOf(salt, key)]).toEqual([key, place]);
  expect(vectors.places.length).toBeGreaterThan(15);
});

test.each(vectors.among)("place $place is among $percent %: $among", ({ place, percent, among }) => {
  expect(isAmong(place, percent)).toBe(among);
});
