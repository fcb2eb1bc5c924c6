import { describe, expect, it } from "vitest";
import { rolesOfSource, sourceMap } from "../../../../src/gates/elsewhere/source";

const problems = (source: object) =>
  sourceMap
    .safeParse({ one: source })
    .error?.issues.map(({ path, message }) => `${path.slice(1).join(".")}: ${message}`);

describe("a named source", () => {
  it("has an address, and headers with secrets in them, by their roles", () => {
    const headers = { Authorization: "Basic {user-a}:{b}" };
    const { one } = sourceMap.parse({ one: { url: "https://a.example.com/prom/", headers } });
    expect(one?.url).toBe("https://a.example.com/prom");
    expect(rolesOfSource(one)).toEqual(["user-a", "b"]);
  });

  it.each([
    [{ url: "http://prometheus.internal:9090" }],
    [{ url: "http://127.0.0.1:9090", headers: { Authorization: "{a}" } }],
    [{ url: "https://a.example.com", headers: { "X-Scope-OrgID": "team" } }],
    [{ url: "https://a.example.com", headers: { "X-Filter": '{"a": {}}' } }],
  ])("may be %j", (source) => {
    expect(problems(source)).toBeUndefined();
  });

  it.each([
    [{ url: "http://a.example.com", headers: { Authorization: "{a}" } }, /^url: an https URL/],
    [{ url: "https://a.example.com?x=1" }, /^url: a URL without/],
    [{ url: "https://u:p@a.example.com" }, /^url: a URL without a password/],
    [{ url: "HTTPS://u:p@a.example.com" }, /^url: a URL without a password/],
    [{ url: "not a URL" }, /^url: a URL such as/],
    [{ url: "https://a.example.com/hooks/xoxb-1234567890-abcdef" }, /^url: \{ROLE\}/],
    [
      { url: "https://a.example.com", headers: { Authorization: "Bearer abc" } },
      /^headers.Authorization: \{ROLE\}/,
    ],
    [{ url: "https://a.example.com", headers: { "DD-API-KEY": "abc" } }, /^headers.DD-API-KEY: \{ROLE\}/],
    ...["PRIVATE-TOKEN", "X-Vault-Token", "X-Query-Key", "Client-Secret", "X-Password"].map(
      (name): [object, RegExp] => [
        { url: "https://a.example.com", headers: { [name]: "abc" } },
        new RegExp(`^headers.${name}: \\{ROLE\\}`),
      ],
    ),
    ...[
      { "DD-API-KEY": "{dd_api}" },
      { "X-Foo": "{dd_app}" },
      { "X-Foo": "{dd} { dd }" },
      { "X-Foo": "{1a}" },
    ].map((headers): [object, RegExp] => [
      { url: "https://a.example.com", headers },
      /^headers.(DD-API-KEY|X-Foo): \{ROLE\} of letters, digits and dashes$/,
    ]),
    [
      { url: "https://a.example.com", headers: { Authorization: "{a}", authorization: "{a}" } },
      /^headers.authorization: a header that is there once/,
    ],
    [{ url: "https://a.example.com", headers: { Host: "b" } }, /^headers.Host: another header/],
    [{ url: "https://a.example.com", headers: { "X-A": "a\r\nX-B: b" } }, /^headers.X-A: a header's text/],
  ])("is refused, by what is wrong: %j", (source, message) => {
    expect(problems(source)?.join("\n")).toMatch(message);
  });
});
