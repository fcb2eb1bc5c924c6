import type { Props } from "../../plugin/values";
import { policyDocument } from "./policy-document";
import type { Aws } from "./session";

export const functions: Record<string, (aws: Aws, args: Props) => Promise<Props>> = {
  async "aws:index/getCallerIdentity:getCallerIdentity"(aws) {
    const { Account, Arn, UserId } = await (await aws.sts()).getCallerIdentity();
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
  async "aws:index/getRegion:getRegion"({ region }) {
    return { id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
  },
  async "aws:index/getPartition:getPartition"() {
    return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
  },
  "aws:iam/getPolicyDocument:getPolicyDocument": async (_aws, args) => policyDocument(args),
};
