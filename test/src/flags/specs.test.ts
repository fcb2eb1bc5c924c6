import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentSchema } from "../../../src/flags/document";
import type { FlagSpecs } from "../../../src/flags/flags";
import { specsOfDocument, specsOfSchema } from "../../../src/flags/specs";
import { flagSpecs } from "../../support/arbitrary";
import { statesFlag } from "../../support/build";

describe("the flags, read back from the store's own schema", () => {
  test("are those it was made from", () => {
    const specs: FlagSpecs = {
      READ: { kind: "boolean", off: false, requires: [], writes: false },
      WRITE: { kind: "boolean", off: false, requires: ["READ", "SHARE"], writes: false },
      SHARE: { kind: "percentage", off: 0, requires: [], writes: false },
      OLD: { kind: "boolean", off: true, requires: ["REST"], writes: false },
      REST: { kind: "percentage", off: 100, requires: [], writes: false },
      LATE: {
        kind: "boolean",
        off: false,
        requires: [
          { flag: "SHARE", atLeast: 100 },
          { flag: "REST", atLeast: 40 },
        ],
        writes: false,
      },
    };
    expect(specsOfSchema(documentSchema(specs))).toEqual(specs);
  });

  test("are those it was made from, whatever they are", () => {
    fc.assert(
      fc.property(flagSpecs, (specs) => {
        expect(specsOfSchema(documentSchema(specs))).toEqual(specs);
      }),
    );
  });

  test("are percentages also where an older version wrote them as integers", () => {
    const schema = { properties: { SHARE: { type: "integer", minimum: 0, maximum: 100, default: 100 } } };
    expect(specsOfSchema(JSON.stringify(schema))).toEqual({
      SHARE: { kind: "percentage", off: 100, requires: [], writes: false },
    });
  });

  test("are states where the schema lists words: off by its default, by the list at hand, or the first", () => {
    const read = (shape: object, off?: string) =>
      specsOfSchema(
        JSON.stringify({ properties: { R: shape } }),
        off === undefined ? {} : { R: statesFlag({ off }) },
      )?.R;
    const shape = { type: "string", enum: ["off", "shadow", "enforce"] };
    expect(read({ ...shape, default: "shadow" })).toEqual(statesFlag({ off: "shadow" }));
    expect(read(shape, "enforce")).toEqual(statesFlag({ off: "enforce" }));
    expect(read({ ...shape, default: "gone" })).toEqual(statesFlag());
    for (const unknown of [{ type: "string" }, { type: "string", enum: [] }, { type: "array" }])
      expect(read(unknown)).toBeUndefined();
  });

  test("know their off value by its default, where the schema has one", () => {
    const schema = { properties: { OLD: { type: "boolean", default: true }, _cutover: { type: "object" } } };
    expect(specsOfSchema(JSON.stringify(schema))).toEqual({
      OLD: { kind: "boolean", off: true, requires: [], writes: false },
    });
  });

  test("are off as the list at hand says where the schema does not, and where it means the same kind", () => {
    const schema = JSON.stringify({
      properties: {
        OLD: { type: "boolean" },
        REST: { type: "integer", default: true },
        NEW: { type: "boolean", default: false },
        constructor: { type: "boolean" },
      },
    });
    const spec = { requires: [], writes: true };
    expect(
      specsOfSchema(schema, {
        OLD: { kind: "boolean", off: true, ...spec },
        REST: { kind: "boolean", off: true, ...spec },
        NEW: { kind: "boolean", off: true, ...spec },
      }),
    ).toEqual({
      OLD: { kind: "boolean", off: true, requires: [], writes: false },
      REST: { kind: "percentage", off: 0, requires: [], writes: false },
      NEW: { kind: "boolean", off: false, requires: [], writes: false },
      constructor: { kind: "boolean", off: false, requires: [], writes: false },
    });
  });

  test("are not there in a schema of somebody else's, or none", () => {
    for (const schema of [undefined, "", "{", "[]", "{}", '{"properties":{"a":{"type":"string"}}}'])
      expect(specsOfSchema(schema)).toBeUndefined();
    fc.assert(fc.property(fc.json(), (text) => void specsOfSchema(text)));
  });
});

test("a document by itself tells its flags: false and 0 are off", () => {
  expect(specsOfDocument('{"A":true,"B":40,"C":"x","_cutover":{}}')).toEqual({
    A: { kind: "boolean", off: false, requires: [], writes: false },
    B: { kind: "percentage", off: 0, requires: [], writes: false },
  });
  for (const text of [undefined, "", "[]", "null", "{}", '{"_cutover":{}}'])
    expect(specsOfDocument(text)).toBeUndefined();
});
