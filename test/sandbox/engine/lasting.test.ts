import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LastingPlugin } from "../../../sandbox/engine/lasting";
import type { Service } from "../../../sandbox/host/processes";
import { temporaryFolder } from "../support";

const ENV = { AWS_REGION: "us-east-1", PULUMI_HOME: "/somewhere", PATH: "/bin" };

/** A plugin whose n-th start prints the n-th of `ports`, and runs until `end` is called. */
function plugin(...ports: readonly string[]) {
  const dir = temporaryFolder();
  const started: Readonly<Record<string, string>>[] = [];
  let ended = 0;
  const lasting = new LastingPlugin("aws", ENV, async (env) => {
    const log = join(dir, `${started.length}.log`);
    writeFileSync(log, `${ports[started.length]}\nand more\n`);
    const nth = started.push(env);
    const service = {
      log,
      get running() {
        return nth > ended;
      },
    };
    return service as Service;
  });
  const end = () => {
    ended = started.length;
  };
  return { lasting, started, end };
}

it("is started once, for the first command that asks a provider, and offered to each", async () => {
  const { lasting, started } = plugin("4000", "5000");
  expect(await lasting.offer(["stack", "export"])).toEqual({});
  expect(started).toEqual([]);
  const offered = { PULUMI_DEBUG_PROVIDERS: "aws:4000" };
  const both = [lasting.offer(["up", "--yes"]), lasting.offer(["preview"])];
  expect(await Promise.all(both)).toEqual([offered, offered]);
  expect(await lasting.offer(["destroy"], { PULUMI_STACK: "a", CUTOVER_REPORT: "b" })).toEqual(offered);
  expect(started).toHaveLength(1);
});

it("is not offered where a plugin may find something else than it found", async () => {
  const { lasting } = plugin("4000");
  for (const more of [{ AWS_REGION: "eu-west-1" }, { AWS_PROFILE: "x" }, { HTTPS_PROXY: "x" }, { TZ: "UTC" }])
    expect(await lasting.offer(["up"], more)).toEqual({});
  for (const args of [
    ["up", "-C", "elsewhere"],
    ["up", "--cwd=elsewhere"],
  ])
    expect(await lasting.offer(args)).toEqual({});
  expect(await lasting.offer(["up"], { AWS_REGION: "us-east-1" })).not.toEqual({});
});

it("is started anew once it has ended", async () => {
  const { lasting, end } = plugin("4000", "5000");
  await lasting.offer(["up"]);
  end();
  expect(await lasting.offer(["up"])).toEqual({ PULUMI_DEBUG_PROVIDERS: "aws:5000" });
});

it("is started anew once for commands that find together that it has ended", async () => {
  const { lasting, started, end } = plugin("4000", "5000", "6000");
  await lasting.offer(["up"]);
  end();
  const offered = { PULUMI_DEBUG_PROVIDERS: "aws:5000" };
  expect(await Promise.all([lasting.offer(["up"]), lasting.offer(["up"])])).toEqual([offered, offered]);
  expect(started).toHaveLength(2);
});

it("knows nothing of any engine", async () => {
  const { lasting, started } = plugin("4000");
  await lasting.offer(["up"]);
  expect(started).toEqual([{ AWS_REGION: "us-east-1", PATH: "/bin" }]);
});

it("is done without where it cannot be started", async () => {
  const lasting = new LastingPlugin("aws", ENV, () => Promise.reject(new Error("there is no such program")));
  expect(await lasting.offer(["up"])).toEqual({});
  const log = join(temporaryFolder(), "log");
  const dead = new LastingPlugin("aws", ENV, async () => ({ log, running: false }) as Service);
  expect(await dead.offer(["up"])).toEqual({});
});
