import type { AppConfigClient } from "@aws-sdk/client-appconfig";
import { describe, expect, it } from "vitest";
import { takeStoreAway } from "../../../src/flags/takeAway";

const WHOLE = { applicationId: "app", environmentId: "env", profileId: "prof" };

/** AppConfig with these versions, in pages of two; `refuses` answers a call with an error. */
function appConfig(versions: number[], refuses: Record<string, Error> = {}) {
  const calls: string[] = [];
  const client = {
    send: async ({
      constructor: { name },
      input,
    }: {
      constructor: { name: string };
      input: Record<string, unknown>;
    }) => {
      const call = name.replace(/Command$/, "");
      calls.push([call, input.VersionNumber, input.DeletionProtectionCheck].filter(Boolean).join(" "));
      if (refuses[call]) throw refuses[call];
      const from = Number(input.NextToken ?? 0);
      const Items = versions.slice(from, from + 2).map((VersionNumber) => ({ VersionNumber }));
      return { Items, ...(from + 2 < versions.length ? { NextToken: String(from + 2) } : {}) };
    },
  };
  // What the SDK's paginators ask for.
  return { client: Object.assign(Object.create(Client.prototype), client) as AppConfigClient, calls };
}

const Client = (await import("@aws-sdk/client-appconfig")).AppConfigClient;
const error = (name: string, message = "no") => Object.assign(new Error(message), { name });

describe("a flag store is taken away", () => {
  it("environment first, with AppConfig's own check; then every version, then the profile", async () => {
    const { client, calls } = appConfig([3, 2, 1]);
    const told: string[] = [];
    await takeStoreAway(client, WHOLE, (done) => told.push(done));
    expect(calls.filter((call) => !call.startsWith("List"))).toEqual([
      "DeleteEnvironment APPLY",
      ...[3, 2, 1].map((version) => `DeleteHostedConfigurationVersion ${version}`),
      "DeleteConfigurationProfile APPLY",
    ]);
    expect(told).toHaveLength(3);
  });

  it("from wherever it ended before", async () => {
    const { client, calls } = appConfig([], {
      DeleteConfigurationProfile: error("ResourceNotFoundException"),
    });
    await takeStoreAway(client, { applicationId: "app", profileId: "prof" }, () => {});
    expect(calls).toEqual(["ListHostedConfigurationVersions", "DeleteConfigurationProfile APPLY"]);
    await takeStoreAway(client, { applicationId: "app" }, () => {});
    await takeStoreAway(client, {}, () => {});
    expect(calls).toHaveLength(2);
  });

  it.each(["BadRequestException", "ConflictException"])(
    "not where AppConfig says that it was fetched lately: %s",
    async (name) => {
      const { client, calls } = appConfig([1], {
        DeleteEnvironment: error(name, "it was called within 60 minutes"),
      });
      await expect(takeStoreAway(client, WHOLE, () => {})).rejects.toThrow(
        /does not delete the environment env:[\s\S]*within 60 minutes\. Where it was fetched lately, somebody still reads/,
      );
      expect(calls).toEqual(["DeleteEnvironment APPLY"]);
    },
  );

  it("not where it is not allowed to", async () => {
    const { client } = appConfig([1], { DeleteHostedConfigurationVersion: error("AccessDeniedException") });
    await expect(takeStoreAway(client, WHOLE, () => {})).rejects.toThrow(
      /version 1 of the flag document[\s\S]*goes on from here/,
    );
  });
});
