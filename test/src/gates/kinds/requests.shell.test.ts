import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it, test } from "vitest";
import type { RequestsGate } from "../../../../src/gates/kinds/requests";
import { requests } from "../../../../src/gates/kinds/requests";
import { shellLines } from "../../../../src/gates/kinds/requests.shell";
import { gateOf } from "../../../support/build";

/** What is typed, without the fence around it. */
function typed(definition: object, url = "https://ops.example.com/base/"): string[] {
  const gate = gateOf("SB1", { source: "requests", ...definition }).definition as RequestsGate;
  return shellLines(gate, { url }, {}).slice(1, -1);
}

const TOLD = "-w '%{stderr}http_code: %{http_code}\\ntime_total: %{time_total}\\n'";

describe("what a person types", () => {
  it("is one line of curl for each request, with tokens from the environment and values from earlier answers", () => {
    const lines = typed({
      writes: true,
      steps: [
        {
          method: "POST",
          path: "/patches",
          as: "analyst",
          body: { intent: "it's B" },
          take: { patch: "data.id", version: "data.version" },
        },
        {
          method: "PATCH",
          path: "/patches/{patch}",
          as: "analyst",
          body: { status: "Submitted", version: "{version}" },
          status: 409,
        },
      ],
    });
    expect(lines).toEqual([
      `ANSWER=$(curl -sS -A cutover ${TOLD} -X POST https://ops.example.com/base/patches -H "Authorization: Bearer $ANALYST_TOKEN" -H 'Content-Type: application/json' -d '{"intent":"it'\\''s B"}')`,
      'patch=$(jq -er .data.id <<<"$ANSWER")',
      'version=$(jq -c .data.version <<<"$ANSWER")',
      `curl -sS -A cutover ${TOLD} -X PATCH https://ops.example.com/base/patches/"$patch" -H "Authorization: Bearer $ANALYST_TOKEN" -H 'Content-Type: application/json' -d '{"status":"Submitted","version":'"$version"'}'`,
    ]);
  });

  it("shows headers where they count, and a value that is needed both ways", () => {
    expect(
      typed({
        steps: [
          { path: "/a", take: { id: "id" } },
          {
            path: "/b/{id}",
            value: "id == `{id}`",
            expect: { eq: true },
            headers: { Sunset: { date: "http" } },
          },
        ],
      }).slice(1),
    ).toEqual([
      `ANSWER=$(curl -sS -A cutover ${TOLD} https://ops.example.com/base/a)`,
      'id=$(jq -c .id <<<"$ANSWER")',
      `ANSWER=$(curl -sS -A cutover -D /dev/stderr ${TOLD} https://ops.example.com/base/b/"$(jq -r . <<<"$id")")`,
      `jmespath 'id == ''\`'"$id"'\`'`,
    ]);
  });

  it("says which status holds by itself, before the answer is read", () => {
    const lines = typed({
      steps: [{ path: "/a", value: "id", expect: { eq: 1 }, orStatus: [404, 409] }],
    });
    expect(lines.slice(1)).toEqual([
      "# status 404 or 409: it holds, whatever its body",
      'jq -c .id <<<"$ANSWER"',
    ]);
  });

  it("takes a number that is new from the clock, and a list into an expression", () => {
    const lines = typed({
      writes: true,
      steps: [
        {
          method: "POST",
          path: "/a",
          body: { n: "{run}", file: "f-{run}.csv" },
          take: { ids: "data[*].id" },
        },
        { path: "/b", value: "length(`{ids}`)", expect: { gt: 0 } },
      ],
    });
    expect(lines.slice(1)).toEqual([
      "run=$(date +%s)",
      `ANSWER=$(curl -sS -A cutover ${TOLD} -X POST https://ops.example.com/base/a -H 'Content-Type: application/json' -d '{"n":'"$run"',"file":"f-'"$(jq -r . <<<"$run")"'.csv"}')`,
      "ids=$(jmespath 'data[*].id')",
      `ANSWER=$(curl -sS -A cutover ${TOLD} https://ops.example.com/base/b)`,
      `jmespath 'length(''\`'"$ids"'\`'')'`,
    ]);
  });

  it("asks the database for what is known, with its values in place", () => {
    const known = {
      least: { query: "select count(*) from t where w = $1 and n = $2", values: ["o'ps", 3] },
    };
    expect(typed({ known, steps: [{ method: "HEAD", path: "/" }] })).toEqual([
      `least=$(psql "$DATABASE_URL" -XAtc "select count(*) from t where w = 'o''ps' and n = '3'")`,
      `curl -sS -A cutover ${TOLD} --head https://ops.example.com/base/`,
    ]);
  });
});

test("whatever config says, a shell takes each word as it was meant, and types no token", () => {
  const odd = `$(touch /tmp/x) \`id\` "'\\ {"`;
  const lines = typed({
    writes: true,
    steps: [
      { path: `/a?q=${odd}`, as: "odd-role", take: { id: "id" } },
      { method: "POST", path: "/{id}", body: { odd, [odd]: ["{id}", `${odd}{id}`] } },
    ],
  });
  const script = [
    "set -u",
    `ODD_ROLE_TOKEN=t`,
    `curl() { printf '%s\\0' "$@" >&2; echo '{"id":"1 2"}'; }`,
    `jq() { [ "$1" = -c ] && echo '"1 2"' || echo '1 2'; }`,
    ...lines,
  ].join("\n");
  const out = execFileSync("bash", ["-c", `exec 2>&1 >/dev/null\n${script}`], { encoding: "utf8" }).split(
    "\0",
  );
  // As an address has it: curl takes none with a space in it.
  expect(out).toContain(`https://ops.example.com/base/a?q=${odd.replace(/[ "]/g, encodeURIComponent)}`);
  expect(out).toContain("-g");
  expect(out).toContain("https://ops.example.com/base/1 2");
  const body = out[out.indexOf("-d") + 1] ?? "";
  expect(JSON.parse(body)).toEqual({ odd, [odd]: ["1 2", `${odd}1 2`] });
});

test("a gate says how many requests it is, and prints them only where the service is known", () => {
  const gate = gateOf("SB1", { source: "requests", writes: true, steps: [{ path: "/" }, { path: "/" }] });
  const definition = gate.definition as RequestsGate;
  const own = gate as Parameters<typeof requests.measured>[2];
  const hand = { place: { rollout: "r" }, promotes: [] };
  expect(requests.measured(definition, hand, own)).toEqual({
    how: "2 requests, which change something in the app, by hand:",
  });
  expect(requests.measured(definition, { ...hand, service: { url: "https://x" } }, own).run).toHaveLength(4);
});

const HAS_JMESPATH = spawnSync("python3", ["-c", "import jmespath"]).status === 0;

/** A program is given at most 128 KiB in one argument; what a shell does by itself has no such bound. */
test.skipIf(!HAS_JMESPATH)("typed, an expression may hold thousands of ids", { timeout: 60_000 }, () => {
  const id = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
  const answer = JSON.stringify({ data: Array.from({ length: 5_000 }, (_, at) => ({ id: id(at) })) });
  const lines = typed({
    steps: [
      { path: "/a", take: { own: "data[*].to_string(id)" } },
      {
        path: "/b",
        value: "[length(`{own}`), length(data[:3] | [?contains(`{own}`, id)])]",
        expect: { eq: 1 },
      },
    ],
  });
  const script = ["SAID=$(cat)", 'curl() { printf %s "$SAID"; }', ...lines].join("\n");
  const out = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", input: answer });
  expect(JSON.parse(out)).toEqual([5_000, 3]);
});
