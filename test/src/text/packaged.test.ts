import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  abort,
  addressed,
  COMMAND,
  captured,
  outside,
  placeAt,
  short,
  status,
} from "../../../src/text/command";
import { compiled, compiledIn, homeOf } from "../../../src/text/packaged";

const CHECKOUT = join(__dirname, "..", "..", "..");
const PACKAGE = "/shop/node_modules/cutover";
const packaged = () => vi.stubGlobal("CUTOVER_PACKAGED", true);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("in a checkout", () => {
  test("nothing is compiled, and commands are typed from it", () => {
    expect(compiled(join(CHECKOUT, "src", "lambda", "probe.ts"))).toBeUndefined();
    expect(homeOf(PACKAGE)).toBe(PACKAGE);
  });
});

describe("in the package", () => {
  test("a program is found under its source's path", () => {
    packaged();
    expect(compiled(join(CHECKOUT, "src", "lambda", "probe.ts"))).toBe(
      join(CHECKOUT, "dist", "src", "lambda", "probe.js"),
    );
    expect(compiledIn(PACKAGE, `${PACKAGE}/index.ts`)).toBe(`${PACKAGE}/dist/index.js`);
  });

  test.each([
    [PACKAGE, "/shop"],
    ["/shop/infra/node_modules/.pnpm/cutover@0.1.0/node_modules/cutover", "/shop/infra"],
    ["/checkout", "/checkout"],
  ])("at %s, commands are typed in %s", (program, home) => {
    packaged();
    expect(homeOf(program)).toBe(home);
  });

  test.each([
    [
      "inside of the repository",
      "/shop/rollouts/search",
      'npx cutover abort --rollout search -s p5 --reason "…"',
    ],
    [
      "outside of it",
      "/elsewhere/search",
      'npx --prefix /shop cutover abort --rollout search -C /elsewhere/search -s p5 --reason "…"',
    ],
  ])("a command for a rollout %s is one that npx runs", (_, folder, command) => {
    packaged();
    const place = placeAt("search", folder, "/shop");
    expect(abort(place, "p5")).toBe(command);
    const told = [...`Type ${status(place)}.`.matchAll(COMMAND)].map(([found]) => found);
    expect(told).toEqual([status(place)]);
    expect(captured(status(place))).toBe(`"$(${status(place)})"`);
  });

  test("a sentence's short commands are written out once, however often that is done", () => {
    packaged();
    const place = placeAt("search", "/shop/rollouts/search", "/shop");
    const once = addressed(`Run ${short.ofStage("status", "p5")}, or ${short.ofStack("up", "p5")}`, place);
    expect(once).toBe(
      "Run npx cutover status --rollout search -s p5, or npx cutover in --rollout search pulumi up -s p5",
    );
    expect(addressed(once, place)).toBe(once);
  });

  test("a command that is about no rollout is typed from elsewhere", () => {
    packaged();
    expect(outside("/shop", "rehearse", "a b")).toBe("npx --prefix /shop cutover rehearse 'a b'");
  });
});
