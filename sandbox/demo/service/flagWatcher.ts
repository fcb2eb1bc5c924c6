import { createHash } from "node:crypto";
import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";
import { log } from "./log";

export interface FlagSource {
  application: string;
  environment: string;
  profile: string;
}

/** What a server knows of its flags at one moment. Requests take it once, and keep it to their end. */
export interface FlagState<Flags> {
  flags: Flags;
  /** What they come from. Absent: AppConfig, whether or not it has answered yet. */
  source?: "code";
  /** AppConfig's version label, or a digest of the document where it has none; null before the first one. */
  version: string | null;
  /** The token of the last drill, echoed so that a drill can see it arrive. */
  drill?: unknown;
}

/** What a service's requests take its flags from. */
export interface FlagsNow<Flags> {
  readonly now: FlagState<Flags>;
}

export interface FlagReader<Flags> {
  /** Until a document could be read. */
  allOff: Flags;
  /** Reads a document; throws where the service cannot take it whole. */
  parse(text: string, version: string): FlagState<Flags>;
  /** A fault: new configuration is ignored. */
  stuck?: () => boolean;
}

/**
 * The flags as this server sees them now: all off until a configuration could be read, then the last
 * good one. Neither an outage of AppConfig nor a broken document moves a flag.
 */
export class FlagWatcher<Flags> implements FlagsNow<Flags> {
  private current: FlagState<Flags>;
  private token: string | undefined;
  private asked = false;

  constructor(
    private readonly client: AppConfigDataClient,
    private readonly source: FlagSource,
    private readonly reader: FlagReader<Flags>,
  ) {
    this.current = { flags: reader.allOff, version: null };
  }

  get now(): FlagState<Flags> {
    return this.current;
  }

  /** Whether AppConfig has answered at all, be it with "nothing was deployed yet". */
  get answered(): boolean {
    return this.asked;
  }

  /** Asks AppConfig once. Throws where it cannot be asked; the flags then stay as they are. */
  async poll(): Promise<void> {
    if (this.reader.stuck?.()) return;
    const token = this.token ?? (await this.startSession());
    // A token is good for one call: whatever becomes of this one, the next must not use it again.
    this.token = undefined;
    const answer = await this.client.send(new GetLatestConfigurationCommand({ ConfigurationToken: token }));
    this.token = answer.NextPollConfigurationToken;
    this.asked = true;
    // Empty means unchanged since this session's last answer.
    if (!answer.Configuration?.length) return;
    const text = answer.Configuration.transformToString();
    this.take(text, answer.VersionLabel || digest(text));
  }

  private take(text: string, version: string): void {
    try {
      this.current = this.reader.parse(text, version);
      log(`flags ${JSON.stringify(this.current)}`);
    } catch (error) {
      log(`kept flags of version ${this.current.version}: ${error instanceof Error ? error.message : error}`);
    }
  }

  private async startSession(): Promise<string> {
    const answer = await this.client.send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: this.source.application,
        EnvironmentIdentifier: this.source.environment,
        ConfigurationProfileIdentifier: this.source.profile,
      }),
    );
    if (!answer.InitialConfigurationToken) throw new Error("AppConfig started a session without a token");
    return answer.InitialConfigurationToken;
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
