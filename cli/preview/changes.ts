/** What the engine would do to resources, as a person asks about it. */
export type ChangeKind = "delete" | "replace" | "update" | "create" | "other";

export interface ResourceChange {
  readonly kind: ChangeKind;
  readonly type: string;
  readonly name: string;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** What costs most if it is wrong comes first. */
export const CHANGE_KINDS: readonly ChangeKind[] = ["delete", "replace", "update", "create", "other"];

const KIND_OF: Readonly<Record<string, ChangeKind>> = {
  create: "create",
  import: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
  "import-replacement": "replace",
  discard: "delete",
};

/** Steps that leave the resource as it is. */
const NOTHING = new Set([
  "same",
  "read",
  "read-replacement",
  "read-discard",
  "refresh",
  "remove-pending-replace",
]);

/**
 * The changes among the engine's steps, each resource once, in an order that does not depend on the engine's. The
 * stack itself and its providers are left out: they stand for nothing in the world.
 */
export function changesOf(steps: readonly Step[]): ResourceChange[] {
  const found = new Map<string, ResourceChange>();
  for (const { op, urn, type } of steps) {
    if (NOTHING.has(op) || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")) continue;
    const change: ResourceChange = { kind: KIND_OF[op] ?? "other", type, name: nameOf(urn) };
    const before = found.get(urn);
    // A replacement is told in three steps.
    if (before && rank(before) <= rank(change)) continue;
    found.set(urn, change);
  }
  return [...found.entries()]
    .sort(
      ([urnA, a], [urnB, b]) =>
        rank(a) - rank(b) || compare(a.type, b.type) || compare(a.name, b.name) || compare(urnA, urnB),
    )
    .map(([, change]) => change);
}

/** The last part of `urn:pulumi:stack::project::type::name`. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::") || urn;
}

function rank({ kind }: ResourceChange): number {
  return CHANGE_KINDS.indexOf(kind);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
