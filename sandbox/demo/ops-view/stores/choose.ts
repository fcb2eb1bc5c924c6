import type { Pool } from "pg";
import type { FaultSwitch } from "../faults";
import type { Flags } from "../flags/document";
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
): (flags: Flags) => { reads: Reads; writes: Writes } {
  const fromMemory = memoryReads(local, roster);
  const fromDatabase = databaseReads(pool);
  const toMemory = memoryWrites(local);
  const toMemoryOverDatabase = memoryWrites(local, (kind, id) => findInDatabase(pool, kind, id));
  const toDatabase = databaseWrites(pool, local, faults);

  return ({ OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write }) => ({
    reads: read ? fromDatabase : fromMemory,
    writes: write ? toDatabase : read ? toMemoryOverDatabase : toMemory,
  });
}
