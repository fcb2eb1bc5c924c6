import { expect, test } from "vitest";
import { fitting } from "../../cli/fitting";
import { buildProgram } from "../../cli/program";
import { UserError } from "../../src/text/problem";

const { message } = new UserError("The stack files have a problem:", [
  { where: "Pulumi.stageA.yaml:3 soak", what: "is 0, and has to be a duration", remedy: "Write 24h, or 2d" },
]);

test("an error is wrapped on a terminal, as wide as that is", () => {
  expect(fitting(message, { isTTY: true, columns: 40 })).toBe(
    [
      "The stack files have a problem:",
      "  - Pulumi.stageA.yaml:3 soak: is 0, and",
      "    has to be a duration. Write 24h, or",
      "    2d",
    ].join("\n"),
  );
  expect(fitting(message, { isTTY: true, columns: 120 })).toBe(message);
});

test("a terminal that does not say how wide it is takes 80 columns", () => {
  const lines = fitting(message, { isTTY: true }).split("\n");
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

test.each([{}, { isTTY: false, columns: 40 }])("piped, its lines stay as they are: %j", (written) => {
  expect(fitting(message, written)).toBe(message);
});

test.each([
  [true, 40, /^error: .{1,33}\n/],
  [false, 40, /^error: unknown option '--no-such-option-as-this-one-that-is-typed'\n/],
])("so is what is said of wrong usage: a terminal %s, %d columns", (isTTY, columns, said) => {
  const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };
  Object.assign(process.stderr, { isTTY, columns });
  let written = "";
  try {
    const program = buildProgram(() => {}).exitOverride();
    program.configureOutput({ writeErr: (text) => (written += text) });
    expect(() => program.parse(["node", "cutover", "--no-such-option-as-this-one-that-is-typed"])).toThrow();
  } finally {
    Object.assign(process.stderr, before);
  }
  expect(written).toMatch(said);
});
