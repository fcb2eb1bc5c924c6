import type { ResourceValidationPolicy } from "@pulumi/policy";
import { TYPE } from "../../src/aws/names";

const GUARDED = [
  "aws:appconfig/deployment:Deployment",
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion",
];

/** A deployment beside the components would change flags that no gate ever saw. */
export const deployFlagsThroughStagesOnly: ResourceValidationPolicy = {
  name: "deploy-flags-through-stages-only",
  description:
    "Flag versions and deployments are declared by the Stage and Foundation components, never beside them.",
  enforcementLevel: "mandatory",
  validateResource: (args, reportViolation) => {
    if (!GUARDED.includes(args.type)) return;
    // A URN names the types of a resource's parents, outermost first: …::cutover:index:Stage$aws:appconfig/…::name
    const parents = args.urn.split("::")[2]?.split("$").slice(0, -1) ?? [];
    if (parents.some((type) => type === TYPE.stage || type === TYPE.foundation)) return;
    reportViolation(
      `${args.type} ${args.name} deploys flags past every gate. Declare it through the Stage component, or take it out.`,
    );
  },
};
