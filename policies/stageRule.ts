import type {
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
} from "@pulumi/policy";
import { z } from "zod";
import { TYPE } from "../components/names";

/** A rule about stages, before it is a CrossGuard policy. */
export interface StageRule<Inputs extends z.ZodRawShape, Config> {
  /** Verb first: what the rule makes sure of. */
  readonly name: string;
  readonly description: string;
  /** The inputs of the `Stage` component that the rule reads. Others are not its business. */
  readonly inputs: Inputs;
  readonly configSchema?: PolicyConfigSchema;
  readonly check: (
    stage: z.infer<z.ZodObject<Inputs>>,
    report: (message: string) => void,
    context: StageContext<Config>,
  ) => void;
}

export interface StageContext<Config> {
  /** False where this run leaves the flags as they are; the recorded promotion is then none of the rule's business. */
  readonly promoting: boolean;
  readonly config: Config;
}

/**
 * Makes a mandatory policy of a rule about stages. Inputs that cannot be read as the rule needs them are a
 * violation of their own: what cannot be judged does not pass.
 */
export function stageRule<Inputs extends z.ZodRawShape, Config = object>(
  rule: StageRule<Inputs, Config>,
): ResourceValidationPolicy {
  const schema = z.object(rule.inputs);
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    ...(rule.configSchema ? { configSchema: rule.configSchema } : {}),
    validateResource: (args: ResourceValidationArgs, reportViolation: ReportViolation) => {
      if (args.type !== TYPE.stage) return;
      const parsed = schema.safeParse(args.props);
      if (!parsed.success) {
        const where = parsed.error.issues
          .map((issue) => `${issue.path.join(".") || "inputs"}: ${issue.message}`)
          .join("; ");
        reportViolation(
          `The stage ${args.name} cannot be judged, so it is not promoted (${where}). Declare it through the Stage component of this version of cutover.`,
        );
        return;
      }
      rule.check(parsed.data as z.infer<z.ZodObject<Inputs>>, reportViolation, {
        promoting: !(args.opts.ignoreChanges ?? []).includes("promotion"),
        config: args.getConfig<Config & object>(),
      });
    },
  };
}

const flagValue = z.union([z.boolean(), z.number()]);

/** Inputs that several rules read. */
export const stageInputs = {
  stage: z.string(),
  flags: z.record(z.string(), flagValue),
  flagSpecs: z.record(
    z.string(),
    z.object({
      kind: z.enum(["boolean", "percentage"]),
      off: flagValue,
      requires: z.array(z.string()),
      writes: z.boolean(),
    }),
  ),
  predecessor: z.object({
    stage: z.string(),
    flags: z.record(z.string(), flagValue),
    soak: z.string().optional(),
  }),
} as const;
