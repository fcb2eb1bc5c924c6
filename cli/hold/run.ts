import { randomUUID } from "node:crypto";
import { carry } from "../../src/abort/carry";
import { readLoosely } from "../../src/abort/looseConfig";
import { type Asked, regionOf, requireKnownStage, rolloutOf } from "../../src/abort/target";
import { callerOf } from "../../src/aws/caller";
import { AppConfigStore, withAppConfig } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import { ALL_STAGES } from "../../src/flags/ledger";
import { cutover, quoted } from "../../src/text/command";
import { EXIT, type Exit, UsageError } from "../exit";
import { requireUnfinished } from "../finished";
import { placeOf } from "../locate";

export interface HoldOptions extends Asked {
  readonly reason?: string | undefined;
  /** The folder with the stack files. It may be missing or broken. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
}

/** A deployment under way is waited for so long: an ordinary one is over in a moment. */
const PATIENCE_MS = 60_000;

/** Holds a rollout, or one stage of it, or releases it: an entry in the ledger that changes no flag. */
export async function holdCommand(kind: "hold" | "release", options: HoldOptions): Promise<Exit> {
  const { env = process.env, print = console.log } = options;
  const reason = options.reason?.trim() || undefined;
  if (kind === "hold" && reason === undefined)
    throw new UsageError("Nothing is held:", [
      { where: "--reason", what: "says nothing", remedy: "Say why, for the ledger and for whoever is held" },
    ]);
  const config = readLoosely(options.folder);
  const rollout = rolloutOf(options, config);
  requireKnownStage(options, config);
  const region = regionOf(env, config);
  return withAppConfig(region, async (client) => {
    const [ids, by] = await Promise.all([findFlagStore(client, rollout), callerOf(region)]);
    const store = new AppConfigStore(client, ids);
    if (kind === "hold") await requireUnfinished(store, rollout, "Nothing is held");
    const stage = options.stage ?? ALL_STAGES;
    const note = { cutover: 1, rollout, kind, stage, attempt: 1, reason, by, id: randomUUID() } as const;
    const carried = await carry(store, note, PATIENCE_MS);
    const what = options.stage ?? "every stage";
    const place = placeOf(rollout, options.folder, region);
    if (carried.kind === "impossible") {
      print(
        `${rollout}: the ${kind} of ${what} is NOT in the ledger: ${carried.why}. Run the same command again`,
      );
      return EXIT.failed;
    }
    const who = by === undefined ? "" : `, by ${by}`;
    print(
      `${rollout}: deployment ${carried.deployment} records the ${kind} of ${what}${who}. No flag changed`,
    );
    print(
      kind === "hold"
        ? `pulumi up raises nothing until: ${cutover(place, "release", ...(options.stage ? [`-s ${quoted(options.stage)}`] : []))}`
        : "pulumi up raises again what its gates let pass",
    );
    return EXIT.ok;
  });
}
