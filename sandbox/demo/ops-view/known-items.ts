import type { Item, Role } from "./items";

/** The person behind each role's token. */
export const ROSTER: Record<Role, string> = { analyst: "ana", verifier: "vera", admin: "ada" };

/** All authors. */
export const ANALYSTS = ["ana", "ben", "cleo"] as const;

/** What the sandbox starts with. Enough items that ±5 % (row E2) is more than one smoke check creates. */
export const KNOWN = { workspace: "ws-ops", patches: 200, rfis: 40 };

/**
 * The known items of a workspace. Database and memory are both filled from here, which is what makes
 * "the queue's counts are those of the known items" a statement that can be checked on either.
 */
export function knownItems(known: { workspace: string; patches: number; rfis: number }): Item[] {
  const statuses = ["Draft", "Submitted", "Submitted", "Verified", "Rejected"];
  const patches = Array.from({ length: known.patches }, (_, index) => ({
    kind: "patch" as const,
    id: `patch-${serial(index)}`,
    fields: {
      record_id: `record-${serial(index % 50)}`,
      field_key: index % 2 === 0 ? "due_date" : "counterparty",
      intent: "correct",
    },
    status: pick(statuses, index),
  }));
  const rfis = Array.from({ length: known.rfis }, (_, index) => ({
    kind: "rfi" as const,
    id: `rfi-${serial(index)}`,
    fields: { question: "Which document is this from?", target_record_id: `record-${serial(index % 50)}` },
    status: "open",
  }));
  return [...patches, ...rfis].map((item, index) => ({
    ...item,
    workspaceId: known.workspace,
    authorId: pick(ANALYSTS, index),
    version: 1,
    updatedAt: "2026-01-01T00:00:00.000Z",
  }));
}

function pick<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

function serial(index: number): string {
  return String(index + 1).padStart(4, "0");
}
