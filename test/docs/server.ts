import { createServer } from "node:http";
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";
import { LOOPBACK, listenAnywhere } from "../../sandbox/host/ports";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";

/** Where a server's report has what; see `cutover:rollout.servers`. */
export const REPORT = { path: "/feature-flags", at: "data.flags", source: "data.source" } as const;

type Aws = ConstructorParameters<typeof AppConfigDataClient>[0];

/** A server that takes its flags from AppConfig, until they stand in its code. */
export interface FlagServer {
  readonly url: string;
  /** Whether the flags that are live stand in its code from now on. */
  inCode: boolean;
  stop(): Promise<void>;
}

/** Starts a server on a free loopback port. It asks AppConfig anew whenever it is asked itself. */
export async function startFlagServer(rollout: string, aws: Aws): Promise<FlagServer> {
  const client = new AppConfigDataClient(aws ?? {});
  let flags: object = {};
  const server = createServer((_, response) => {
    void (async () => {
      const { _cutover, ...live } = own.inCode ? { ...flags } : await documentOf(client, rollout);
      flags = live;
      const source = own.inCode ? "code" : "AWS AppConfig";
      response.end(JSON.stringify({ data: { flags, drill: _cutover?.drill, source } }));
    })().catch((error: unknown) => response.writeHead(503).end(String(error)));
  });
  const port = await listenAnywhere(server);
  const own = {
    url: `http://${LOOPBACK}:${port}`,
    inCode: false,
    stop: () =>
      new Promise<void>((resolve) => {
        client.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return own;
}

/** The flag document as AppConfig serves it. */
async function documentOf(
  client: AppConfigDataClient,
  rollout: string,
): Promise<{ _cutover?: { drill?: unknown } }> {
  const session = await client.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: rollout,
      EnvironmentIdentifier: ENVIRONMENT_NAME,
      ConfigurationProfileIdentifier: PROFILE_NAME,
    }),
  );
  const { Configuration } = await client.send(
    new GetLatestConfigurationCommand({ ConfigurationToken: session.InitialConfigurationToken }),
  );
  return JSON.parse(Configuration?.transformToString() || "{}");
}
