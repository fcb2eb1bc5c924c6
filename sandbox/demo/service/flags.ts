import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import {
  type Declarations,
  dataApi,
  type Flags,
  inCode,
  openFlags,
  type Source,
} from "../../../kit/node/src";
import type { Loop } from "../../host/repeat";
import { log } from "./log";
import { every } from "./loop";
import type { ServerSettings } from "./settings";

export type { Declarations };

/** For how long a start asks where nobody answers. */
const START_WITHIN_MS = 30_000;

/** What a server tells of its flags: the kit's report, or what stands in for it. */
export interface FlagState<Flags> {
  readonly flags: Flags;
  /** Default: AppConfig. */
  readonly source?: string;
  readonly version: string | null;
  readonly drill?: unknown;
}

/** What a service asks of its flags. */
export type Served<D extends Declarations> = Pick<Flags<D>, "snapshot" | "report">;

/** The flags of a service, and how they misbehave. */
export interface FlagsOf<D extends Declarations> {
  readonly declared: D;
  /** Whether a document that lacks one of them is refused. */
  readonly whole?: boolean;
  /** A fault: new configuration is ignored. */
  readonly stuck?: () => boolean;
}

type Settings = Pick<
  ServerSettings,
  | "APPCONFIG_APPLICATION"
  | "APPCONFIG_ENVIRONMENT"
  | "APPCONFIG_PROFILE"
  | "FLAGS_IN_CODE"
  | "FLAGS_READ"
  | "FLAGS_POLL_MS"
  | "FLAGS_WAIT_MS"
>;

/**
 * Opens a server's flags: from its code, or from AppConfig, read once or all the while. A sandbox asks more often than
 * AppConfig allows, so the kit's own polling is left out.
 *
 * @param loops is given what goes on looking
 * @param source where they come from, if not from the settings' AppConfig
 */
export async function openServed<D extends Declarations>(
  settings: Settings,
  { declared, whole = false, stuck = () => false }: FlagsOf<D>,
  loops: Loop[],
  source: Source = fromAppConfig(settings),
): Promise<Flags<D>> {
  const open = (from: Source, waitMs: number) =>
    openFlags({ flags: declared, source: from, whole, pollMs: false, waitMs, log });
  if (settings.FLAGS_IN_CODE !== undefined) {
    const flags = await open(inCode(JSON.parse(settings.FLAGS_IN_CODE) as Record<string, boolean>), 0);
    const { refused } = flags.report();
    if (refused) throw new Error(`The flags in its code cannot be taken: ${refused.problem}`);
    return flags;
  }
  if (settings.FLAGS_READ === "start") {
    if (stuck()) throw new Error("The flags cannot be read: new configuration is ignored");
    // As a platform does that puts them into the environment of what it starts: nothing is started without them.
    const flags = await open(source, START_WITHIN_MS);
    if (!flags.answered) throw new Error(`The flags cannot be read: ${flags.trouble}`);
    return flags;
  }
  // A restarted server that answered at once would say "all off" to a client that has just seen flags on.
  const flags = await open(stuckWhere(source, stuck), settings.FLAGS_WAIT_MS);
  loops.push(every("flags", settings.FLAGS_POLL_MS, async () => void (await flags.refresh())));
  return flags;
}

function fromAppConfig(settings: Settings): Source {
  const at = {
    application: settings.APPCONFIG_APPLICATION,
    environment: settings.APPCONFIG_ENVIRONMENT,
    profile: settings.APPCONFIG_PROFILE,
  };
  const client = new AppConfigDataClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 2_000, connectionTimeout: 1_000 },
  });
  const source = dataApi({ ...at, client });
  return { ...source, close: () => client.destroy() };
}

/** The same source, which cannot be asked while the fault is on. */
function stuckWhere(source: Source, stuck: () => boolean): Source {
  return {
    ...source,
    async read(declared, signal) {
      if (stuck()) throw new Error("new configuration is ignored");
      return source.read(declared, signal);
    },
  };
}
