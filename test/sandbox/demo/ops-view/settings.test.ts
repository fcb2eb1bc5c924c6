import { describe, expect, it } from "vitest";
import { readSettings } from "../../../../sandbox/demo/ops-view/settings";

const ENV = {
  APPCONFIG_APPLICATION: "a",
  APPCONFIG_ENVIRONMENT: "e",
  APPCONFIG_PROFILE: "p",
  ANALYST_TOKEN: "sekret-1",
  VERIFIER_TOKEN: "sekret-2",
  ADMIN_TOKEN: "sekret-3",
};

describe("readSettings", () => {
  it("has a default for all that is not particular to a sandbox", () => {
    expect(readSettings(ENV)).toMatchObject({ PORT: 0, WORKSPACE: "ws-ops", FLAGS_POLL_MS: 250 });
  });

  it("reports all problems at once, and none of the values", () => {
    const read = () =>
      readSettings({ ...ENV, PORT: "sekret-4", APPCONFIG_PROFILE: "", ADMIN_TOKEN: undefined });
    expect(read).toThrow(/PORT: [\s\S]*APPCONFIG_PROFILE: must not be empty[\s\S]*ADMIN_TOKEN: must be set/);
    expect(read).not.toThrow("sekret");
  });
});
