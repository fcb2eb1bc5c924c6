import { keptFaults } from "../service/keptFaults";
import { published } from "../service/published";
import type { FaultsHeard, RunningServer } from "../service/run";
import { startServiceServer } from "../service/server";
import { createApp } from "./app";
import { FaultSwitch } from "./faults";
import { DECLARED } from "./flags/document";
import { rosterOf } from "./identity";
import { knownItems } from "./known-items";
import type { Settings } from "./settings";
import { Signals } from "./signals/signals";
import { storesFor } from "./stores/choose";
import { LocalState } from "./stores/local-state";

/** Starts one server of the operations view. */
export function startServer(settings: Settings, heard?: FaultsHeard): Promise<RunningServer> {
  const server = settings.SERVER_NAME;
  const kept = keptFaults(settings, heard);
  const faults = new FaultSwitch(kept.initial, kept.heard);
  const signals = new Signals(published(settings));
  const local = new LocalState(
    knownItems({ workspace: settings.WORKSPACE, patches: settings.KNOWN_PATCHES, rfis: settings.KNOWN_RFIS }),
  );
  const roster = rosterOf(
    { analyst: settings.ANALYST_TOKEN, verifier: settings.VERIFIER_TOKEN, admin: settings.ADMIN_TOKEN },
    settings.WORKSPACE,
  );
  // Half of a document could be write without read.
  const flagsOf = { declared: DECLARED, whole: true, stuck: () => faults.now.stuckFlags };
  return startServiceServer(settings, { ...flagsOf, signals }, ({ pool, flags }) => {
    const app = createApp({
      server,
      flags,
      storesFor: storesFor(pool, local, roster, faults),
      signals,
      faults,
    });
    return {
      fetch: app.fetch,
      begin: () => kept.follow(faults),
    };
  });
}
