import { readFile } from "node:fs/promises";
import { z } from "zod";

/** The engine's events that a run is judged by. Others pass unread. */
const event = z.object({
  policyEvent: z
    .object({ policyName: z.string(), enforcementLevel: z.string(), message: z.string() })
    .optional(),
  diagnosticEvent: z.object({ severity: z.string(), message: z.string() }).optional(),
  summaryEvent: z.object({ resourceChanges: z.record(z.string(), z.number()).nullish() }).optional(),
  resourcePreEvent: z
    .object({ metadata: z.object({ op: z.string(), urn: z.string(), type: z.string() }) })
    .optional(),
});

/** What the engine does, or would do, to one resource. */
interface EngineStep {
  /** In the engine's words: create, update, replace, delete, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** What the engine said of a run, in figures and in its own words. */
export interface EngineAccount {
  /** Mandatory violations, by rule. */
  readonly violations: readonly { readonly rule: string; readonly message: string }[];
  readonly errors: readonly string[];
  /** Resources by what was done to them, those left as they were not counted. */
  readonly changes: Readonly<Record<string, number>>;
  /** Each step as the engine told it, in its order, which is another one each time. */
  readonly steps: readonly EngineStep[];
}

/** Reads the engine's event log, one JSON event a line. A line cut short by an interrupted run is left out. */
export async function readEngineEvents(file: string): Promise<EngineAccount> {
  const text = await readFile(file, "utf8").catch(() => "");
  const events = text.split("\n").flatMap((line) => {
    try {
      return [event.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
  const summary = events.findLast((one) => one.summaryEvent)?.summaryEvent?.resourceChanges ?? {};
  return {
    violations: unique(
      events.flatMap(({ policyEvent }) =>
        policyEvent?.enforcementLevel === "mandatory"
          ? [{ rule: policyEvent.policyName, message: plain(policyEvent.message) }]
          : [],
      ),
    ),
    errors: events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? [plain(diagnosticEvent.message)] : [],
    ),
    changes: Object.fromEntries(Object.entries(summary).filter(([operation]) => isChange(operation))),
    steps: events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : [])),
  };
}

/**
 * Whether an operation of the engine changes anything. `read` looks at another stack's outputs, and `discard` forgets
 * that an earlier run looked: pulumi's own display calls both unchanged.
 */
export function isChange(operation: string): boolean {
  return !["same", "read", "discard"].includes(operation);
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** The engine marks colours as `<{%reset%}>`. */
function plain(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "").trim();
}
