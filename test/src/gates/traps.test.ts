import { describe, expect, it } from "vitest";
import { expression } from "../../../src/gates/jmespath";

const told = (value: string) => expression.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

describe("an expression that reads as something else", () => {
  it.each([
    ['length(alerts[?state == "firing"])', /single quotes, 'firing': .* written firing$/],
    ['"ok" == status', /single quotes, 'ok'/],
    ['state == "not-found"', /single quotes, 'not-found': .* written @\."not-found"$/],
    ['contains(states, "firing")', /single quotes, 'firing'/],
    ['data."state"', /written state$/],
    ["!status.ready", /!\(a\.b\)/],
    ["length(items[?!status.ready])", /!\(a\.b\)/],
    ["items[?!checks[0].ready]", /!\(a\.b\)/],
    ["state == 'ok' && !maintenance.active", /!\(a\.b\)/],
    ["not_null(status.unavailable, `0`) != `0`", /\(a \|\| b\).*not_null/],
    ["versions == sort(versions)", /sort_by\(a, &@\)/],
    ["reverse(data)[0].id", /a\[::-1\]/],
    ["!(max(rates) > `5`)", /a <= b/],
    ["version >= '2.5.0'", /text is never in order/],
    ["runs[?name == 'nightly'] | [0].conclusion != 'failure'", /with == .*or with a default/],
    ["sort_by(runs, &at)[-1].conclusion != 'failure'", /with == .*or with a default/],
    ["max_by(runs, &at).conclusion != 'failure'", /with == .*or with a default/],
    ["conditions[?type == 'Ready'].status | [0] != 'True'", /with == .*or with a default/],
    ["runs[?name == 'nightly'] | !([0].failed)", /with == .*or with a default/],
  ])("is refused with what to write: %s", (value, what) => {
    expect(told(value)).toEqual([expect.stringMatching(what)]);
  });

  it.each([
    `"check-state" == 'ok'`,
    `state == @."not-found"`,
    `state != '"ok"' && note == \`"ok"\``,
    `{"all": length(items)}.all`,
    "!(status.ready)",
    "!ready && !(status.late)",
    "length(items[?!(status.ready)])",
    "(status.unavailable || `0`) == `0`",
    "versions == sort_by(versions, &@)",
    "data[::-1] | [0].id",
    "max(rates) <= `5`",
    "version == '2.5.0'",
    "runs[?name == 'nightly'] | [0].conclusion == 'success'",
    "runs[0].conclusion != 'failure'",
    "(runs[?name == 'nightly'] | [0].conclusion || 'none') != 'failure'",
    "length(pods[?conditions[?type == 'Ready'].status | [0] != 'True'])",
    "data | items[0].state != 'bad'",
  ])("is none: %s", (value) => {
    expect(told(value)).toEqual([]);
  });
});
