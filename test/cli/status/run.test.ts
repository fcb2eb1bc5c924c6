import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type StatusOptions, statusCommand } from "../../../cli/status/run";
import { statusView } from "../../../cli/status/schema";
import { json, nobody, pointAwsTo, standIn } from "../../support/standIn";

const FOLDER = join(__dirname, "..", "..", "..");

beforeEach(() => void vi.stubEnv("AWS_REGION", "eu-central-1"));
afterEach(() => void vi.unstubAllEnvs());

async function run(options: Partial<StatusOptions> = {}) {
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text), columns: 80 };
  const code = await statusCommand({ folder: FOLDER, screen, patience: 8_000, ...options });
  return { code, said: written.join("") };
}

/** AWS with nothing in it: every list is empty. */
const empty = () =>
  standIn(({ headers }, response) => {
    const target = String(headers["x-amz-target"] ?? "");
    if (/DescribeLogStreams/.test(target))
      return json(response, { __type: "ResourceNotFoundException", message: "no such group" }, 400);
    json(response, { Items: [], MetricAlarms: [] });
  });

test("a rollout that was never started is told in one sentence, with what to do", async () => {
  pointAwsTo((await empty()).url);
  const { code, said } = await run();
  expect(code).toBe(3);
  expect(said.replaceAll(/\s+/g, " ")).toContain(
    "ops-view was never started in eu-central-1: AppConfig knows no flags of it. Bring its first stage up: pulumi up -s baseline.",
  );
  expect(said).toMatch(/○ stageA {4}not started {2}Reads come from the database/);
});

test("as JSON it is what the schema says", async () => {
  pointAwsTo((await empty()).url);
  const { code, said } = await run({ json: true });
  expect(code).toBe(3);
  expect(statusView.parse(JSON.parse(said))).toMatchObject({ rollout: "ops-view", complete: true });
});

test("an address at which nobody listens is told with what to do, and nothing counts as known", async () => {
  pointAwsTo(await nobody());
  const { code, said } = await run({ patience: 1_000 });
  expect(code).toBe(1);
  expect(said.replaceAll(/\s+/g, " ")).toContain("AWS cannot be reached");
  expect(said).not.toMatch(/\bnone\b/);
});

test("without credentials it says so, and how to give them", async () => {
  pointAwsTo((await empty()).url);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("HOME", "/nonexistent");
  const { code, said } = await run();
  expect(code).toBe(1);
  expect(said.replaceAll(/\s+/g, " ")).toContain("unknown, no AWS credentials. Log in, or set AWS_PROFILE");
});

test("credentials that may read nothing leave everything unknown", async () => {
  const { url } = await standIn((_, response) =>
    json(response, { __type: "AccessDeniedException", message: "User is not authorized" }, 403),
  );
  pointAwsTo(url);
  const { code, said } = await run({ json: true });
  expect(code).toBe(1);
  const { flags, alarms, complete } = statusView.parse(JSON.parse(said));
  expect(complete).toBe(false);
  for (const part of [flags, alarms])
    expect(part).toMatchObject({ known: false, why: expect.stringMatching(/^access denied/) });
});

describe("what makes no sense is refused before AWS is asked for anything:", () => {
  test("a stage that there is not", async () => {
    await expect(run({ stage: "stagA" })).rejects.toThrow(/Did you mean stageA\?/);
  });

  test("a folder without stack files", async () => {
    await expect(run({ folder: join(FOLDER, "cli") })).rejects.toThrow(/no stack declares cutover:rollout/);
  });

  test("no region", async () => {
    await expect(run({ env: {} })).rejects.toThrow(/AWS_REGION/);
  });
});

test("a watch that is not on a terminal prints one status after another, and ends clean", async () => {
  pointAwsTo((await empty()).url);
  const controller = new AbortController();
  let written = "";
  const screen = {
    write: (text: string) => {
      written += text;
      if ((written.match(/STAGES/g) ?? []).length === 2) controller.abort();
    },
  };
  expect(await statusCommand({ folder: FOLDER, screen, watch: 1, until: controller.signal })).toBe(3);
  expect(written.match(/STAGES/g)).toHaveLength(2);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is about them
  expect(written).not.toMatch(/\x1b/);
});
