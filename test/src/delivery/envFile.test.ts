import { describe, expect, test } from "vitest";
import { envFile, foreignLine, heldIn } from "../../../src/delivery/envFile";

const VARIABLES = { READ: "true", SHARE: "25", CUTOVER_FLAGS_VERSION: "3" };
const OWN = envFile("search", VARIABLES);

describe("a file of flags", () => {
  test("holds what was written", () => expect(heldIn(OWN)).toEqual(VARIABLES));

  test.each([
    ["as it was written", OWN],
    ["with a value changed by hand", OWN.replace("true", "false")],
    ["without one of its lines", OWN.replace("READ=true\n", "")],
    ["with lines that hold nothing", `\n${OWN}\n \n`.trimStart()],
  ])("is the rollout's %s", (_, text) => expect(foreignLine("search", text)).toBeUndefined());

  test.each([
    ["another rollout's", OWN.replace("search", "other"), 1],
    ["an empty one, which somebody may be about to write", "", 1],
    ["somebody's", "PASSWORD=secret\n", 1],
    ["one without names", OWN.replace(/# and.*\n/, ""), 2],
    ["one with a variable more", `${OWN}DATABASE_URL=postgres://db\n`, 6],
    ["one with a variable between", OWN.replace("SHARE=", "DEBUG=true\nSHARE="), 4],
    ["one with a note", `${OWN}# READ=true\n`, 6],
    ["one with a line of another form", `${OWN}export READ=true\n`, 6],
  ])("is not the rollout's where it is %s", (_, text, line) =>
    expect(foreignLine("search", text)).toBe(line),
  );
});
