import { randomUUID } from "node:crypto";
import { assertMovable, type Caller, type Item, KINDS, type Kind } from "../items";
import type { LocalState } from "./local-state";
import type { Counts, Reads, Writes } from "./store";

/** Reads from this server's memory. */
export function memoryReads(local: LocalState, roster: (token: string) => Caller | undefined): Reads {
  return {
    async identify(token, workspaceId) {
      const caller = roster(token);
      return workspaceId === undefined || caller?.workspaceId === workspaceId ? caller : undefined;
    },
    async counts(scope): Promise<Counts> {
      const patches = countByStatus(local.list("patch", scope));
      const rfis = countByStatus(local.list("rfi", scope));
      return { total: sum(patches) + sum(rfis), patches, rfis };
    },
    async list(kind, scope) {
      return local.list(kind, scope);
    },
  };
}

/**
 * Writes to this server's memory, where they last until it stops. `base` looks up what memory lacks or
 * holds an older version of: with reads from the database, clients change what they saw there.
 */
export function memoryWrites(
  local: LocalState,
  base: (kind: Kind, id: string) => Promise<Item | undefined> = async () => undefined,
): Writes {
  async function find(kind: Kind, id: string): Promise<Item | undefined> {
    const [held, stored] = [local.find(kind, id), await base(kind, id)];
    return !held || (stored && stored.version > held.version) ? stored : held;
  }

  return {
    async create(kind, caller, fields) {
      const item: Item = {
        kind,
        id: randomUUID(),
        workspaceId: caller.workspaceId,
        authorId: caller.userId,
        fields,
        status: KINDS[kind].initialStatus,
        version: 1,
        updatedAt: new Date().toISOString(),
      };
      local.put(item);
      return item;
    },
    async move(kind, caller, id, to, version) {
      const item = assertMovable(caller, await find(kind, id), to, version);
      const moved = { ...item, status: to, version: item.version + 1, updatedAt: new Date().toISOString() };
      local.put(moved);
      return moved;
    },
    async submitBatch(caller, file, revision) {
      const key = JSON.stringify([caller.workspaceId, file, revision]);
      const existing = local.batches.get(key);
      if (existing) return { batch: existing, created: false };
      const batch = {
        id: randomUUID(),
        workspaceId: caller.workspaceId,
        file,
        revision,
        submittedBy: caller.userId,
      };
      local.batches.set(key, batch);
      return { batch, created: true };
    },
  };
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function countByStatus(items: readonly Item[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item.status] = (counts[item.status] ?? 0) + 1;
  return counts;
}
