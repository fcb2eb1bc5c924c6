import { OpenFeature, ProviderEvents } from "@openfeature/server-sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Flags, openFlags, type Reading } from "../../../kit/node/src";
import { CutoverProvider } from "../../../kit/node/src/openfeature";

const DECLARED = {
  READ: { type: "boolean" },
  WRITE: { type: "boolean", requires: ["READ"] },
  SHARE: { type: "percentage", salt: "flag" },
  RATE: { type: "states", states: ["off", "shadow", "enforce"] },
} as const;

let answers: (Reading | Error)[];
let flags: Flags<typeof DECLARED>;

/** A client of a domain of its own: other tests have theirs. */
const client = () => OpenFeature.getClient("kit-test");

const text = (READ: boolean, WRITE: boolean, SHARE: number) => ({
  text: JSON.stringify({ READ, WRITE, SHARE }),
  version: "4",
});

beforeEach(async () => {
  answers = [{ none: "nothing yet" }];
  const source = {
    name: "told",
    read: async () => {
      const answer = answers.shift() ?? {};
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  flags = await openFlags({ flags: DECLARED, source, pollMs: false, log: () => {} });
  await OpenFeature.setProviderAndWait("kit-test", new CutoverProvider(flags));
});

afterEach(() => OpenFeature.clearProviders());

describe("the OpenFeature provider", () => {
  it("answers with `off` before a first document, whatever the caller's default is", async () => {
    expect(await client().getBooleanDetails("READ", true)).toMatchObject({ value: false, reason: "DEFAULT" });
  });

  it("answers booleans, shares by targeting key, and percentages", async () => {
    // flag/42 has the place 56613.
    answers = [text(true, true, 56.614)];
    await flags.refresh();
    expect(await client().getBooleanDetails("WRITE", false)).toMatchObject({
      value: true,
      variant: "on",
      reason: "STATIC",
      flagMetadata: { version: "4" },
    });
    expect(await client().getBooleanDetails("SHARE", false, { targetingKey: "42" })).toMatchObject({
      value: true,
      reason: "SPLIT",
    });
    expect(await client().getBooleanValue("SHARE", true)).toBe(false);
    expect(await client().getNumberValue("SHARE", 0)).toBe(56.614);
  });

  it("answers states as text, and as booleans", async () => {
    answers = [{ text: JSON.stringify({ RATE: "shadow" }), version: "4" }];
    await flags.refresh();
    expect(await client().getStringDetails("RATE", "x")).toMatchObject({
      value: "shadow",
      variant: "shadow",
      reason: "STATIC",
    });
    expect(await client().getBooleanValue("RATE", false)).toBe(true);
    expect(await client().getNumberDetails("RATE", 7)).toMatchObject({ errorCode: "TYPE_MISMATCH" });
  });

  it("answers with the caller's default where a flag is not declared, or of another type", async () => {
    expect(await client().getBooleanDetails("OTHER", true)).toMatchObject({
      value: true,
      errorCode: "FLAG_NOT_FOUND",
    });
    expect(await client().getNumberDetails("READ", 7)).toMatchObject({
      value: 7,
      errorCode: "TYPE_MISMATCH",
    });
    expect(await client().getStringDetails("READ", "x")).toMatchObject({
      value: "x",
      errorCode: "TYPE_MISMATCH",
    });
    expect(await client().getObjectDetails("toString", {})).toMatchObject({ errorCode: "FLAG_NOT_FOUND" });
  });

  it("says that it may be stale while the source is away", async () => {
    answers = [text(true, false, 0), new Error("down")];
    await flags.refresh();
    await flags.refresh();
    expect(await client().getBooleanDetails("READ", false)).toMatchObject({ value: true, reason: "STALE" });
  });

  it("answers within a request from one document", async () => {
    answers = [text(true, true, 0), text(false, false, 0)];
    await flags.refresh();
    await flags.during(async () => {
      expect(await client().getBooleanValue("READ", false)).toBe(true);
      await flags.refresh();
      expect(await client().getBooleanValue("WRITE", false)).toBe(true);
    });
    expect(await client().getBooleanValue("WRITE", true)).toBe(false);
  });

  it("tells which flags changed", async () => {
    const changed: unknown[] = [];
    client().addHandler(
      ProviderEvents.ConfigurationChanged,
      (event) => void changed.push(event?.flagsChanged),
    );
    answers = [text(true, false, 0)];
    await flags.refresh();
    expect(changed).toEqual([["READ"]]);
  });
});
