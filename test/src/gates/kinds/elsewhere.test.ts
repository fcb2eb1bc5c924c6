import { describe, expect, it } from "vitest";
import { elsewhere } from "../../../../src/gates/kinds/elsewhere";

const sources = { dd: { url: "https://dd.example.com/a", headers: {} } };

function errors(more: object) {
  const gate = elsewhere.schema.parse({ source: "elsewhere", title: "All is well", from: "dd", ...more });
  const found =
    elsewhere.fieldErrors?.(
      gate,
      { rollout: { sources } } as unknown as Parameters<NonNullable<typeof elsewhere.fieldErrors>>[1],
      undefined,
    ) ?? [];
  return found.map(({ path, what }) => `${path.join(".")}: ${what}`);
}

const asking = (value: string, expected: object) => ({ path: "/m", value, expect: expected });

describe("a gate on a named source", () => {
  it.each<[object, string]>([
    ...[{ eq: true }, { eq: "OK" }, { ne: "OK" }, { eq: "" }].map((expected): [object, string] => [
      { promql: "up", expect: expected },
      "expect: can never hold: what a query of Prometheus yields is a number",
    ]),
    [asking("state", { eq: "" }), "expect: can never hold: text that is empty is no value"],
    [asking("state", { ne: "" }), "expect: can never fail: text that is empty is no value"],
    ...["a == 'b'", "!a", "!a && b < `1`", "m | a != 'b'", "contains(a, 'b')"].flatMap((value) =>
      [{ gt: 0 }, { eq: "OK" }, { eq: 1 }, { ne: 0 }].map((expected): [object, string] => [
        asking(value, expected),
        `expect: can never hold: ${value} is true or false`,
      ]),
    ),
    ...(
      [
        ["length(a)", { eq: "3" }, "a count"],
        ["length(a)", { eq: 1.5 }, "a count"],
        ["a | type(@)", { gt: 0 }, "text"],
        ["to_string(a)", { eq: 3 }, "text"],
        ["a[?b]", { gt: 0 }, "a list"],
        ["keys(a)", { eq: "b" }, "a list"],
        ["{b: a}", { ne: "b" }, "an object"],
      ] as const
    ).map(([value, expected, is]): [object, string] => [
      asking(value, expected),
      `expect: can never hold: ${value} is ${is}`,
    ]),
    [asking("a", { eq: 1 }), ""],
    [
      { ...asking("a", { eq: 1 }), prove: { path: "/../b", value: "a" } },
      "prove.path: leads out of https://dd.example.com/a, the url of dd",
    ],
    [
      { ...asking("a", { eq: 1 }), path: "/../b" },
      "path: leads out of https://dd.example.com/a, the url of dd",
    ],
  ])("%j: %s", (more, what) => {
    expect(errors(more)).toEqual(what === "" ? [] : [what]);
  });

  it.each<[object]>([
    [{ promql: "up", expect: { eq: 1 } }],
    [{ promql: "up", expect: { gte: 1, ne: 5 } }],
    [asking("a == 'b'", { eq: false })],
    [asking("a == 'b'", { ne: true })],
    [asking("a && b", { eq: "OK" })],
    [asking("a || b == 'c'", { gt: 1 })],
    [asking("length(a)", { gt: 0 })],
    [asking("length(a)", { gt: 0.5 })],
    [asking("type(a)", { eq: "number" })],
    [asking("a[?b] | [0].c", { gt: 0 })],
  ])("may be %j", (more) => {
    expect(errors(more)).toEqual([]);
  });
});
