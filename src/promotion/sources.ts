import type { Ledger } from "../flags/ledger";
import type { Sources } from "../gates/look";
import type { Check } from "../gates/smokeCheck";
import type { Rollout, Stage } from "../rollout/rollout";
import { awayOf } from "./away";
import type { FoundationOutputs } from "./foundationOutputs";
import type { Settings } from "./settings";

/** A stage with all that one run needs to know of the world around it. */
export interface Situation {
  readonly rollout: Rollout;
  readonly stage: Stage;
  readonly foundation: Pick<FoundationOutputs, "store" | "strategyId" | "database" | "topics" | "measuring">;
  readonly settings: Pick<
    Settings,
    "region" | "timeScale" | "tokens" | "awsEndpoint" | "folder" | "checkout" | "withheld"
  >;
  /** The rollout's own checks in TypeScript, by the names that stack config calls them. */
  readonly checks: Readonly<Record<string, Check>>;
}

/** What the gates of a situation are measured from, while `live` is live. */
export function sourcesOf(situation: Situation, live: string, ledger: Ledger): Sources {
  const { rollout, stage, foundation, settings, checks } = situation;
  const { region, timeScale, tokens, withheld = {} } = settings;
  return {
    ledger,
    live,
    promoted: stage,
    parameters: rollout.parameters,
    checks,
    database: foundation.database,
    withheld: withheld.database,
    service: rollout.service && { url: rollout.service.url, tokens, withheld: withheld.service },
    elsewhere: rollout.sources && { sources: rollout.sources, tokens, withheld: withheld.sources },
    servers: rollout.servers,
    region,
    timeScale,
    // Whoever measures elsewhere would be handed what is withheld.
    away: Object.keys(withheld).length === 0 ? awayOf(situation) : undefined,
  };
}
