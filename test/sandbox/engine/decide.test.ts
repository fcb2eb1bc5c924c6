import { describe, expect, test } from "vitest";
import {
  BUILD_BYTES,
  buildObstacle,
  type Candidate,
  chooseFromPath,
  type GoSituation,
  isAtLeast,
  noEngine,
} from "../../../sandbox/engine/decide";
import { SetupError } from "../../../sandbox/host/errors";

const good: Candidate = { path: "/usr/bin/pulumi", version: "3.258.0", languageHost: true };

describe("an engine on PATH", () => {
  test.each<[string, Candidate[], string | undefined, RegExp[]]>([
    ["none", [], undefined, []],
    ["a good one", [good], good.path, []],
    ["exactly the minimum", [{ ...good, version: "3.248.0" }], good.path, []],
    ["a later major version", [{ ...good, version: "4.0.0" }], good.path, []],
    ["too old", [{ ...good, version: "3.247.9" }], undefined, [/version 3\.247\.9, and 3\.248\.0 or later/]],
    [
      "one without a language host",
      [{ ...good, languageHost: false }],
      undefined,
      [/pulumi-language-nodejs/],
    ],
    ["one that does not answer", [{ ...good, version: undefined }], undefined, [/did not answer/]],
    [
      "too old, then a good one",
      [{ ...good, path: "/old/pulumi", version: "2.0.0" }, good],
      good.path,
      [/\/old\/pulumi/],
    ],
    ["a good one, then too old", [good, { ...good, path: "/old/pulumi", version: "2.0.0" }], good.path, []],
  ])("%s", (_name, candidates, used, notes) => {
    const choice = chooseFromPath(candidates);
    expect(choice.use?.path).toBe(used);
    expect(choice.notes).toHaveLength(notes.length);
    for (const [i, note] of notes.entries()) expect(choice.notes[i]).toMatch(note);
  });
});

describe("building with Go", () => {
  const able: GoSituation = {
    said: { version: "1.26.0" },
    wanted: "1.26",
    freeBytes: BUILD_BYTES,
    folder: "/cache",
  };
  test.each<[string, GoSituation, RegExp | undefined]>([
    ["able", able, undefined],
    ["a later one", { ...able, said: { version: "1.30.1" } }, undefined],
    ["no go", { ...able, said: "no go on PATH" }, /^there is no `go` on PATH$/],
    ["an old go", { ...able, said: { version: "1.25.4" } }, /1\.25\.4, and 1\.26 or later/],
    [
      "a go that cannot become the one that is asked for",
      { ...able, said: { complaint: "go: download go1.26: no route to host" } },
      /^go cannot be used: .*no route to host/,
    ],
    ["a full disk", { ...able, freeBytes: BUILD_BYTES / 4 }, /4\.0 GB of free disk, and \/cache has 1\.0 GB/],
  ])("%s", (_name, situation, obstacle) => {
    if (obstacle === undefined) expect(buildObstacle(situation)).toBeUndefined();
    else expect(buildObstacle(situation)).toMatch(obstacle);
  });
});

describe("neither an engine nor a way to build one", () => {
  test.each([
    ["none on PATH", [], /^ {2}Pulumi CLI: None was found on PATH\.$/m],
    [
      "two that do not fit",
      ["Skipping /x/pulumi: old.", "Skipping /y/pulumi: mute."],
      /\/x\/pulumi.*\n.*\/y\/pulumi/,
    ],
  ])("%s: says what to install, and what stood in the way", (_name, path, told) => {
    const error = noEngine({ engine: "3.258.0", go: "1.26" }, { path, go: "there is no `go` on PATH" });
    expect(error).toBeInstanceOf(SetupError);
    expect(error.message).toMatch(
      /Install the Pulumi CLI 3\.248\.0 or later \(https:\S+\), or Go 1\.26 or later \(https:\S+\)/,
    );
    expect(error.message).toMatch(told);
    expect(error.message).toMatch(/builds the engine 3\.258\.0 once .*: there is no `go` on PATH$/);
  });
});

test.each([
  ["3.248.0", "3.248.0", true],
  ["v3.300.1", "3.248.0", true],
  ["3.99.0", "3.248.0", false],
  ["3.258.0-alpha.1", "3.258.0", true],
  ["3.248", "3.248.0", true],
  ["3.9", "3.10", false],
])("%s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
