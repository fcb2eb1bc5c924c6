import Ajv from "ajv-draft-04";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { documentSchema, flagDocument, parseDocument, RESERVED_KEY } from "../../../src/flags/document";
import {
  allOff,
  brokenRequirements,
  type FlagSpecs,
  type Flags,
  fits,
  inThousandths,
} from "../../../src/flags/flags";
import { brokenFlagsFor, flagSpecs, flagsFor } from "../../support/arbitrary";
import { booleanFlag, flags, opsFlags, percentageFlag, READ, statesFlag, WRITE } from "../../support/build";

/** AppConfig's judgement: draft-04, by a validator that is not ours. */
function validator(specs: FlagSpecs): (document: unknown) => boolean {
  const schema = JSON.parse(documentSchema(specs));
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, ownProperties: true });
  const validate = ajv.compile(schema);
  return (document) => validate(document) as boolean;
}

describe("flagDocument", () => {
  it("is spelt the same whatever the order of the flags", () => {
    expect(flagDocument({ b: true, a: 10 })).toBe('{"a":10,"b":true}');
    expect(flagDocument({ a: 10, b: true })).toBe('{"a":10,"b":true}');
  });

  it("is read back as the same flags", () => {
    fc.assert(
      fc.property(
        flagSpecs.chain((specs) => fc.tuple(fc.constant(specs), flagsFor(specs))),
        ([specs, document]) => {
          expect(parseDocument(specs, flagDocument(document))).toEqual({
            ok: true,
            flags: document,
            undeclared: [],
            doors: {},
          });
        },
      ),
    );
  });
});

describe("parseDocument", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["a space", " "],
    ["a word", "true-ish"],
    ["half a document", '{"OPS_VIEW_DB_READ":tr'],
    ["two documents", "{}{}"],
    ["YAML", "OPS_VIEW_DB_READ: true"],
  ])("refuses %s: not JSON", (_, text) => {
    expect(parseDocument(opsFlags, text)).toEqual({ ok: false, problem: "it is not JSON" });
  });

  test.each(["null", "true", "1", '"text"', "[]", '[{"OPS_VIEW_DB_READ":true}]'])(
    "refuses %s: no JSON object",
    (text) => {
      expect(parseDocument(opsFlags, text)).toEqual({ ok: false, problem: "it is not a JSON object" });
    },
  );

  test.each([
    ['{"OPS_VIEW_DB_READ":"true"}', `${READ} is not a boolean`],
    ['{"OPS_VIEW_DB_READ":1}', `${READ} is not a boolean`],
    ['{"OPS_VIEW_DB_READ":null}', `${READ} is not a boolean`],
    ['{"OPS_VIEW_DB_READ":{"enabled":true}}', `${READ} is not a boolean`],
    ['{"OPS_VIEW_DB_READ":true,"OPS_VIEW_DB_WRITE":[]}', `${WRITE} is not a boolean`],
  ])("refuses %s, and names the flag", (text, problem) => {
    expect(parseDocument(opsFlags, text)).toEqual({ ok: false, problem });
  });

  test.each(["-1", "101", "50.1234", "true", '"50"', "1e3"])("refuses a percentage of %s", (text) => {
    const specs = { V2: percentageFlag() };
    expect(parseDocument(specs, `{"V2":${text}}`)).toEqual({ ok: false, problem: "V2 is not a percentage" });
  });

  it("takes a flag that the document lacks for off", () => {
    const specs = { ...opsFlags, OLD: booleanFlag({ off: true }) };
    expect(parseDocument(specs, '{"OPS_VIEW_DB_READ":true}')).toEqual({
      ok: true,
      flags: { [READ]: true, [WRITE]: false, OLD: true },
      undeclared: [],
      doors: {},
    });
  });

  it("does not take what every object inherits for a flag's value", () => {
    const specs = { constructor: booleanFlag(), toString: percentageFlag() };
    expect(parseDocument(specs, "{}")).toEqual({
      ok: true,
      flags: { constructor: false, toString: 0 },
      undeclared: [],
      doors: {},
    });
  });

  it("names every key that nobody declared, and leaves the reserved one out", () => {
    const text = `{"OPS_VIEW_DB_READ":true,"a":1,"__proto__":true,"${RESERVED_KEY}":{"drill":"x"},"b":null}`;
    expect(parseDocument(opsFlags, text)).toEqual({
      ok: true,
      flags: flags(true, false),
      undeclared: ["a", "__proto__", "b"],
      doors: {},
    });
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const parsed = parseDocument(opsFlags, text);
        if (parsed.ok) expect(Object.keys(parsed.flags)).toEqual([READ, WRITE]);
        else expect(parsed.problem).not.toBe("");
      }),
    );
  });
});

describe("documentSchema, as a draft-04 validator reads it", () => {
  it("declares draft-04: AppConfig takes no other", () => {
    expect(JSON.parse(documentSchema(opsFlags)).$schema).toBe("http://json-schema.org/draft-04/schema#");
  });

  it("tells the way down: each flag's default is its off value", () => {
    const specs = { A: booleanFlag({ off: true }), B: percentageFlag(), C: percentageFlag({ off: 100 }) };
    const { properties } = JSON.parse(documentSchema(specs));
    expect([properties.A.default, properties.B.default, properties.C.default]).toEqual([true, 0, 100]);
  });

  it("is spelt the same whatever the order of declaration", () => {
    const reversed = Object.fromEntries(Object.entries(opsFlags).reverse());
    expect(documentSchema(reversed)).toBe(documentSchema(opsFlags));
  });

  test.each([
    [flags(false, false), true],
    [flags(true, false), true],
    [flags(true, true), true],
    [flags(false, true), false],
    [{ [READ]: true }, false],
    [{ [WRITE]: true }, false],
    [{}, false],
    [{ ...flags(true, false), other: true }, false],
    [{ ...flags(true, false), [RESERVED_KEY]: { drill: "abc" } }, true],
    [{ ...flags(true, false), [RESERVED_KEY]: true }, false],
    [{ ...flags(true, false), [READ]: "true" }, false],
    [{ ...flags(true, false), [READ]: 1 }, false],
    [{ ...flags(true, false), [READ]: null }, false],
    [[flags(true, false)], false],
    ["text", false],
    [null, false],
  ])("takes %j: %s", (document, expected) => {
    expect(validator(opsFlags)(document)).toBe(expected);
  });

  test.each([
    [0, true],
    [100, true],
    [37, true],
    [-1, false],
    [101, false],
    [50.5, true],
    [0.001, true],
    [100.001, false],
    ["50", false],
    [true, false],
  ])("takes a percentage of %j: %s", (value, expected) => {
    expect(validator({ V2: percentageFlag() })({ V2: value })).toBe(expected);
  });

  it("takes a state by its very name, and one that a flag requires, or one beyond it", () => {
    const specs: FlagSpecs = {
      R: statesFlag({ states: ["old", "off", "shadow", "enforce"] }),
      BAN: booleanFlag({ requires: [{ flag: "R", atLeast: "shadow" }] }),
    };
    const taken = ["old", "off", "shadow", "enforce", "Shadow", "", 1, true, null].flatMap((R) =>
      [false, true].filter((BAN) => validator(specs)({ R, BAN })).map((BAN) => `${R} ${BAN}`),
    );
    expect(taken).toEqual([
      "old false",
      "off false",
      "shadow false",
      "shadow true",
      "enforce false",
      "enforce true",
    ]);
  });

  it("refuses a flag without any flag that it requires, in every combination", () => {
    const specs: FlagSpecs = {
      READ: booleanFlag(),
      LEGACY_OFF: booleanFlag({ off: true }),
      PERCENT: percentageFlag(),
      WRITE: booleanFlag({ requires: ["READ", "LEGACY_OFF"] }),
      PURGE: percentageFlag({ off: 100, requires: ["PERCENT", "WRITE"] }),
    };
    const accepts = validator(specs);
    const counted = { sound: 0, broken: 0 };
    for (const READ of [false, true])
      for (const LEGACY_OFF of [false, true])
        for (const PERCENT of [0, 1, 100])
          for (const WRITE of [false, true])
            for (const PURGE of [100, 99, 0]) {
              const write = !WRITE || (READ && !LEGACY_OFF);
              const purge = PURGE === 100 || (PERCENT > 0 && WRITE);
              const document = { READ, LEGACY_OFF, PERCENT, WRITE, PURGE };
              expect(accepts(document), JSON.stringify(document)).toBe(write && purge);
              counted[write && purge ? "sound" : "broken"]++;
            }
    // Both answers were really put to the validator.
    expect(counted).toEqual({ sound: 19, broken: 53 });
  });

  it("refuses v1 removed while not everyone is routed to v2, in every combination", () => {
    const specs: FlagSpecs = {
      PERCENT: percentageFlag(),
      DEPRECATED: booleanFlag({ requires: [{ flag: "PERCENT", atLeast: 100 }] }),
      REMOVED: booleanFlag({ requires: ["DEPRECATED"] }),
    };
    const accepts = validator(specs);
    const accepted = [0, 50, 99, 100].flatMap((PERCENT) =>
      [false, true].flatMap((DEPRECATED) =>
        [false, true].flatMap((REMOVED) =>
          accepts({ PERCENT, DEPRECATED, REMOVED }) ? [`${PERCENT} ${DEPRECATED} ${REMOVED}`] : [],
        ),
      ),
    );
    expect(accepted).toEqual([
      "0 false false",
      "50 false false",
      "99 false false",
      "100 false false",
      "100 true false",
      "100 true true",
    ]);
  });

  it("agrees with the model about every document, whole or broken", () => {
    const cases = flagSpecs.chain((specs) =>
      fc.tuple(
        fc.constant(specs),
        fc.array(fc.oneof(flagsFor(specs), brokenFlagsFor(specs)), { minLength: 20, maxLength: 20 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([specs, documents]) => {
        const accepts = validator(specs);
        expect(accepts(allOff(specs))).toBe(true);
        for (const document of documents) {
          const served = JSON.parse(flagDocument(document)) as Flags;
          // Finer than thousandths is refused by whoever reads alone: validators divide, and do not agree.
          const percents = Object.keys(served).filter((flag) => specs[flag]?.kind === "percentage");
          if (percents.some((flag) => isFiner(served[flag]))) {
            expect(parseDocument(specs, flagDocument(document)).ok).toBe(false);
            continue;
          }
          const whole = Object.entries(specs).every(
            ([flag, spec]) => Object.hasOwn(served, flag) && fits(spec, served[flag]),
          );
          const declared = Object.keys(served).every((flag) => Object.hasOwn(specs, flag));
          const sound = whole && declared && brokenRequirements(specs, served).length === 0;
          expect(accepts(served), JSON.stringify(served)).toBe(sound);
        }
      }),
      // Compiling a schema takes the time here, not judging documents.
      { numRuns: 30, endOnFailure: true },
    );
  });
});

const isFiner = (value: unknown) =>
  typeof value === "number" && value >= 0 && value <= 100 && inThousandths(value) !== value;
