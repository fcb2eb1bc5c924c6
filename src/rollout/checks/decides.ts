import { AGAIN, type Expectation } from "../../gates/expectation";
import { type GateDefinition, kindOf } from "../../gates/gate";
import type { FieldError } from "../../gates/kind";
import { reachError } from "../../gates/reach";
import { alike } from "../../gates/strength";
import { tellWhere } from "../../text/problem";

/** What keeps a gate, or its known-bad probe, from ever deciding anything, as far as config shows it. */
export function decidingErrors(gate: GateDefinition): FieldError[] {
  return [...ofExpectation(gate), ...ofProof(gate), ...(kindOf(gate).looksAgain ? [] : ofAgain(gate))];
}

function ofExpectation(gate: GateDefinition): FieldError[] {
  const kind = kindOf(gate);
  const { expect } = gate as { readonly expect?: Expectation };
  const error = expect && reachError(expect, kind.extents?.(gate) ?? []);
  return error ? [{ path: ["expect"], ...error }] : [];
}

/** Words that take more than one look, where a kind takes one: they would be passed over. */
function ofAgain(value: unknown, path: readonly string[] = []): FieldError[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === "expect" ? AGAIN.filter((word) => inner?.[word] !== undefined) : []).map((word) => ({
      path: [...path, key, word],
      what: "means nothing here: only a gate on a metric looks at more than one window",
      remedy:
        "Write it with source: metric; or let what is asked look back itself, such as a query over the last rows, or min_over_time of Prometheus",
    })),
    ...ofAgain(inner, [...path, key]),
  ]);
}

/** A probe that looks at what the gate itself looks at fails when the gate does: it shows nothing of it. */
function ofProof(gate: GateDefinition): FieldError[] {
  const probe = kindOf(gate).probe?.(gate);
  return tellWhere(probe !== undefined && alike(lookedAt(probe), lookedAt(gate)), {
    path: ["prove"],
    what: "looks at the very same as the gate, and shows nothing of it",
    remedy: "Name what is known to be bad, or take prove out",
  });
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
