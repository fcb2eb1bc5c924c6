import { describe, expect, test } from "vitest";
import { promisedOf, shortestOf, type WaysBack } from "../../../src/gates/promise";

const R1 = { to: "predecessor", within: "2m" } as const;
const R3 = { to: "off", within: "90s" } as const;
const R4 = { within: "1m" } as const;

describe("what a rollback's rows promise", () => {
  test.each<[WaysBack, "predecessor" | "off", string | undefined]>([
    [{ R1, R3 }, "predecessor", "R1 2m"],
    [{ R1, R3 }, "off", "R3 90s"],
    [{ R3 }, "predecessor", "R3 90s"],
    [{ R4 }, "off", undefined],
    [{ R1: { to: "off" } }, "off", undefined],
    [{}, "off", undefined],
  ])("%j to %s is %s", (rows, to, expected) => {
    const found = promisedOf(rows, to);
    expect(found && `${found.row} ${found.within}`).toBe(expected);
  });

  test.each<[WaysBack, string | undefined]>([
    [{ R1, R3, R4 }, "R3 90s"],
    [{ R1, R4 }, "R1 2m"],
    [{ R4 }, undefined],
  ])("of %j the strictest is %s", (rows, expected) => {
    const found = shortestOf(rows);
    expect(found && `${found.row} ${found.within}`).toBe(expected);
  });
});
