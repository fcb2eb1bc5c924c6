import type { Pool } from "pg";
import type { FaultSwitch } from "../faults";
import type { FlagsNow } from "../flags/document";
import type { Caller } from "../items";
import { databaseReads, databaseWrites, findInDatabase } from "./database";
import type { LocalState } from "./local-state";
import { memoryReads, memoryWrites } from "./memory";
import type { Reads, Writes } from "./store";

/** What the two flags decide. The only place that looks at them. */
export function storesFor(
  pool: Pool,
  local: LocalState,
  roster: (token: string) => Caller | undefined,
  faults: FaultSwitch,
): (now: Pick<FlagsNow, "isOn">) => { reads: Reads; writes: Writes } {
  const fromMemory = memoryReads(local, roster);
  const fromDatabase = databaseReads(pool);
  const toMemory = memoryWrites(local);
  const toMemoryOverDatabase = memoryWrites(local, (kind, id) => findInDatabase(pool, kind, id));
  const toDatabase = databaseWrites(pool, local, faults);

  return (now) => {
    const [read, write] = [now.isOn("OPS_VIEW_DB_READ"), now.isOn("OPS_VIEW_DB_WRITE")];
    return {
      reads: read ? fromDatabase : fromMemory,
      writes: write ? toDatabase : read ? toMemoryOverDatabase : toMemory,
    };
  };
}
