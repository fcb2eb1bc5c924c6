import { type AppConfigClient, paginateListEnvironments } from "@aws-sdk/client-appconfig";
import { unlessNamed } from "../aws/failure";
import { withAppConfig } from "../flags/appConfigStore";
import type { Ledger } from "../flags/ledger";
import type { FlagStore } from "../flags/readLedger";
import { deleteVersion, heldVersions, VERSION_QUOTA } from "../flags/versions";
import type { Rollout } from "../rollout/rollout";
import { counted } from "../text/counted";
import { reasonOf } from "../text/problem";
import { KEPT_VERSIONS, spareVersions } from "./spareVersions";

/** How long one call is asked again for, and all of them together, in ms. */
const PATIENCE_MS = 5_000;
const TOTAL_MS = 60_000;

/** Whose flag document it is. */
interface RoomIn {
  readonly rollout: Rollout;
  readonly store: FlagStore;
  /** As it was read for this very run. */
  readonly ledger: Ledger;
  /** What is warned of: that there is little room. */
  readonly warn: (line: string) => void;
}

/**
 * Deletes what is spare among the versions of the flag document, before another is made: AppConfig keeps only so many, and a
 * drill or an abort needs room, too. Never throws: where there is no room, whoever makes a version is told so. Nothing
 * that only brings flags down ever waits for it.
 */
export function makeRoom(room: RoomIn): Promise<void> {
  return withAppConfig(room.store.region, (client) => deleteSpare(client, room));
}

async function deleteSpare(client: AppConfigClient, { rollout, store, ledger, warn }: RoomIn): Promise<void> {
  const ends = performance.now() + TOTAL_MS;
  try {
    const held = await heldVersions(client, store, PATIENCE_MS);
    if (held.length <= KEPT_VERSIONS) return;
    let left = held.length;
    let why = "a deployment, a stack or a label may need each of them";
    if (await isShared(client, store)) why = "other environments of the application may deploy them";
    else
      for (const version of spareVersions(rollout, ledger, held)) {
        if (performance.now() > ends) break;
        const call = deleteVersion(client, store, version, PATIENCE_MS);
        await unlessNamed(/^ResourceNotFoundException$/, undefined, call);
        left--;
      }
    if (left > (KEPT_VERSIONS + VERSION_QUOTA) / 2)
      warn(
        `AppConfig holds ${counted(left, "version")} of the flag document, and ${why}. It keeps ${VERSION_QUOTA} unless the quota "hosted configuration versions" was raised: raise it in time, under Service Quotas.`,
      );
  } catch (error) {
    warn(
      `Old versions of the flag document were not deleted: ${reasonOf(error)}. AppConfig keeps ${VERSION_QUOTA}; where it holds that many, it takes no new one.`,
    );
  }
}

/** Whether the document may be deployed elsewhere, too, of which the ledger says nothing. */
async function isShared(
  client: AppConfigClient,
  { applicationId, environmentId }: RoomIn["store"],
): Promise<boolean> {
  for await (const { Items = [] } of paginateListEnvironments({ client }, { ApplicationId: applicationId }))
    if (Items.some(({ Id }) => Id !== undefined && Id !== environmentId)) return true;
  return false;
}
