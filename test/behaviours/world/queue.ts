import type { App } from "./app";

export const QUEUE = "/api/v2.5/workspaces/ws-ops/operations/queue";

/** The queue of an admin has so many items, that of anybody else another number. What is nowhere is empty. */
export const queue =
  (admin: number, others: number, ms = 1): App =>
  ({ url, as }) => {
    if (url.pathname === "/api/v2.5/workspaces/no-such-workspace/operations/queue")
      return { json: { data: { counts: { total: 0 } } } };
    return url.pathname === QUEUE
      ? {
          json: { data: { counts: { total: as === "admin" ? admin : others } } },
          ms: as === "admin" ? ms : 9_000,
        }
      : { status: 404 };
  };
