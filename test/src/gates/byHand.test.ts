import { expect, test } from "vitest";
import { curl, psql, serverLines, written } from "../../../src/gates/byHand";

test.each<[string, string, (string | number | boolean)[], string | undefined, string]>([
  ["a value", "select $1", ["ws-ops"], undefined, "select 'ws-ops'"],
  ["one with quotes", "select $1", ["it's"], undefined, "select 'it''s'"],
  ["a number, of the type that its place has", "where n = $1", [5], undefined, "where n = '5'"],
  [
    "the tenth beside the first",
    "$1 $10",
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"],
    undefined,
    "'a' 'j'",
  ],
  [
    "none within a text, a name or a comment",
    `'$1' "$1" /* $1 */ $1 -- $1`,
    ["x"],
    undefined,
    `'$1' "$1" /* $1 */ 'x' -- $1`,
  ],
  ["a length of time", "$1", ["{2h}"], undefined, "'2 hours'"],
  ["one that is no other's plural", "$1", ["{1m}"], undefined, "'1 minute'"],
  ["a window", "f($1, $2)", ["{from}", "{to}"], "24h", "f((now() - interval '24 hours'), now())"],
  ["the soak", "f($1, $2)", ["{from}", "{to}"], "soak", "f('$LIVE_SINCE', now())"],
])("a query is written with %s", (_, query, values, window, expected) => {
  expect(written({ query, values, window })).toBe(expected);
});

test("a query that finds its tables in another schema is asked there", () => {
  expect(psql({ query: "select 1", values: [] }, { schema: "ops data" })).toBe(
    `psql "$DATABASE_URL" -XqAtc 'set local search_path = "ops data"; select 1'`,
  );
});

test.each([
  ["data.counts.total", "| jq .data.counts.total"],
  ["data.0.id", "| jq '.data[0].id'"],
  ["a-b.c", `| jq '.["a-b"].c'`],
  ["", "| jq ."],
])("the value at %s is cut out of an answer", (path, expected) => {
  expect(curl("https://a.example", { path: "/x" }, path)).toContain(expected);
});

test("a request is typed with its method, role and body, below the service's base path", () => {
  const line = curl("https://a.example/base/", {
    method: "POST",
    path: "/x?y=1&z=2",
    as: "admin",
    body: { a: "it's" },
  });
  expect(line).toContain("-o /dev/null");
  expect(line).toContain("-X POST");
  expect(line).toContain('-H "Authorization: Bearer $ADMIN_TOKEN"');
  expect(line).toContain(`-d '{"a":"it'\\''s"}'`);
  expect(line).toContain("'https://a.example/base/x?y=1&z=2'");
});

test.each([
  ["/api/v1/series?filter[env]=prod", "curl -sS -g -A", "filter[env]=prod'"],
  ["/q?query=avg:cpu{*} by {host}", "curl -sS -g -A", "avg:cpu{*}%20by%20{host}'"],
  ["/a{b,c}", "curl -sS -g -A", "/a{b,c}'"],
  ["/plain", "curl -sS -A", "/plain"],
])("a path is typed as it is asked for, whatever curl makes of it: %s", (path, begins, holds) => {
  const line = curl("https://[::1]:8080", { path });
  expect(line).toContain(begins);
  expect(line.replaceAll("''", "")).toContain(holds);
});

test("every running task of a service is asked for its flags", () => {
  const ecs = [{ cluster: "main", service: "ops", port: 8080, scheme: "http" as const, restart: false }];
  const [line = ""] = serverLines({ servers: { urls: [], ecs, path: "/flags", at: "" } });
  expect(line).toContain("aws ecs list-tasks --cluster main --service-name ops");
  expect(line).toContain('curl -sS "http://$address:8080"/flags | jq .');
});

test("tasks that stand in the URLs are asked there alone", () => {
  const at = { port: 80, scheme: "http" as const, restart: true, reachedBy: "urls" as const };
  const urls = ["https://one.example", "https://two.example"];
  const lines = serverLines({
    servers: { urls, ecs: [{ cluster: "main", service: "ops", ...at }], path: "/flags", at: "" },
  });
  expect(lines.map((line) => line.split(" ")[2])).toEqual(urls.map((url) => `${url}/flags`));
});
