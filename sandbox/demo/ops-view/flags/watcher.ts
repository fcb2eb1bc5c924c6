import { createHash } from "node:crypto";
import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";
import { log } from "../log";
import { ALL_OFF, type FlagState, parseFlagDocument } from "./document";

export interface FlagSource {
  application: string;
  environment: string;
  profile: string;
}

/**
 * The flags as this server sees them now: all off until a configuration could be read, then the last
 * good one. Neither an outage of AppConfig nor a broken document moves a flag.
 */
export class FlagWatcher {
  private current: FlagState = { flags: ALL_OFF, version: null };
  private token: string | undefined;
  private asked = false;

  constructor(
    private readonly client: AppConfigDataClient,
    private readonly source: FlagSource,
    private readonly stuck: () => boolean = () => false,
  ) {}

  get now(): FlagState {
    return this.current;
  }

  /** Whether AppConfig has answered at all, be it with "nothing was deployed yet". */
  get answered(): boolean {
    return this.asked;
  }

  /** Asks AppConfig once. Throws where it cannot be asked; the flags then stay as they are. */
  async poll(): Promise<void> {
    if (this.stuck()) return;
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
      this.current = parseFlagDocument(text, version);
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
