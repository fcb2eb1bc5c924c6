/** What the service keeps, who may see it, and who may move it where. Pure: both stores judge by it. */

import { Refusal } from "../service/refusal";

export type Role = "analyst" | "verifier" | "admin";
export type Kind = "patch" | "rfi";

export interface Caller {
  userId: string;
  role: Role;
  workspaceId: string;
}

export interface Item {
  kind: Kind;
  id: string;
  workspaceId: string;
  authorId: string;
  /** The fields that the author filled in, by their wire names. */
  fields: Record<string, string>;
  status: string;
  version: number;
  updatedAt: string;
}

export interface KindRules {
  table: string;
  /** Wire name and column of the status. */
  statusField: string;
  /** Wire names and columns that a new item needs. */
  fields: readonly string[];
  initialStatus: string;
  /** From each status: whose move it is, and where to. An admin may make anyone's move. */
  moves: Readonly<Record<string, { by: Role; to: readonly string[] }>>;
}

export const KINDS: Record<Kind, KindRules> = {
  patch: {
    table: "patches",
    statusField: "status",
    fields: ["record_id", "field_key", "intent"],
    initialStatus: "Draft",
    moves: {
      Draft: { by: "analyst", to: ["Submitted"] },
      Submitted: { by: "verifier", to: ["Verified", "Rejected"] },
      Rejected: { by: "analyst", to: ["Draft"] },
    },
  },
  rfi: {
    table: "rfis",
    statusField: "custody_status",
    fields: ["question", "target_record_id"],
    initialStatus: "open",
    moves: {
      open: { by: "analyst", to: ["awaiting_verifier"] },
      awaiting_verifier: { by: "verifier", to: ["resolved", "awaiting_analyst"] },
      awaiting_analyst: { by: "analyst", to: ["awaiting_verifier"] },
    },
  },
};

/** What part of a workspace a caller sees. */
export interface Scope {
  workspaceId: string;
  /** Only this author's items. */
  authorId?: string;
  /** Drafts too. */
  drafts: boolean;
}

/** Analysts see their own items, verifiers everyone's that has left draft, admins everything. */
export function scopeOf(caller: Caller): Scope {
  const { workspaceId, userId, role } = caller;
  if (role === "analyst") return { workspaceId, authorId: userId, drafts: true };
  return { workspaceId, drafts: role === "admin" };
}

export function inScope(scope: Scope, item: Item): boolean {
  if (item.workspaceId !== scope.workspaceId) return false;
  if (scope.authorId !== undefined && item.authorId !== scope.authorId) return false;
  return scope.drafts || item.status !== "Draft";
}

export function staleVersion(item: Item | undefined, sent: number): Refusal {
  const now = item ? `; it is at version ${item.version}` : "";
  return new Refusal(409, "STALE_VERSION", `The item is no longer at version ${sent}${now}. Read it again.`);
}

/**
 * Refuses a move that the caller may not make. An item out of scope is "not found", so that an answer
 * never tells that it exists; a stale version is told before anything else about the move, because the
 * rest was judged by the caller on a state that is gone.
 */
export function assertMovable(caller: Caller, item: Item | undefined, to: string, version: number): Item {
  if (!item || !inScope(scopeOf(caller), item)) throw notFound();
  if (version !== item.version) throw staleVersion(item, version);
  const rule = KINDS[item.kind].moves[item.status];
  if (!rule?.to.includes(to)) {
    throw new Refusal(422, "ILLEGAL_MOVE", `A ${item.kind} cannot go from ${item.status} to ${to}.`);
  }
  if (caller.role !== "admin" && caller.role !== rule.by) {
    throw new Refusal(403, "FORBIDDEN", `Only a ${rule.by} moves a ${item.kind} on from ${item.status}.`);
  }
  return item;
}

/** As clients see it. */
export function toWire(item: Item): Record<string, string | number> {
  return {
    id: item.id,
    workspace_id: item.workspaceId,
    author_id: item.authorId,
    ...item.fields,
    [KINDS[item.kind].statusField]: item.status,
    version: item.version,
    updated_at: item.updatedAt,
  };
}

function notFound(): Refusal {
  return new Refusal(404, "NOT_FOUND", "There is no such item.");
}
