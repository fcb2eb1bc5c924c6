import type {
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
} from "@pulumi/policy";
import { z } from "zod";
import { TYPE } from "../src/aws/names";
import { flagValue, flagValues } from "../src/flags/values";

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

interface StageContext<Config> {
  /** False where this run leaves the flags as they are; the recorded promotion is then left out of the inputs. */
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
  // The promotion on record may have been written by another version of cutover: it is not even read.
  const { promotion: _, ...standing } = rule.inputs;
  const standingSchema = z.object(standing);
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    ...(rule.configSchema ? { configSchema: rule.configSchema } : {}),
    validateResource: (args: ResourceValidationArgs, reportViolation: ReportViolation) => {
      if (args.type !== TYPE.stage) return;
      const promoting = !(args.opts.ignoreChanges ?? []).includes("promotion");
      const parsed = (promoting ? schema : standingSchema).safeParse(args.props);
      if (!parsed.success) {
        const where = parsed.error.issues
          .map((issue) => `${issue.path.join(".") || "inputs"}: ${issue.message}`)
          .join("; ");
        reportViolation(
          `The stage ${args.name} cannot be judged, so it is not promoted (${where}). Declare it through the Stage component of this version of cutover.`,
        );
        return;
      }
      const settings = settingsOf(rule.configSchema, args.getConfig<Record<string, unknown>>());
      if (!settings.ok) {
        reportViolation(
          `The stage ${args.name} cannot be judged, so it is not promoted (${settings.wrong}). Correct ${rule.name} in the policy pack's config.`,
        );
        return;
      }
      rule.check(parsed.data as z.infer<z.ZodObject<Inputs>>, reportViolation, {
        promoting,
        config: settings.values as Config,
      });
    },
  };
}

type Settings =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly wrong: string };

/**
 * A rule's settings, defaults filled in. The engine does the same, where it configures the pack at all; a limit
 * that came out as NaN would be one that nothing ever exceeds.
 */
function settingsOf(
  schema: PolicyConfigSchema | undefined,
  given: Readonly<Record<string, unknown>>,
): Settings {
  const values: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema?.properties ?? {})) {
    const value = given[key] ?? property.default;
    if (
      given[key] === null ||
      typeof value !== property.type ||
      (property.type === "number" && !Number.isFinite(value))
    )
      return { ok: false, wrong: `${key} must be a ${property.type}` };
    values[key] = value;
  }
  return { ok: true, values };
}

/** Inputs that several rules read. */
export const stageInputs = {
  stage: z.string(),
  flags: flagValues,
  flagSpecs: z.record(
    z.string(),
    z.object({
      kind: z.enum(["boolean", "percentage", "states"]),
      states: z.array(z.string()).optional(),
      off: flagValue,
      requires: z.array(
        z.union([z.string(), z.object({ flag: z.string(), atLeast: z.union([z.number(), z.string()]) })]),
      ),
      writes: z.boolean(),
    }),
  ),
  predecessor: z.object({
    stage: z.string(),
    flags: flagValues,
    soak: z.string().optional(),
  }),
} as const;
