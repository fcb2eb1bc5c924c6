import { type AppConfigAt, type Reading, type Source, Throttled } from "./source";

/** As often as AppConfig may be asked, in seconds. Source: StartConfigurationSession. */
const SHORTEST_S = 15;

/** What of AWS's client is used: `AppConfigDataClient` of `@aws-sdk/client-appconfigdata` has it. */
export interface DataApiClient {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types would make it a dependency of who does without
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
  destroy?(): void;
}

/** Which configuration, and by which client. */
export interface DataApiOptions extends AppConfigAt {
  /** Default: one of the environment's region and credentials. Who gives one ends it. */
  readonly client?: DataApiClient;
}

/**
 * Flags from AppConfig's Data API. It needs `@aws-sdk/client-appconfigdata`, which is loaded at the first look, and the
 * permissions `appconfig:StartConfigurationSession` and `appconfig:GetLatestConfiguration`.
 */
export function dataApi(options: DataApiOptions): Source {
  let own: DataApiClient | undefined;
  let token: string | undefined;

  const sdk = async () => import("@aws-sdk/client-appconfigdata");

  async function send(command: object, signal: AbortSignal) {
    if (!options.client && !own) {
      const { AppConfigDataClient } = await sdk();
      // A look that fails is made again by the next poll: retries of the client's own would stand in its way.
      own = new AppConfigDataClient({ maxAttempts: 1 });
    }
    return (options.client ?? (own as DataApiClient)).send(command, { abortSignal: signal });
  }

  async function startSession(signal: AbortSignal): Promise<string> {
    const { StartConfigurationSessionCommand } = await sdk();
    const answer = await send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: options.application,
        EnvironmentIdentifier: options.environment,
        ConfigurationProfileIdentifier: options.profile,
        RequiredMinimumPollIntervalInSeconds: SHORTEST_S,
      }),
      signal,
    );
    if (!answer.InitialConfigurationToken) throw new Error("AppConfig started a session without a token");
    return answer.InitialConfigurationToken;
  }

  return {
    name: "appconfig",
    async read(_, signal): Promise<Reading> {
      try {
        const asked = token ?? (await startSession(signal));
        // A token is good for one call: whatever becomes of this one, the next must not use it again.
        token = undefined;
        const { GetLatestConfigurationCommand } = await sdk();
        const answer = await send(new GetLatestConfigurationCommand({ ConfigurationToken: asked }), signal);
        token = answer.NextPollConfigurationToken;
        const pauseMs = (answer.NextPollIntervalInSeconds ?? 0) * 1_000;
        // Empty means unchanged since this session's last answer.
        if (!answer.Configuration?.length) return { pauseMs };
        const text = new TextDecoder().decode(answer.Configuration);
        return { text, version: answer.VersionLabel || undefined, pauseMs };
      } catch (error) {
        const name = error instanceof Error ? error.name : "";
        if (name === "ResourceNotFoundException") return { none: "AppConfig knows no such configuration" };
        if (name === "ThrottlingException" || name === "TooManyRequestsException")
          throw new Throttled(`AppConfig answers ${name}`);
        throw error;
      }
    },
    // A new session begins with the whole document.
    forget() {
      token = undefined;
    },
    close() {
      own?.destroy?.();
      own = undefined;
      token = undefined;
    },
  };
}
