/**
 * The inputs of which a change makes a new resource. No SDK says so, and the schema that does is in no package, so this is
 * data, as it was read: for PostgreSQL in the schema of pulumi-postgresql at 346d9a08 (`willReplaceOnChanges`), for AWS in the
 * source of terraform-provider-aws (`ForceNew`, `RequiresReplace`), each file at the commit that stands beside it. None of
 * them is the very version under `@pulumi/aws`: they are from 2021 to 2026, and of which year one is stands there where the
 * file shows it. Newer ones were looked for and not to be had: the repositories of both providers are too large to be
 * brought whole, and no registry has their schema. `region` makes a new one of any resource.
 */
export const REPLACES: Readonly<
  Record<string, { readonly at: string; readonly of?: string; readonly inputs: readonly string[] }>
> = {
  "aws:appconfig/application:Application": { at: "01606926", inputs: [] },
  "aws:cloudwatch/dashboard:Dashboard": { at: "0620f2a6", of: "2024", inputs: ["dashboardName"] },
  "aws:cloudwatch/eventRule:EventRule": { at: "0cdab4ae", inputs: ["eventBusName", "name"] },
  "aws:cloudwatch/eventTarget:EventTarget": {
    at: "0762c41e",
    inputs: ["eventBusName", "rule", "targetId"],
  },
  "aws:iam/role:Role": { at: "0040ea69", inputs: ["name", "path"] },
  "aws:iam/rolePolicy:RolePolicy": { at: "02f97af8", inputs: ["name", "role"] },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    at: "04c79849",
    of: "2022",
    inputs: ["policyArn", "role"],
  },
  "aws:kms/alias:Alias": { at: "01c08000", inputs: ["name"] },
  "aws:kms/key:Key": {
    at: "00a35305",
    of: "2026",
    inputs: ["customerMasterKeySpec", "keyUsage", "multiRegion"],
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { at: "0603f3b6", inputs: ["eventSourceArn"] },
  "aws:lambda/function:Function": { at: "0156d84e", inputs: ["name", "packageType"] },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    at: "01606926",
    inputs: ["functionName", "qualifier"],
  },
  "aws:rds/clusterSnapshot:ClusterSnapshot": {
    at: "00a35305",
    of: "2026",
    inputs: ["dbClusterIdentifier", "dbClusterSnapshotIdentifier"],
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": { at: "0cdab4ae", inputs: ["name"] },
  "aws:secretsmanager/secret:Secret": { at: "00c21ced", inputs: ["name"] },
  "aws:sns/topic:Topic": { at: "00a35305", of: "2026", inputs: ["fifoTopic", "name"] },
  "aws:sqs/queue:Queue": { at: "00a35305", of: "2026", inputs: ["fifoQueue", "name"] },
  "aws:sqs/queuePolicy:QueuePolicy": { at: "0148137d", of: "2021 or 2022", inputs: ["queueUrl"] },
  "aws:appconfig/configurationProfile:ConfigurationProfile": {
    at: "11fde6fb",
    inputs: ["applicationId", "locationUri", "type"],
  },
  "aws:appconfig/deploymentStrategy:DeploymentStrategy": {
    at: "0413c661",
    inputs: ["name", "replicateTo"],
  },
  "aws:appconfig/environment:Environment": { at: "108f85fd", inputs: ["applicationId"] },
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion": {
    at: "044fb317",
    inputs: ["applicationId", "configurationProfileId", "content", "contentType", "description"],
  },
  "aws:appconfig/deployment:Deployment": {
    at: "03edc16c",
    inputs: [
      ...["applicationId", "configurationProfileId", "configurationVersion", "deploymentStrategyId"],
      ...["description", "environmentId"],
    ],
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    at: "050ac111",
    inputs: ["actionsEnabled", "alarmName"],
  },
  "aws:cloudwatch/logGroup:LogGroup": { at: "0073593e", inputs: ["logGroupClass", "name"] },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    at: "0f14e6f6",
    of: "2026",
    inputs: ["logGroupName", "name"],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { at: "055611a6", inputs: ["name"] },
  "aws:lambda/permission:Permission": {
    at: "04592f03",
    inputs: [
      ...["action", "eventSourceToken", "function", "functionUrlAuthType", "principal", "principalOrgId"],
      ...["qualifier", "sourceAccount", "sourceArn", "statementId"],
    ],
  },
  "aws:rds/snapshot:Snapshot": { at: "01c08000", inputs: ["dbInstanceIdentifier", "dbSnapshotIdentifier"] },
  "aws:scheduler/schedule:Schedule": { at: "02f524b9", inputs: ["groupName", "name"] },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    at: "0042e8ea",
    inputs: ["secretBinary", "secretId", "secretString"],
  },
  "aws:sns/topicPolicy:TopicPolicy": { at: "00a35305", of: "2026", inputs: ["arn"] },
  "aws:sns/topicSubscription:TopicSubscription": {
    at: "04a2e6e5",
    inputs: ["endpoint", "protocol", "topic"],
  },
  "postgresql:index/defaultPrivileges:DefaultPrivileges": {
    at: "346d9a08",
    of: "2026",
    inputs: ["database", "objectType", "owner", "role", "schema", "withGrantOption"],
  },
  "postgresql:index/extension:Extension": { at: "346d9a08", of: "2026", inputs: ["database", "name"] },
  "postgresql:index/function:Function": {
    at: "346d9a08",
    of: "2026",
    inputs: ["args", "database", "language", "name", "returns", "schema"],
  },
  "postgresql:index/grant:Grant": {
    at: "346d9a08",
    of: "2026",
    inputs: ["columns", "database", "objectType", "objects", "role", "schema", "withGrantOption"],
  },
  "postgresql:index/role:Role": { at: "346d9a08", of: "2026", inputs: [] },
  "postgresql:index/schema:Schema": { at: "346d9a08", of: "2026", inputs: ["database"] },
};

/** Where our plugins replace and the source does not, each with its reason. */
export const STRICTER: Readonly<Record<string, string>> = {
  "aws:appconfig/deployment:Deployment.kmsKeyIdentifier":
    "a deployment cannot be changed: the source's update does nothing, and the change would never come about",
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion.versionLabel":
    "the source that was read does not know it yet; no version can be changed",
};
