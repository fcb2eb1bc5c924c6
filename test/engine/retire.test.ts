import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppConfigClient, DeleteEnvironmentCommand } from "@aws-sdk/client-appconfig";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../cli/exit";
import { runCutover } from "../../cli/rehearse/command";
import { emulated } from "../../sandbox/aws/emulated";
import { carry } from "../../src/abort/carry";
import { AppConfigStore } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import { finishOf } from "../../src/rollout/finished";
import { TAKEN_DOWN_BEFORE } from "../../src/text/command";
import { deleteVersions } from "../support/versions";
import { findStore } from "./findStore";
import { Ground, outcome, READ, type TestRollout } from "./harness";
import { partsOf, worldOf } from "./listing";
import { created, heldBy } from "./state";

/** What `cutover retire` takes away, and when it is refused. Each test leans on those before it. */
describe("cutover retire", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let server: Server;
  let url: string;
  /** What the server says of where its flags come from. */
  let source: string | undefined = "appconfig";

  const retire = async (...words: string[]) => {
    const ran = await runCutover({ sandbox: ground.sandbox, project: rollout.project }, ["retire", ...words]);
    return { ...ran, said: `${ran.stdout}${ran.stderr}` };
  };
  const servers = (...urls: string[]) =>
    rollout.edit("baseline", ["cutover:rollout", "servers"], {
      urls,
      path: "/flags",
      at: "data.flags",
      source: "data.source",
    });
  /** Puts the finish into the ledger, as the entry that changes no flag. */
  const finish = async () => {
    const client = new AppConfigClient(emulated(ground.sandbox.aws));
    const note = { cutover: 1, rollout: "ended", kind: "finish", stage: "all", attempt: 1 } as const;
    try {
      const carried = await carry(
        new AppConfigStore(client, await findFlagStore(client, "ended")),
        note,
        60_000,
      );
      expect(carried).toMatchObject({ kind: "recorded" });
    } finally {
      client.destroy();
    }
  };
  const roles = async () =>
    (await rollout.pool.query<{ rolname: string }>("select rolname from pg_roles where rolname ~ 'ended'"))
      .rows;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("ended", { stacks: ["baseline", "stageA"] });
    server = createServer((_, response) => response.end(JSON.stringify({ data: { flags: READ, source } })));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    await servers(url, "http://127.0.0.1:9");
  });
  afterAll(async () => {
    server?.close();
    await ground?.close();
  });

  it("is refused with every reason at once, and takes nothing away", async () => {
    const [world, parts] = [await worldOf(rollout), await partsOf(rollout)];
    const state = heldBy(await rollout.state("baseline"));
    const { code, said } = await retire("--yes");
    expect(code, said).toBe(EXIT.blocked);
    expect(said).toContain("NOTHING was taken away");
    expect(said).toMatch(
      /rollout: it is not finished[^\n]*cutover -- finish[^\n]*cutover -- abort[^\n]*--all/,
    );
    expect(said).toMatch(
      /stack stageA: still holds \d+ resources[^\n]*pulumi up -s stageA[^\n]*pulumi destroy -s stageA/,
    );
    expect(said).toContain(`server ${new URL(url).host}: says "appconfig" as the source of its flags`);
    expect(said).toContain("server 127.0.0.1:9: could not be asked");
    expect(await worldOf(rollout)).toEqual(world);
    expect(await partsOf(rollout)).toEqual(parts);
    expect(heldBy(await rollout.state("baseline"))).toEqual(state);
  });

  it("is refused by the server alone, once the rollout is over and its stage is gone", async () => {
    await finish();
    expect(finishOf(rollout, await rollout.ledger())).toBeDefined();
    await rollout.must(["state", "unprotect", "--all", "--yes", "--stack", "stageA"]);
    await rollout.must(["destroy", "--stack", "stageA", "--yes", "--skip-preview"]);
    await servers(url);
    const { code, said } = await retire("--yes");
    expect(code, said).toBe(EXIT.blocked);
    expect(said.match(/^ {2}- /gm)).toHaveLength(1);
    expect(said).toContain('says "appconfig"');
  });

  it("asks before it takes anything away", async () => {
    source = "code";
    const { code, said } = await retire();
    expect(code, said).toBe(EXIT.failed);
    expect(said).toMatch(/OPS_VIEW_DB_READ\s*│ true/);
    expect(said).toContain("NOTHING was taken away, since nobody can be asked here");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("goes on where an earlier one was killed, with servers asked all the same", async () => {
    const { applicationId, environmentId } = await rollout.ledgerStore();
    const client = new AppConfigClient(emulated(ground.sandbox.aws));
    await client.send(
      new DeleteEnvironmentCommand({ ApplicationId: applicationId, EnvironmentId: environmentId }),
    );
    client.destroy();
    source = "appconfig";
    expect((await retire("--yes")).code).toBe(EXIT.blocked);
    source = "code";
    await deleteVersions(ground.sandbox.aws);
    expect(await roles()).not.toEqual([]);
    const { code, said } = await retire("--yes");
    expect(code, said).toBe(EXIT.ok);
    expect(said).toContain("taken away in part already");
    expect(said).toContain("all of it is gone");
    expect(said).toMatch(/pulumi stack rm baseline --preserve-config/);
  });

  it("leaves nothing: no application, no topic, no role, an empty stack", async () => {
    expect(await partsOf(rollout)).toEqual([]);
    expect(created(await rollout.state("baseline"))).toEqual([]);
    expect(await roles()).toEqual([]);
    await expect(findStore(ground.sandbox, "ended")).rejects.toThrow(
      "there is no AppConfig application ended",
    );
  });

  it("typed again, says that all is gone", async () => {
    const { code, said } = await retire("--yes");
    expect(code, said).toBe(EXIT.ok);
    expect(said).toContain("all of it is gone already");
  });

  it("goes all the way at once, by a person's word where no server is declared", async () => {
    const other = await ground.rollout("alone", { stacks: ["baseline"] });
    expect(await outcome(other.up("baseline"))).toBe("promoted");
    // As a stack has it that was brought up before there was this command: its latch takes the new name.
    const latches = async () =>
      (await other.state("baseline")).flatMap(({ urn }) => (urn.includes("for-good") ? [urn] : []));
    const [latch = ""] = await latches();
    expect(latch).toMatch(/-cutover-retire$/);
    const before = `alone-to-take-down-for-good-${TAKEN_DOWN_BEFORE}`;
    await other.must(["state", "rename", latch, before, "--yes", "--stack", "baseline"]);
    expect(["unchanged", "updated"]).toContain(await outcome(other.up("baseline")));
    expect(await latches()).toEqual([latch]);
    const run = (...words: string[]) =>
      runCutover({ sandbox: ground.sandbox, project: other.project }, ["retire", "--yes", ...words]);
    expect(await run()).toMatchObject({ code: EXIT.blocked });
    expect(await other.liveFlags()).toBeDefined();
    const { code, stdout, stderr } = await run("--servers-done", "nothing reads them yet");
    expect(code, `${stdout}${stderr}`).toBe(EXIT.ok);
    expect(stdout).toMatch(/environment \S+ is deleted[\s\S]*1 version[\s\S]*profile \S+ is deleted/);
    expect(stdout).toContain("Your word for it: nothing reads them yet");
    expect(await partsOf(other)).toEqual([]);
    await expect(findStore(ground.sandbox, "alone")).rejects.toThrow("there is no AppConfig application");
  });
});
