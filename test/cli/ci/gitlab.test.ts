import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { commentCommand } from "../../../cli/ci/run";
import { json, standIn } from "../../support/standIn";

const MARKER = "<!-- cutover:ops-view/stageB -->";
const BODY = `${MARKER}\n## Blocked\n`;
const NOTES = "/projects/ops%2Fapp/merge_requests/7/notes";
const ME = 42;

interface Note {
  readonly id: number;
  body: string;
  readonly system?: boolean;
  readonly author: { readonly id: number };
}

/** As much of GitLab's notes API as notes need, after its reference: pages, POST with 201, PUT, and whose token it is. */
async function lab(notes: Note[], refuse?: { readonly status: number; readonly message: string }) {
  const { url, asked } = await standIn(({ method, path, headers, body }, response) => {
    if (headers["private-token"] !== "glpat-a") return json(response, { message: "401 Unauthorized" }, 401);
    if (method === "GET" && path === "/user") return json(response, { id: ME, username: "project_1_bot" });
    if (refuse) return json(response, { message: refuse.message }, refuse.status);
    const list = /^\/projects\/ops%2Fapp\/merge_requests\/7\/notes\?(.*)$/.exec(path);
    if (method === "GET" && list) {
      const query = new URLSearchParams(list[1]);
      const [size, page] = [Number(query.get("per_page")), Number(query.get("page"))];
      return json(response, notes.slice(size * (page - 1), size * page));
    }
    const text = (JSON.parse(body) as { body: string }).body;
    if (method === "POST" && path === NOTES) {
      notes.push({ id: 900 + notes.length, body: text, author: { id: ME } });
      return json(response, { id: 1 }, 201);
    }
    const found = notes.find(({ id }) => method === "PUT" && path === `${NOTES}/${id}`);
    if (!found) return json(response, { message: "404 Not found" }, 404);
    found.body = text;
    return json(response, { id: found.id });
  });
  const folder = mkdtempSync(join(tmpdir(), "cutover-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const post = async (body = BODY, env: NodeJS.ProcessEnv = {}) => {
    writeFileSync(join(folder, "stageB.md"), body);
    const runner = {
      GITLAB_CI: "true",
      CI_API_V4_URL: url,
      CI_PROJECT_ID: "ops/app",
      CI_MERGE_REQUEST_IID: "7",
      GITLAB_TOKEN: "glpat-a",
      ...env,
    };
    return commentCommand(folder, runner, (line) => lines.push(line));
  };
  return { notes, asked, lines, post };
}

describe("a note on a merge request", () => {
  it("is created once, and renewed by the next run", async () => {
    const { notes, lines, post } = await lab([{ id: 1, body: "LGTM", author: { id: 3 } }]);
    expect(await post()).toBe(0);
    expect(await post()).toBe(0);
    expect(await post(`${MARKER}\n## May be brought up\n`)).toBe(0);
    expect(lines).toEqual(["stageB.md: created", "stageB.md: unchanged", "stageB.md: updated"]);
    expect(notes.map(({ body }) => body)).toEqual(["LGTM", `${MARKER}\n## May be brought up\n`]);
  });

  it("is found on a later page, and never taken for somebody else's or the system's", async () => {
    const others = Array.from({ length: 150 }, (_, index) => ({
      id: index + 1,
      body: `${MARKER}\nnot mine`,
      author: { id: 3 },
    }));
    const system = { id: 500, body: `${MARKER}\nsystem`, system: true, author: { id: ME } };
    const mine = { id: 501, body: `${MARKER}\nold`, author: { id: ME } };
    const { asked, post } = await lab([...others, system, mine]);
    expect(await post()).toBe(0);
    expect(mine.body).toBe(BODY);
    expect(system.body).toContain("system");
    expect(asked.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "PUT"]);
  });

  it("is text alone: no line is a command, and nobody is told by name", async () => {
    const { notes, post } = await lab([]);
    await post(`${MARKER}\n/merge\n  /approve\nsay @all, or \`@all\`, a@b.example\u202e\n`);
    expect(notes[0]?.body).toBe(
      `${MARKER}\n\u200b/merge\n  \u200b/approve\nsay @\u200ball, or \`@all\`, a@b.example \n`,
    );
  });

  it.each([
    ["a token that is none", undefined, { GITLAB_TOKEN: "no" }, /GitLab answers 401 .*project access token/],
    [
      "a job's token",
      { status: 403, message: "403 Forbidden" },
      {},
      /answers 403 .*CI_JOB_TOKEN has neither/,
    ],
    ["another project", { status: 404, message: "404 Not Found" }, {}, /answers 404 .*CI_PROJECT_ID/],
  ])("with %s says what to do, and never the token", async (_, refuse, env, said) => {
    const { lines, post } = await lab([], refuse);
    expect(await post(BODY, env)).toBe(1);
    expect(lines.join("\n")).toMatch(said);
    expect(lines.join("\n")).not.toContain("glpat");
  });

  it("names what its job did not set", async () => {
    const { post } = await lab([]);
    await expect(post(BODY, { GITLAB_TOKEN: "", CI_MERGE_REQUEST_IID: "" })).rejects.toThrow(
      "GITLAB_TOKEN, CI_MERGE_REQUEST_IID: is missing",
    );
  });
});
