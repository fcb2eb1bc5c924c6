import * as aws from "@pulumi/aws";
import type { Identity } from "../src/aws/identity/compare";

/** Who the AWS provider of this stack is, as it says itself: whose account it changes, as whom, and where. */
export async function providerIdentity(): Promise<Identity> {
  const [{ arn }, { region }] = await Promise.all([aws.getCallerIdentity({}), aws.getRegion({})]);
  return { arn, region };
}
