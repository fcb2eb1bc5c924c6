import type { Known } from "../../../src/aws/known";
import { short } from "../../../src/text/command";
import { counted } from "../../../src/text/counted";
import { type Finding, finder } from "../finding";

const { ok, fault, later } = finder("State");

/** What Pulumi's backend told. */
export interface StateFacts {
  readonly stages: readonly string[];
  readonly stacks: Known<readonly string[]>;
  /** Whether each stack's config could be read, its secrets in plain. */
  readonly configs: ReadonlyMap<string, Known<unknown>>;
}

export function judgeState({ stages, stacks, configs }: StateFacts): Finding[] {
  if (!stacks.ok) return [fault("backend", stacks.why, stacks.remedy)];
  return [
    ok("backend", `answers, with ${counted(stacks.value.length, "stack")}`),
    ...stages.map((stage, index): Finding => {
      const init = short.pulumi("stack", "init", stage);
      if (!stacks.value.includes(stage))
        return index === 0
          ? fault(`stack ${stage}`, "is not there", init)
          : later(`stack ${stage}`, `is not there yet: ${init}`);
      const config = configs.get(stage);
      return config === undefined || config.ok
        ? ok(`stack ${stage}`, "its config and its secrets can be read")
        : fault(`stack ${stage}`, config.why, config.remedy);
    }),
  ];
}
