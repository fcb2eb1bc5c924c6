import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drillCommand } from "../../../cli/drill/run";
import { askServer, tokenPath } from "../../../src/abort/drillServers";
import { json, nobody, standIn } from "../../support/standIn";

const FOLDER = join(__dirname, "..", "..", "..");

describe("where a server shows the drill", () => {
  test.each([
    [{ at: "data.flags" }, "data.drill"],
    [{ at: "flags" }, "drill"],
    [{ at: "" }, "_cutover.drill"],
    [{ at: "data.flags", drillAt: "meta.token" }, "meta.token"],
  ])("%o: %s", (servers, expected) => {
    expect(tokenPath(servers)).toBe(expected);
  });
});

describe("a server", () => {
  const servers = { path: "/flags", at: "data.flags" };

  test("tells its flags and its token", async () => {
    const { url, asked } = await standIn((_, response) =>
      json(response, { data: { flags: { READ: true }, drill: "t" } }),
    );
    expect(await askServer(url, servers)).toEqual({
      server: new URL(url).host,
      flags: { READ: true },
      token: "t",
    });
    expect(asked.map(({ path }) => path)).toEqual(["/flags"]);
  });

  test.each<[string, number, unknown, string]>([
    ["refuses", 503, {}, "answered 503"],
    ["sends elsewhere", 302, {}, "answered 302"],
    ["has no flags", 200, { data: {} }, "tells no flags at data.flags"],
    ["has something else for flags", 200, { data: { flags: 1 } }, "tells no flags at data.flags"],
  ])("that %s is told so", async (_, status, body, error) => {
    const { url } = await standIn((_request, response) => json(response, body, status));
    expect(await askServer(url, servers)).toEqual({ server: new URL(url).host, error });
  });

  test("that is not there is told so", async () => {
    expect(await askServer(await nobody(), servers)).toMatchObject({
      error: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test("without a token shows none", async () => {
    const { url } = await standIn((_, response) => json(response, { data: { flags: { READ: true } } }));
    expect((await askServer(url, servers)).token).toBeUndefined();
  });
});

describe("a drill that makes no sense is refused before AWS is asked for anything,", () => {
  test.each([
    ["of a stage that there is not", "stageZ", /names no stage.*Known stages: baseline, stageA, stageB/s],
    ["of a stage without a switch", "baseline", /declares no abort alarms, so it has no switch to drill/],
  ])("%s", async (_, stage, why) => {
    await expect(drillCommand({ stage, folder: FOLDER, env: {}, print: () => {} })).rejects.toThrow(why);
  });

  test("without a region", async () => {
    const region = drillCommand({ stage: "stageB", folder: FOLDER, env: {}, print: () => {} });
    await expect(region).rejects.toThrow(/AWS_REGION: is missing/);
  });
});
