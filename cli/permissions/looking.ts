import {
  abortTopics,
  countedLogs,
  databaseLogin,
  flags,
  functions,
  keptLogs,
  measuring,
  queues,
  restarted,
  secrets,
  snapshots,
  topics,
  unnamed,
} from "./arns";
import { each, type Grant, type Role, SEEN, SELDOM } from "./asked";
import {
  channelQueues,
  channelSecrets,
  channelTopics,
  deliveredParameters,
  deliveredServices,
  delivering,
  deliveryQueues,
  deliverySecrets,
  telling,
} from "./outside";

const EVERYBODY: readonly Role[] = ["measure", "preview", "drift", "promote", "break-glass", "doctor"];
/** Whoever retires looks for the flags, and for what is left. */
const ALL: readonly Role[] = [...EVERYBODY, "retire"];
const LOOKERS: readonly Role[] = ["measure", "preview", "drift", "promote", "doctor"];
const PROMOTER: readonly Role[] = ["promote"];
/** Whoever acts on an account by hand. */
const ACTORS: readonly Role[] = ["promote", "break-glass"];

const SERVERS = "only where servers are asked by their tasks' addresses (servers.ecs)";

/** What is read of an account to say where a rollout stands, and to measure its gates. Nothing of it writes. */
export const LOOKING: readonly Grant[] = [
  {
    sid: "FindTheFlags",
    for: ALL,
    actions: each(SEEN, "appconfig:ListApplications"),
    on: unnamed,
  },
  {
    sid: "FindTheStrategy",
    for: EVERYBODY,
    actions: each(SEEN, "appconfig:ListDeploymentStrategies"),
    on: unnamed,
  },
  {
    sid: "ReadTheFlags",
    for: ALL,
    actions: each(
      SEEN,
      "appconfig:GetDeployment",
      "appconfig:GetHostedConfigurationVersion",
      "appconfig:ListConfigurationProfiles",
      "appconfig:ListDeployments",
      "appconfig:ListEnvironments",
    ),
    on: flags,
  },
  {
    sid: "SeeAlarms",
    for: EVERYBODY,
    actions: {
      ...each(SEEN, "cloudwatch:DescribeAlarms"),
      "cloudwatch:GetMetricStatistics": "only where a page says how long servers take to follow",
    },
    on: unnamed,
  },
  {
    sid: "SeeMetrics",
    for: LOOKERS,
    actions: {
      ...each(SEEN, "cloudwatch:GetMetricData"),
      "cloudwatch:ListMetrics": "only where a row is silent until its flip, or a gate has no data",
      "cloudwatch:DescribeAlarmHistory":
        "only where a gate looks back on alarms (source: alarms), and in a report",
    },
    on: unnamed,
  },
  {
    // Of a rollout without a flag store it is said what it has left behind, by its alarms, logs and topics.
    sid: "SeeWhatIsLeft",
    for: ["measure", "promote", "break-glass", "retire"],
    actions: each(SEEN, "logs:DescribeLogGroups", "sns:ListTopics"),
    on: unnamed,
  },
  {
    sid: "SeeLogs",
    for: ["drift"],
    actions: each(SEEN, "logs:DescribeLogGroups"),
    on: unnamed,
  },
  {
    sid: "SeeAlarmsLeft",
    for: ["retire"],
    actions: each(SEEN, "cloudwatch:DescribeAlarms"),
    on: unnamed,
  },
  {
    sid: "SeeWhatIsCounted",
    for: EVERYBODY,
    actions: each("only where a row counts lines of a log", "logs:DescribeMetricFilters"),
    on: unnamed,
  },
  {
    sid: "ReadWhatWasSent",
    for: EVERYBODY,
    actions: {
      ...each("only where messages are sent or alarms page", "logs:DescribeLogStreams", "logs:GetLogEvents"),
      ...each("only in a report", "logs:FilterLogEvents"),
    },
    on: keptLogs,
  },
  {
    sid: "CountLines",
    for: LOOKERS,
    actions: each("only where a rehearsed row counts lines of a log", "logs:FilterLogEvents"),
    on: countedLogs,
  },
  {
    sid: "SeeWhoIsReached",
    for: LOOKERS,
    actions: each(SEEN, "sns:ListSubscriptionsByTopic"),
    on: (asked) => [...topics(asked), ...abortTopics(asked), ...channelTopics(asked)],
  },
  {
    // An acknowledgement says who listened.
    sid: "SeeWhoListens",
    for: ["break-glass"],
    actions: each(SEEN, "sns:ListSubscriptionsByTopic"),
    on: topics,
  },
  {
    sid: "SeeWhatTopicsTake",
    for: LOOKERS,
    actions: each(SEEN, "sns:GetTopicAttributes"),
    on: (asked) => [...topics(asked), ...abortTopics(asked)],
  },
  {
    sid: "SeeWhatIsFiltered",
    for: EVERYBODY,
    actions: each(SEEN, "sns:GetSubscriptionAttributes"),
    on: unnamed,
  },
  {
    sid: "SeeTheSwitch",
    for: LOOKERS,
    actions: each(SEEN, "lambda:GetFunction", "lambda:GetPolicy"),
    on: functions,
  },
  {
    sid: "SeeTheQueues",
    for: LOOKERS,
    actions: each(SEEN, "sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
    on: queues,
  },
  {
    sid: "SeeSnapshots",
    for: LOOKERS,
    actions: {
      ...each(SEEN, "rds:DescribeDBSnapshots"),
      ...each("only where a gate asks for a snapshot (source: snapshot)", "rds:DescribeDBInstances"),
      ...each(
        "only where the database is an Aurora cluster",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
      ),
    },
    on: (asked) => (snapshots(asked).length > 0 ? unnamed() : []),
  },
  {
    sid: "AskServers",
    for: [...LOOKERS, "retire"],
    actions: each(SERVERS, "ecs:DescribeTasks", "ecs:ListTasks"),
    on: ({ rollout }) => ((rollout.servers?.ecs ?? []).length > 0 ? unnamed() : []),
  },
  {
    sid: "LookFromTheNetwork",
    for: ALL,
    actions: each(
      "only where gates and servers are looked at from a network (measure)",
      "lambda:InvokeFunction",
    ),
    on: measuring,
  },
  {
    sid: "AskTheDatabase",
    for: EVERYBODY,
    actions: each("only where IAM vouches for the gates' login (login: { auth: iam })", "rds-db:connect"),
    on: databaseLogin,
  },
  {
    sid: "SeeTheAccount",
    for: ["doctor"],
    actions: each(SEEN, "lambda:GetAccountSettings"),
    on: unnamed,
  },
  {
    sid: "SeeTheStoresRoom",
    for: ["doctor"],
    actions: each(SEEN, "appconfig:GetEnvironment", "appconfig:ListHostedConfigurationVersions"),
    on: flags,
  },
  {
    sid: "SeeWhatFeedsFunctions",
    for: ["doctor"],
    actions: each("only where the rollout has channels or deliveries", "lambda:ListEventSourceMappings"),
    on: (asked) => ([...telling(asked), ...delivering(asked)].length > 0 ? unnamed() : []),
  },
  {
    sid: "ReadChannelsKeys",
    for: ["doctor"],
    actions: each("only where channels have secrets", "secretsmanager:GetSecretValue"),
    on: channelSecrets,
  },
  {
    sid: "ReadDeliveriesTokens",
    for: ["doctor"],
    actions: each("only where deliveries have secrets", "secretsmanager:GetSecretValue"),
    on: deliverySecrets,
  },
  {
    sid: "SeeWhatIsDelivered",
    for: ["doctor"],
    actions: each("only where flags are delivered as parameters (kind: ssm)", "ssm:GetParameters"),
    on: deliveredParameters,
  },
  {
    sid: "SeeWhoIsDeliveredTo",
    for: ["doctor"],
    actions: each("only where a delivery starts tasks anew (ecs)", "ecs:DescribeServices"),
    on: deliveredServices,
  },
  {
    sid: "KeepFlags",
    for: ACTORS,
    actions: {
      ...each(SEEN, "appconfig:CreateHostedConfigurationVersion", "appconfig:StartDeployment"),
      ...each(SEEN, "appconfig:GetConfigurationProfile"),
      ...each(
        "only where an abort looks for a version that it may use again",
        "appconfig:ListHostedConfigurationVersions",
      ),
      ...each(SELDOM, "appconfig:StopDeployment"),
    },
    on: flags,
  },
  {
    sid: "TellPeople",
    for: ACTORS,
    actions: each(SEEN, "sns:Publish"),
    on: topics,
  },
  {
    sid: "KeepWhatWasSent",
    for: ACTORS,
    actions: each("only where messages are sent or alarms page", "logs:CreateLogStream", "logs:PutLogEvents"),
    on: keptLogs,
  },
  {
    sid: "TellChannelsWhoSawIt",
    for: ACTORS,
    actions: each("only where somebody says that they saw a page", "sqs:GetQueueUrl", "sqs:SendMessage"),
    on: channelQueues,
  },
  {
    sid: "CallDeliveries",
    for: ACTORS,
    actions: each("only where the rollout has deliveries", "sqs:GetQueueUrl", "sqs:SendMessage"),
    on: deliveryQueues,
  },
  {
    sid: "RingTheDrillsAlarm",
    for: PROMOTER,
    actions: each("only in a drill, and where servers say how fast they follow", "cloudwatch:PutMetricData"),
    on: unnamed,
    when: ({ rollout }) => ({ StringEquals: { "cloudwatch:namespace": `cutover/${rollout.name}` } }),
  },
  {
    sid: "CountAfterAnAbort",
    for: ["break-glass"],
    actions: each("only where something is counted after an abort", "secretsmanager:GetSecretValue"),
    on: secrets,
  },
  {
    sid: "RestartServers",
    for: ACTORS,
    actions: each("only where servers read flags as they start", "ecs:UpdateService"),
    on: restarted,
  },
];
