import type { Expectation } from "../../gates/expectation";
import { type GateDefinition, kindOf } from "../../gates/gate";
import type { Slip } from "../../gates/kind";
import { reachSlip } from "../../gates/reach";
import { alike } from "../../gates/strength";

/** What keeps a gate, or its known-bad probe, from ever deciding anything, as far as config shows it. */
export function decidingSlips(gate: GateDefinition): Slip[] {
  return [...ofExpectation(gate), ...ofProof(gate)];
}

function ofExpectation(gate: GateDefinition): Slip[] {
  const kind = kindOf(gate);
  const { expect } = gate as { readonly expect?: Expectation };
  const slip = expect && reachSlip(expect, kind.extents?.(gate) ?? []);
  return slip ? [{ path: ["expect"], ...slip }] : [];
}

/** A probe that looks at what the gate itself looks at fails when the gate does: it shows nothing of it. */
function ofProof(gate: GateDefinition): Slip[] {
  const probe = kindOf(gate).probe?.(gate);
  if (probe === undefined || !alike(lookedAt(probe), lookedAt(gate))) return [];
  return [
    {
      path: ["prove"],
      what: "looks at the very same as the gate, and shows nothing of it",
      remedy: "Name what is known to be bad, or take prove out",
    },
  ];
}

/** What a definition looks at, without what it expects of it and what it says of itself. */
function lookedAt(gate: GateDefinition): object {
  const { prove: _, expect: __, writes: ___, ...looked } = gate as GateDefinition & Record<string, unknown>;
  const asked = kindOf(gate).query?.(gate).query;
  return asked === undefined ? looked : { ...looked, query: plain(asked) };
}

/** A query without the spaces that mean nothing: those in quotes do. */
function plain(query: string): string {
  return query
    .replace(/('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+/g, (_, quoted?: string) => quoted ?? " ")
    .replace(/[\s;]+$/, "")
    .trim();
}
