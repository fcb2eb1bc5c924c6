/** Where something of AWS's is. */
export interface AwsPlace {
  readonly partition: string;
  readonly region: string;
  /** Its id, 12 digits. */
  readonly account: string;
}

/** Where something is, as its ARN tells. What it leaves out, such as IAM its region, is empty. */
export function placeIn(arn: string): AwsPlace {
  const [, partition = "aws", , region = "", account = ""] = arn.split(":");
  return { partition, region, account };
}
