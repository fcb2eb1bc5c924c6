import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type PostOptions, postComment } from "../../../cli/ci/comment";
import { github as hubOf, type PullRequest } from "../../../cli/ci/github";
import { commentCommand } from "../../../cli/ci/run";
import { GITHUB_LIMIT } from "../../../src/text/marker";
import { UserError } from "../../../src/text/problem";
import { json, nobody, standIn } from "../../support/standIn";

const MARKER = "<!-- cutover:ops-view/stageB -->";
const BODY = `${MARKER}\n## Blocked\n`;
const PATH = "/repos/acme/ops/issues";

interface Comment {
  readonly id: number;
  body: string;
  readonly user?: { readonly type: string };
}

const bot = (id: number, body: string): Comment => ({ id, body, user: { type: "Bot" } });
const person = (id: number, body: string): Comment => ({ id, body, user: { type: "User" } });

/** An answer instead of the usual one. */
interface Fault {
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As much of GitHub as comments need: lists them by pages, creates and updates. A fault answers a request first. */
async function github(
  comments: Comment[],
  fault: (request: string, before: number) => Fault | undefined = () => undefined,
) {
  const requests: string[] = [];
  const { url, asked } = await standIn(({ method, path, body }, response) => {
    const request = `${method} ${path}`;
    const before = requests.filter((one) => one === request).length;
    requests.push(request);
    const given = fault(request, before);
    if (given) {
      response.writeHead(given.status, { "content-type": "application/json", ...given.headers });
      return response.end(JSON.stringify({ message: given.message ?? "no" }));
    }
    const list = /^GET .*\/issues\/7\/comments\?per_page=(\d+)&page=(\d+)$/.exec(request);
    if (list) {
      const [size, page] = [Number(list[1]), Number(list[2])];
      return json(response, comments.slice(size * (page - 1), size * page));
    }
    const text = (JSON.parse(body) as { body: string }).body;
    if (method === "POST") {
      comments.push(bot(1_000 + comments.length, text));
      return json(response, { id: 1 }, 201);
    }
    const found = comments.find(({ id }) => path === `${PATH}/comments/${id}`);
    if (!found) return json(response, { message: "Not Found" }, 404);
    found.body = text;
    return json(response, { id: found.id });
  });
  const pull: PullRequest = { api: url, repository: "acme/ops", number: 7, token: "a-token" };
  const waits: number[] = [];
  const post = (body: string, options: PostOptions = {}) =>
    postComment(hubOf(pull), body, { wait: async (ms) => waits.push(ms), ...options });
  return { comments, requests, asked, waits, post, pull };
}

describe("posting a comment", () => {
  it("creates the first one, as a bot that says who it is", async () => {
    const hub = await github([person(1, "LGTM")]);
    expect(await hub.post(BODY)).toBe("created");
    expect(hub.comments[1]?.body).toBe(BODY);
    expect(hub.requests).toEqual([`GET ${PATH}/7/comments?per_page=100&page=1`, `POST ${PATH}/7/comments`]);
    expect(hub.asked[1]?.headers).toMatchObject({
      authorization: "Bearer a-token",
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    });
  });

  it("updates its own one, and no other stack's", async () => {
    const other = "<!-- cutover:ops-view/stageA -->\nother";
    const hub = await github([bot(1, other), bot(2, `${MARKER}\nold`), bot(3, "no marker")]);
    expect(await hub.post(BODY)).toBe("updated");
    expect(hub.comments.map(({ body }) => body)).toEqual([other, BODY, "no marker"]);
  });

  it("leaves alone what already says the same", async () => {
    const hub = await github([bot(1, BODY.replaceAll("\n", "\r\n").trimEnd())]);
    expect(await hub.post(BODY)).toBe("unchanged");
    expect(hub.requests).toHaveLength(1);
  });

  it("finds its own one on a later page, and stops looking there", async () => {
    const many = Array.from({ length: 350 }, (_, index) => person(index + 1, `chat ${index}`));
    const hub = await github([...many.slice(0, 220), bot(900, `${MARKER}\nold`), ...many.slice(220)]);
    expect(await hub.post(BODY)).toBe("updated");
    expect(hub.requests.filter((one) => one.startsWith("GET"))).toHaveLength(3);
  });

  it("looks at all pages before it creates one, the last of which may be full", async () => {
    const hub = await github(Array.from({ length: 200 }, (_, index) => person(index + 1, "chat")));
    expect(await hub.post(BODY)).toBe("created");
    expect(hub.requests.filter((one) => one.startsWith("GET"))).toHaveLength(3);
  });

  it("does not take over what a person wrote, or what only quotes the marker", async () => {
    const hub = await github([
      person(1, `${MARKER}\nmine`),
      bot(2, `> ${MARKER}\nquoted`),
      { id: 3, body: `${MARKER}\nghost` },
    ]);
    expect(await hub.post(BODY)).toBe("created");
  });

  it("creates a new one where the old one is deleted meanwhile", async () => {
    const hub = await github([bot(1, `${MARKER}\nold`)], (request) =>
      request.startsWith("PATCH") ? { status: 404, message: "Not Found" } : undefined,
    );
    expect(await hub.post(BODY)).toBe("created");
    expect(hub.comments).toHaveLength(2);
  });

  it("waits for faults of the server that pass, longer each time", async () => {
    const hub = await github([], (request, before) =>
      request.startsWith("GET") && before < 3 ? { status: [500, 502, 503][before] ?? 500 } : undefined,
    );
    expect(await hub.post(BODY)).toBe("created");
    expect(hub.waits).toEqual([1_000, 2_000, 4_000]);
  });

  it("posts once where the first try was answered with a fault, but had worked", async () => {
    const comments: Comment[] = [];
    const hub = await github(comments, (request, before) => {
      if (!request.startsWith("POST") || before > 0) return undefined;
      comments.push(bot(1, BODY));
      return { status: 502 };
    });
    expect(await hub.post(BODY)).toBe("unchanged");
    expect(comments).toHaveLength(1);
  });

  it("gives up on a fault that stays, and says so", async () => {
    const hub = await github([], () => ({ status: 503, message: "down" }));
    await expect(hub.post(BODY)).rejects.toThrow(
      /acme\/ops #7: GitHub answers 503 \(down\)\. Run the job again/,
    );
    expect(hub.requests).toHaveLength(5);
    expect(hub.waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it("says what right is missing, at once and without its token", async () => {
    const hub = await github([], () => ({ status: 403, message: "Resource not accessible by integration" }));
    const refusal = hub.post(BODY);
    await expect(refusal).rejects.toThrow(UserError);
    await expect(refusal).rejects.toThrow(/Resource not accessible.*pull-requests: write/);
    await expect(refusal).rejects.not.toThrow(/a-token/);
    expect(hub.requests).toHaveLength(1);
  });

  it.each<[string, Fault, number]>([
    ["as long as GitHub says", { status: 403, headers: { "retry-after": "7" } }, 7_000],
    ["where the rate is used up", { status: 403, headers: { "x-ratelimit-remaining": "0" } }, 1_000],
    [
      "where it says so in words",
      { status: 403, message: "You have exceeded a secondary rate limit" },
      1_000,
    ],
    ["for too many requests", { status: 429, headers: { "retry-after": "0" } }, 0],
    ["never longer than a minute", { status: 429, headers: { "retry-after": "86400" } }, 60_000],
  ])("waits %s", async (_, fault, ms) => {
    const hub = await github([], (_request, before) => (before === 0 ? fault : undefined));
    expect(await hub.post(BODY)).toBe("created");
    expect(hub.waits[0]).toBe(ms);
  });

  it("tells a repository that is not there", async () => {
    const hub = await github([], () => ({ status: 404, message: "Not Found" }));
    await expect(hub.post(BODY)).rejects.toThrow(/404 \(Not Found\)\. Check GITHUB_REPOSITORY/);
  });

  it("cuts a body that is longer than GitHub takes, by whole lines, with the marker kept", async () => {
    const hub = await github([]);
    await hub.post(`${MARKER}\n${"a line of the table\n".repeat(5_000)}`);
    const body = hub.comments[0]?.body ?? "";
    expect(body.length).toBeLessThanOrEqual(GITHUB_LIMIT);
    expect(body).toMatch(
      /^<!-- cutover:ops-view\/stageB -->\n[\s\S]*a line of the table\n\n> \*\*Cut off here\*\*, for length\.\n$/,
    );
  });

  it("cuts more where GitHub still finds it too long", async () => {
    const hub = await github([], (request, before) =>
      request.startsWith("POST") && before === 0
        ? { status: 422, message: "Validation Failed: body is too long (maximum is 65536 characters)" }
        : undefined,
    );
    await hub.post(`${MARKER}\n${"é 字 \u{1f6a6}\n".repeat(6_000)}`);
    expect(hub.comments[0]?.body.length).toBeLessThanOrEqual(GITHUB_LIMIT / 2);
    expect(hub.waits).toEqual([]);
  });

  it("tells any other body that GitHub does not take", async () => {
    const hub = await github([], (request) =>
      request.startsWith("POST") ? { status: 422, message: "body is blank" } : undefined,
    );
    await expect(hub.post(BODY)).rejects.toThrow(/422 \(body is blank\)/);
  });

  it("refuses a body that no later run would find", async () => {
    const hub = await github([]);
    await expect(hub.post("## Blocked")).rejects.toThrow(/does not begin with a marker/);
    expect(hub.requests).toEqual([]);
  });

  it("gives up on a GitHub that is not there, or never answers", async () => {
    const wait = async () => {};
    const gone: PullRequest = { api: await nobody(), repository: "acme/ops", number: 7, token: "t" };
    await expect(postComment(hubOf(gone), BODY, { wait })).rejects.toThrow(/GitHub does not answer/);
    const { url } = await standIn(() => {});
    await expect(postComment(hubOf({ ...gone, api: url }), BODY, { wait, timeoutMs: 10 })).rejects.toThrow(
      /GitHub does not answer/,
    );
  });
});

describe("the command", () => {
  const env = { GITHUB_TOKEN: "a-token", GITHUB_REPOSITORY: "acme/ops", PULL_REQUEST: "7" };

  it("posts every file, and fails in the end where one could not be", async () => {
    const hub = await github([]);
    const folder = mkdtempSync(join(tmpdir(), "cutover-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "a.md"), "no marker");
    writeFileSync(join(folder, "b.md"), BODY);
    writeFileSync(join(folder, "c.txt"), BODY);
    const lines: string[] = [];
    const code = await commentCommand(folder, { ...env, GITHUB_API_URL: hub.pull.api }, (line) =>
      lines.push(line),
    );
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^a\.md: The comment does not begin with a marker/),
      expect.stringMatching(/^b\.md: created/),
    ]);
    expect(hub.comments.map(({ body }) => body)).toEqual([BODY]);
  });

  it.each([
    [{ GITHUB_TOKEN: "", PULL_REQUEST: "" }, "GITHUB_TOKEN, PULL_REQUEST: is missing"],
    [{ PULL_REQUEST: "seven" }, "PULL_REQUEST must be a number, got seven"],
    [{}, "The comments cannot be read: "],
  ])("with %o says what is wrong", async (set, said) => {
    await expect(commentCommand(join(tmpdir(), "no-such-folder"), { ...env, ...set })).rejects.toThrow(said);
  });
});
