import type { IncomingMessage } from "node:http";
import { readCall } from "../../../sandbox/aws/front/call";

/** A call, as IAM looks at it: each resource has to be allowed. */
export interface Needed {
  readonly action: string;
  readonly on: readonly string[];
  readonly passedTo?: string;
  /** What else is known of the call, by condition key. */
  readonly context?: Readonly<Record<string, string>>;
}

export const ACCOUNT = "000000000000";
const REGION = "us-east-1";

/** As IAM names what signatures name otherwise. */
const PREFIX: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** The operations of services that speak REST, by method and path. */
const REST: readonly (readonly [service: string, method: string, path: RegExp, operation: string])[] = [
  ["appconfig", "POST", /^\/applications$/, "CreateApplication"],
  ["appconfig", "GET", /^\/applications$/, "ListApplications"],
  ["appconfig", "GET", /^\/applications\/[^/]+$/, "GetApplication"],
  ["appconfig", "PATCH", /^\/applications\/[^/]+$/, "UpdateApplication"],
  ["appconfig", "POST", /\/environments$/, "CreateEnvironment"],
  ["appconfig", "GET", /\/environments$/, "ListEnvironments"],
  ["appconfig", "GET", /\/environments\/[^/]+$/, "GetEnvironment"],
  ["appconfig", "POST", /\/configurationprofiles$/, "CreateConfigurationProfile"],
  ["appconfig", "GET", /\/configurationprofiles$/, "ListConfigurationProfiles"],
  ["appconfig", "GET", /\/configurationprofiles\/[^/]+$/, "GetConfigurationProfile"],
  ["appconfig", "PATCH", /\/configurationprofiles\/[^/]+$/, "UpdateConfigurationProfile"],
  ["appconfig", "POST", /\/hostedconfigurationversions$/, "CreateHostedConfigurationVersion"],
  ["appconfig", "GET", /\/hostedconfigurationversions$/, "ListHostedConfigurationVersions"],
  ["appconfig", "GET", /\/hostedconfigurationversions\/\d+$/, "GetHostedConfigurationVersion"],
  ["appconfig", "POST", /\/deployments$/, "StartDeployment"],
  ["appconfig", "GET", /\/deployments$/, "ListDeployments"],
  ["appconfig", "GET", /\/deployments\/\d+$/, "GetDeployment"],
  ["appconfig", "DELETE", /\/deployments\/\d+$/, "StopDeployment"],
  ["appconfig", "POST", /^\/deploymentstrategies$/, "CreateDeploymentStrategy"],
  ["appconfig", "GET", /^\/deploymentstrategies$/, "ListDeploymentStrategies"],
  ["appconfig", "GET", /^\/deploymentstrategies\/[^/]+$/, "GetDeploymentStrategy"],
  ["appconfig", "GET", /^\/tags\//, "ListTagsForResource"],
  ["appconfig", "DELETE", /\/hostedconfigurationversions\/\d+$/, "DeleteHostedConfigurationVersion"],
  ["appconfig", "DELETE", /\/environments\/[^/]+$/, "DeleteEnvironment"],
  ["appconfig", "DELETE", /\/configurationprofiles\/[^/]+$/, "DeleteConfigurationProfile"],
  ["appconfig", "DELETE", /^\/applications\/[^/]+$/, "DeleteApplication"],
  // AWS's own path has this spelling.
  ["appconfig", "DELETE", /^\/deployementstrategies\/[^/]+$/, "DeleteDeploymentStrategy"],
  ["lambda", "GET", /\/account-settings$/, "GetAccountSettings"],
  ["lambda", "GET", /\/event-source-mappings$/, "ListEventSourceMappings"],
  ["lambda", "POST", /\/event-source-mappings$/, "CreateEventSourceMapping"],
  ["lambda", "GET", /\/event-source-mappings\/[^/]+$/, "GetEventSourceMapping"],
  ["lambda", "PUT", /\/event-source-mappings\/[^/]+$/, "UpdateEventSourceMapping"],
  ["lambda", "DELETE", /\/event-source-mappings\/[^/]+$/, "DeleteEventSourceMapping"],
  ["lambda", "DELETE", /\/functions\/[^/]+$/, "DeleteFunction"],
  ["lambda", "DELETE", /\/policy\/[^/]+$/, "RemovePermission"],
  ["lambda", "DELETE", /\/concurrency$/, "DeleteFunctionConcurrency"],
  ["lambda", "DELETE", /\/event-invoke-config$/, "DeleteFunctionEventInvokeConfig"],
  ["lambda", "POST", /\/functions$/, "CreateFunction"],
  ["lambda", "GET", /\/functions\/[^/]+$/, "GetFunction"],
  ["lambda", "GET", /\/configuration$/, "GetFunctionConfiguration"],
  ["lambda", "PUT", /\/configuration$/, "UpdateFunctionConfiguration"],
  ["lambda", "PUT", /\/code$/, "UpdateFunctionCode"],
  ["lambda", "PUT", /\/concurrency$/, "PutFunctionConcurrency"],
  ["lambda", "GET", /\/concurrency$/, "GetFunctionConcurrency"],
  ["lambda", "POST", /\/policy$/, "AddPermission"],
  ["lambda", "GET", /\/policy$/, "GetPolicy"],
  ["lambda", "POST", /\/invocations$/, "InvokeFunction"],
  ["lambda", "PUT", /\/event-invoke-config$/, "PutFunctionEventInvokeConfig"],
  ["lambda", "GET", /\/event-invoke-config$/, "GetFunctionEventInvokeConfig"],
  ["lambda", "GET", /\/versions$/, "ListVersionsByFunction"],
  ["lambda", "GET", /\/code-signing-config$/, "GetFunctionCodeSigningConfig"],
  ["lambda", "GET", /\/tags\//, "ListTags"],
  ["scheduler", "POST", /^\/schedules\/[^/]+$/, "CreateSchedule"],
  ["scheduler", "GET", /^\/schedules\/[^/]+$/, "GetSchedule"],
  ["scheduler", "DELETE", /^\/schedules\/[^/]+$/, "DeleteSchedule"],
  ["scheduler", "DELETE", /^\/schedule-groups\/[^/]+$/, "DeleteScheduleGroup"],
  ["scheduler", "POST", /^\/schedule-groups\/[^/]+$/, "CreateScheduleGroup"],
  ["scheduler", "GET", /^\/schedule-groups\/[^/]+$/, "GetScheduleGroup"],
  ["scheduler", "GET", /^\/tags\//, "ListTagsForResource"],
];

/** What a request needs. Undefined for what nobody has to allow; throws for a call that this table does not know. */
export function neededFor(
  incoming: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer,
): Needed[] {
  const { method = "GET", url = "/", headers } = incoming;
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)/.exec(String(headers.authorization))?.[1];
  if (service === undefined || service === "sts") return [];
  const path = new URL(url, "http://aws").pathname.replace(/(?<=.)\/$/, "");
  const call = readCall({ method, url, headers, body }, () => []);
  const rest = REST.find(([of, how, where]) => of === service && how === method && where.test(path));
  const operation = call?.operation ?? rest?.[3];
  if (operation === undefined) throw new Error(`no name is known for ${service} ${method} ${url}`);
  const input = call?.input ?? inputOf(body);
  const action = `${PREFIX[service] ?? service}:${operation}`;
  const role = String(input.Role ?? (input.Target as { RoleArn?: string } | undefined)?.RoleArn ?? "");
  const passes = /^(?:CreateFunction|CreateSchedule)$/.test(operation) && role !== "";
  const context = contextOf(input);
  return [
    { action, on: resourcesOf(service, operation, path, input), ...(context ? { context } : {}) },
    ...(passes ? [{ action: "iam:PassRole", on: [role], passedTo: `${service}.amazonaws.com` }] : []),
  ];
}

/** By which keys conditions of ours ask, and where a call says them. */
const CONTEXT: Readonly<Record<string, string>> = {
  Namespace: "cloudwatch:namespace",
  PermissionsBoundary: "iam:PermissionsBoundary",
};

function contextOf(input: Readonly<Record<string, unknown>>): Needed["context"] {
  const said = Object.entries(CONTEXT).flatMap(([name, key]) => {
    const value = input[name];
    return typeof value === "string" ? [[key, value] as const] : [];
  });
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

function inputOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

const arn = (service: string, resource: string, region = REGION) =>
  resource.startsWith("arn:") ? resource : `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;

/** By the kinds of resources that the service authorization reference names for an operation; else everything. */
function resourcesOf(
  service: string,
  operation: string,
  path: string,
  input: Readonly<Record<string, unknown>>,
): string[] {
  const text = (...names: readonly string[]) =>
    names.map((name) => input[name]).find((value): value is string => typeof value === "string");
  const one = (prefix: string, value: string | undefined, region?: string) =>
    value === undefined
      ? ["*"]
      : [arn(service, value.startsWith("arn:") ? value : `${prefix}${value}`, region)];
  switch (service) {
    case "appconfig": {
      if (path.startsWith("/tags/")) return [decodeURIComponent(path.slice("/tags/".length))];
      const application = /^\/applications\/([^/]+)/.exec(path)?.[1];
      const strategy = /^\/deploye?mentstrategies\/([^/]+)/.exec(path)?.[1] ?? text("DeploymentStrategyId");
      const below = [/\/(environment)s\/([^/]+)/, /\/(configurationprofile)s\/([^/]+)/].flatMap((kind) => {
        const [, word, id] = kind.exec(path) ?? [];
        return id === undefined ? [] : [arn(service, `application/${application}/${word}/${id}`)];
      });
      const found = [
        ...(application === undefined ? [] : [arn(service, `application/${application}`)]),
        ...below,
        ...(strategy === undefined ? [] : [arn(service, `deploymentstrategy/${strategy}`)]),
      ];
      return found.length > 0 ? found : ["*"];
    }
    case "lambda":
      if (operation === "CreateEventSourceMapping" || operation === "ListEventSourceMappings") return ["*"];
      if (/\/event-source-mappings\//.test(path))
        return [arn(service, `event-source-mapping:${path.split("/").at(-1)}`)];
      if (/\/tags\//.test(path)) return [decodeURIComponent(path.slice(path.indexOf("/tags/") + 6))];
      return one(
        "function:",
        /\/functions\/([^/]+)/.exec(decodeURIComponent(path))?.[1] ?? text("FunctionName"),
      );
    case "scheduler": {
      if (path.startsWith("/tags/")) return [decodeURIComponent(path.slice("/tags/".length))];
      const name = path.split("/")[2] ?? "";
      return [
        arn(
          service,
          path.startsWith("/schedule-groups")
            ? `schedule-group/${name}`
            : `schedule/${text("GroupName") ?? "default"}/${name}`,
        ),
      ];
    }
    case "sns":
      return /Unsubscribe|SubscriptionAttributes|ListTopics/.test(operation)
        ? ["*"]
        : one("", text("TopicArn", "ResourceArn", "Name"));
    case "sqs":
      return one("", text("QueueName") ?? text("QueueUrl")?.split("/").at(-1));
    case "ssm": {
      const { Names } = input as { readonly Names?: readonly string[] };
      return (Names ?? []).map((name) => arn(service, `parameter${name}`));
    }
    case "logs": {
      const group = text("logGroupName", "resourceArn", "logGroupIdentifier");
      const listed = /^DescribeLogGroups$|^DescribeMetricFilters$/.test(operation);
      return listed ? ["*"] : one("log-group:", group);
    }
    case "iam":
      return one("role/", text("RoleName"), "");
    case "monitoring": {
      // Some calls name several.
      const all = (name: string) => {
        const { [name]: listed } = input;
        return Array.isArray(listed) ? listed.map(String) : [];
      };
      const dashboards = [text("DashboardName") ?? [], all("DashboardNames")].flat();
      if (dashboards.length > 0) return dashboards.map((name) => arn("cloudwatch", `dashboard/${name}`, ""));
      const own = /^(?:Put\w*Alarm|ListTagsForResource|DeleteAlarms)$/.test(operation);
      const alarms = own ? [text("AlarmName", "ResourceARN") ?? [], all("AlarmNames")].flat() : [];
      return alarms.length > 0
        ? alarms.map((name) => arn("cloudwatch", name.startsWith("arn:") ? name : `alarm:${name}`))
        : ["*"];
    }
    case "events":
      return one("rule/", text("Rule", "Name", "ResourceARN"));
    case "secretsmanager": {
      const named = text("SecretId", "Name");
      // Also one that is asked for by its name is known to IAM by its ARN, which ends with what AWS has added.
      return one("secret:", named?.startsWith("arn:") ? named : `${named}-AbCdEf`);
    }
    case "rds":
      if (/Tags?/.test(operation)) return [text("ResourceName") ?? "*"];
      return operation === "CreateDBSnapshot"
        ? [
            arn(service, `db:${text("DBInstanceIdentifier")}`),
            arn(service, `snapshot:${text("DBSnapshotIdentifier")}`),
          ]
        : ["*"];
    default:
      return ["*"];
  }
}
