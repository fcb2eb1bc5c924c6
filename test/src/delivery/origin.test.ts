import { expect, test } from "vitest";
import { originIn } from "../../../src/delivery/origin";
import { flagDocument } from "../../../src/flags/document";
import type { FlagSpecs } from "../../../src/flags/flags";

const SPECS: FlagSpecs = { READ: { kind: "boolean", off: false, requires: [], writes: false } };
const document = (read: boolean) => flagDocument({ READ: read });
const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 9, minute)).toISOString();

/** Deployments by number, from 1 on: the flag, or that it was taken back. */
function origin(...deployments: readonly (boolean | "taken back" | "gone")[]) {
  const store = {
    entry: async (number: number) => {
      const what = deployments[number - 1];
      return { version: String(number), startedAt: at(number), rolledBack: what === "taken back" };
    },
    document: async (version: string) => {
      const what = deployments[Number(version) - 1];
      return what === "gone" ? undefined : document(what === true);
    },
  };
  const live = { deployment: deployments.length, flags: { READ: deployments.at(-1) === true } };
  return originIn(store, SPECS, live);
}

test.each([
  ["the live one, where the one before had others", [true, false], 2],
  ["the first of those that carry the same on", [true, false, false, false], 2],
  ["not one that was taken back", [true, false, "taken back", false], 2],
  ["the newest one, where the one before cannot be read", ["gone", false], 2],
  ["the very first", [false, false], 1],
] as const)("is %s", async (_, deployments, number) => {
  expect(await origin(...deployments)).toEqual({ deployment: number, at: Date.parse(at(number)) });
});
