import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AppConfig,
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
  type Validator,
} from "@aws-sdk/client-appconfig";
import type { FlagStoreIds } from "../../../src/flags/appConfigStore";
import { documentSchema, flagDocument } from "../../../src/flags/document";
import type { Door } from "../../../src/flags/doors";
import { allOff, type FlagSpecs, type Flags } from "../../../src/flags/flags";
import { type Note, writeNote } from "../../../src/flags/ledger";

export const SPECS: FlagSpecs = {
  OPS_VIEW_DB_READ: { kind: "boolean", off: false, requires: [], writes: false },
  OPS_VIEW_DB_WRITE: { kind: "boolean", off: false, requires: ["OPS_VIEW_DB_READ"], writes: true },
};
export const BOTH: Flags = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };
export const READ: Flags = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
export const OFF: Flags = allOff(SPECS);

export const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** A rollout's flag store in the emulator, as the foundation declares it. */
export interface FlagWorld {
  readonly ids: FlagStoreIds;
  /** Deploys as a promotion does; by the rollout's own strategy unless another is named. */
  promote(document: Flags | string, how?: { strategyId?: string; note?: Partial<Note> }): Promise<number>;
  /** What a server is given now. */
  live(): Promise<unknown>;
  deployments(): Promise<{ number: number; state: string; note: string }[]>;
  /** A strategy under which a deployment takes its time. */
  slow(minutes: { duration: number; bake: number }): Promise<string>;
}

export async function openFlags(
  endpoint: string,
  region: string,
  rollout: string,
  doors: readonly Door[] = [],
): Promise<FlagWorld> {
  const aws = new AppConfig({ endpoint, region, credentials: CREDENTIALS });
  const { Id: ApplicationId = "" } = await aws.createApplication({ Name: rollout });
  const { Id: EnvironmentId = "" } = await aws.createEnvironment({ ApplicationId, Name: "live" });
  const Validators: Validator[] = [{ Type: "JSON_SCHEMA", Content: documentSchema(SPECS, doors) }];
  const { Id: ConfigurationProfileId = "" } = await aws.createConfigurationProfile({
    ApplicationId,
    Name: "flags",
    LocationUri: "hosted",
    Type: "AWS.Freeform",
    Validators,
  });
  const slow = async (
    { duration, bake }: { duration: number; bake: number },
    Name = `slow-${Math.random()}`,
  ) => {
    const made = await aws.createDeploymentStrategy({
      Name,
      DeploymentDurationInMinutes: duration,
      FinalBakeTimeInMinutes: bake,
      GrowthFactor: duration === 0 ? 100 : 10,
      ReplicateTo: "NONE",
    });
    return made.Id ?? "";
  };
  const strategyId = await slow({ duration: 0, bake: 0 }, `${rollout}-at-once`);
  const client = new AppConfigClient({ endpoint, region, credentials: CREDENTIALS });
  const validateBy = (Validators: Validator[]) =>
    aws.updateConfigurationProfile({ ApplicationId, ConfigurationProfileId, Validators });
  const promote: FlagWorld["promote"] = async (document, how = {}) => {
    // AppConfig takes no broken document, unless somebody has taken the validators away.
    if (typeof document === "string") await validateBy([]);
    const { VersionNumber } = await client.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId,
        ConfigurationProfileId,
        Content: new TextEncoder().encode(typeof document === "string" ? document : flagDocument(document)),
        ContentType: "application/json",
      }),
    );
    const started = await client.send(
      new StartDeploymentCommand({
        ApplicationId,
        EnvironmentId,
        ConfigurationProfileId,
        ConfigurationVersion: String(VersionNumber),
        DeploymentStrategyId: how.strategyId ?? strategyId,
        Description: writeNote({
          cutover: 1,
          rollout,
          kind: "promote",
          stage: "stageB",
          attempt: 1,
          ...how.note,
        }),
      }),
    );
    if (typeof document === "string") await validateBy(Validators);
    return started.DeploymentNumber ?? 0;
  };
  const deployments = async () => {
    const found = [];
    for (let DeploymentNumber = 1; ; DeploymentNumber++) {
      const one = await aws
        .getDeployment({ ApplicationId, EnvironmentId, DeploymentNumber })
        .catch(() => undefined);
      if (!one) return found;
      const { State: state = "", Description: note = "" } = one;
      found.push({ number: DeploymentNumber, state, note, version: one.ConfigurationVersion });
    }
  };
  await promote(OFF, { note: { stage: "baseline" } });
  return {
    ids: {
      applicationId: ApplicationId,
      environmentId: EnvironmentId,
      profileId: ConfigurationProfileId,
      strategyId,
    },
    promote,
    deployments,
    slow,
    live: async () => {
      const newest = (await deployments())
        .filter(({ state }) => ["COMPLETE", "BAKING"].includes(state))
        .at(-1);
      const { Content } = await aws.getHostedConfigurationVersion({
        ApplicationId,
        ConfigurationProfileId,
        VersionNumber: Number((newest as unknown as { version: string }).version),
      });
      const text = new TextDecoder().decode(Content);
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  };
}

/** What a proxy answers by itself; nothing where the request passes. */
export type Interference = (request: {
  method: string;
  path: string;
}) => { status: number; body: object; headers?: Record<string, string> } | undefined;

/** Stands between a client and the emulator, and refuses what it is told to. Counts what passes by. */
export async function openProxy(
  target: string,
  interfere: Interference = () => undefined,
): Promise<{ endpoint: string; readonly seen: string[]; close(): Promise<void> }> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const method = incoming.method ?? "GET";
    seen.push(`${method} ${path.split("?")[0]}`);
    const answer = interfere({ method, path });
    if (answer) {
      incoming.resume();
      outgoing.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      outgoing.end(JSON.stringify(answer.body));
      return;
    }
    const { host: _, ...headers } = incoming.headers;
    const onward = send(new URL(path, target), { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** AWS's way of saying "not so fast". */
export const throttled = {
  status: 429,
  body: { message: "Rate exceeded" },
  headers: { "x-amzn-errortype": "ThrottlingException" },
};
