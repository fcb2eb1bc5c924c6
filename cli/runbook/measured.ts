import type { GateDefinition } from "../../src/gates/gate";
import { block, quoted as code, words as text } from "../../src/text/markdown";

/** How a gate is measured, so that a person can look for themselves: a sentence, and what can be run by hand. */
export function measured(definition: GateDefinition): { readonly how: string; readonly run?: string[] } {
  switch (definition.source) {
    case "soak":
      return { how: "read from the ledger" };
    case "sql":
      return {
        how: `one value from the database${given(definition.values)}`,
        run: block("sql", definition.query),
      };
    case "metric": {
      const { namespace, name, statistic, samplesFrom } = definition;
      const samples = samplesFrom === undefined ? "" : `; samples are counted by ${code(samplesFrom)}`;
      return { how: `CloudWatch, ${code(namespace)} ${code(name)}, ${statistic}${samples}` };
    }
    case "alarms":
      return { how: "CloudWatch, the abort alarms of the stages that are live" };
    case "http": {
      const { method, path, as } = definition.request;
      return { how: `${code(`${method} ${path}`)}${as === undefined ? "" : ` as ${code(as)}`}` };
    }
    case "check":
      return { how: `the smoke check ${code(definition.check)}` };
    case "convergence":
      return { how: `every server is asked for its flags, for up to ${definition.within}` };
    case "signOff":
      return { how: "a person states it, in the pull request" };
    case "snapshot":
      return { how: `RDS; taken by the promotion itself, at most ${definition.maxAge} old` };
    case "drill":
      return { how: "read from the ledger; a drill makes one" };
    case "date":
      return { how: `the clock has passed ${text(definition.after)}` };
    case "exit":
      return { how: "judged from the exit gates of the stage before" };
  }
}

/** The values of a query's parameters. */
export function given(values: readonly (string | number | boolean)[]): string {
  return values.length === 0
    ? ""
    : `, with ${values.map((value, index) => `$${index + 1} = ${code(String(value))}`).join(", ")}`;
}
