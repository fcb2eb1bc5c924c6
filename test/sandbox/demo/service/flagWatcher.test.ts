import type { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ALL_OFF, type Flags, parseFlagDocument } from "../../../../sandbox/demo/ops-view/flags/document";
import { FlagWatcher } from "../../../../sandbox/demo/service/flagWatcher";

/** Answers as AppConfig does: tokens are good for one call, and an unchanged document comes back empty. */
class FakeAppConfig {
  document = "";
  label: string | undefined;
  down = false;
  sessions = 0;
  private tokens = new Map<string, string | undefined>();

  readonly client = { send: (command: object) => this.send(command) } as unknown as AppConfigDataClient;

  private async send(command: object): Promise<object> {
    if (this.down) throw new Error("unreachable");
    const { ConfigurationToken } = (command as { input: { ConfigurationToken?: string } }).input;
    if (ConfigurationToken === undefined) {
      this.tokens.set(`session-${++this.sessions}`, undefined);
      return { InitialConfigurationToken: `session-${this.sessions}` };
    }
    if (!this.tokens.has(ConfigurationToken)) throw new Error("BadRequestException");
    const served = this.tokens.get(ConfigurationToken);
    this.tokens.delete(ConfigurationToken);
    this.tokens.set(`${ConfigurationToken}+`, this.document);
    const text = served === this.document ? "" : this.document;
    return {
      NextPollConfigurationToken: `${ConfigurationToken}+`,
      VersionLabel: this.label,
      Configuration: Object.assign(new TextEncoder().encode(text), { transformToString: () => text }),
    };
  }
}

const document = (read: boolean, write: boolean) =>
  JSON.stringify({ OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write });
const source = { application: "a", environment: "e", profile: "p" };

let appConfig: FakeAppConfig;
let stuck: boolean;
let watcher: FlagWatcher<Flags>;

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  appConfig = new FakeAppConfig();
  stuck = false;
  watcher = new FlagWatcher(appConfig.client, source, {
    allOff: ALL_OFF,
    parse: parseFlagDocument,
    stuck: () => stuck,
  });
});

describe("FlagWatcher", () => {
  const off = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
  const on = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

  it("has all flags off until a configuration could be read", async () => {
    appConfig.down = true;
    await expect(watcher.poll()).rejects.toThrow("unreachable");
    expect(watcher.answered).toBe(false);
    appConfig.down = false;
    await watcher.poll();
    expect(watcher.answered).toBe(true);
    expect(watcher.now).toEqual({ flags: off, version: null });
  });

  it("follows the document, within one session", async () => {
    appConfig.document = document(true, false);
    await watcher.poll();
    await watcher.poll();
    expect(watcher.now.flags).toEqual({ OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false });
    appConfig.document = document(true, true);
    await watcher.poll();
    expect(watcher.now.flags).toEqual(on);
    expect(appConfig.sessions).toBe(1);
  });

  it("tells documents apart by label, or else by digest", async () => {
    appConfig.document = document(true, false);
    await watcher.poll();
    const first = watcher.now.version;
    appConfig.document = document(true, true);
    await watcher.poll();
    expect(watcher.now.version).not.toBe(first);
    appConfig.label = "7";
    appConfig.document = document(false, false);
    await watcher.poll();
    expect(watcher.now.version).toBe("7");
  });

  it.each([
    ["write without read", document(false, true)],
    ["something that is not JSON", "<html>"],
  ])("keeps the last good flags over %s", async (_, broken) => {
    appConfig.document = document(true, true);
    await watcher.poll();
    appConfig.document = broken;
    await watcher.poll();
    expect(watcher.now.flags).toEqual(on);
  });

  it("keeps the flags through an outage, and catches up with a new session", async () => {
    appConfig.document = document(true, true);
    await watcher.poll();
    appConfig.down = true;
    await expect(watcher.poll()).rejects.toThrow();
    expect(watcher.now.flags).toEqual(on);
    appConfig.down = false;
    appConfig.document = document(false, false);
    await watcher.poll();
    expect(watcher.now.flags).toEqual(off);
    expect(appConfig.sessions).toBe(2);
  });

  it("ignores a change while stuck, and sees it afterwards", async () => {
    await watcher.poll();
    stuck = true;
    appConfig.document = document(true, false);
    await watcher.poll();
    expect(watcher.now.flags).toEqual(off);
    stuck = false;
    await watcher.poll();
    expect(watcher.now.flags.OPS_VIEW_DB_READ).toBe(true);
  });
});
