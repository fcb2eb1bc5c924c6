import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Statement } from "../../../components/permissions/statement";
import { readCall } from "../../../sandbox/aws/front/call";

/** A call, as IAM looks at it: each resource has to be allowed. */
export interface Needed {
  readonly action: string;
  readonly on: readonly string[];
  readonly passedTo?: string;
}

const ACCOUNT = "000000000000";
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
  ["lambda", "GET", /\/account-settings$/, "GetAccountSettings"],
  ["lambda", "GET", /\/event-source-mappings$/, "ListEventSourceMappings"],
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
  ["scheduler", "POST", /^\/schedule-groups\/[^/]+$/, "CreateScheduleGroup"],
  ["scheduler", "GET", /^\/schedule-groups\/[^/]+$/, "GetScheduleGroup"],
];

/** What a request needs. Undefined for what nobody has to allow; throws for a call that this table does not know. */
function neededFor(incoming: Pick<IncomingMessage, "method" | "url" | "headers">, body: Buffer): Needed[] {
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
  return [
    { action, on: resourcesOf(service, operation, path, input) },
    ...(passes ? [{ action: "iam:PassRole", on: [role], passedTo: `${service}.amazonaws.com` }] : []),
  ];
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
      const strategy = /^\/deploymentstrategies\/([^/]+)/.exec(path)?.[1] ?? text("DeploymentStrategyId");
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
      if (/\/tags\//.test(path)) return [decodeURIComponent(path.slice(path.indexOf("/tags/") + 6))];
      return one(
        "function:",
        /\/functions\/([^/]+)/.exec(decodeURIComponent(path))?.[1] ?? text("FunctionName"),
      );
    case "scheduler": {
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
    case "logs": {
      const group = text("logGroupName", "resourceArn", "logGroupIdentifier");
      const listed = /^DescribeLogGroups$|^DescribeMetricFilters$/.test(operation);
      return listed ? ["*"] : one("log-group:", group);
    }
    case "iam":
      return one("role/", text("RoleName"), "");
    case "monitoring": {
      if (/Dashboard/.test(operation))
        return one("dashboard/", text("DashboardName"), "").map((each) =>
          each.replace(":monitoring:", ":cloudwatch:"),
        );
      const alarm = text("AlarmName", "ResourceARN");
      const alone = /^(?:Put\w*Alarm|ListTagsForResource|DeleteAlarms)$/.test(operation) ? alarm : undefined;
      return one("alarm:", alone).map((each) => each.replace(":monitoring:", ":cloudwatch:"));
    }
    case "events":
      return one("rule/", text("Rule", "Name", "ResourceARN"));
    case "secretsmanager":
      return one("secret:", text("SecretId", "Name"));
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

/** Whether statements allow something, after IAM's own rules for wildcards. Conditions other than PassedToService hold. */
export function allowed(statements: readonly Statement[], { action, on, passedTo }: Needed): boolean {
  const granted = statements.filter(
    ({ Action, Condition }) =>
      Action.some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
      (passedTo === undefined || Condition?.StringEquals?.["iam:PassedToService"] === passedTo),
  );
  return on.every((resource) =>
    granted.some(({ Resource }) => Resource.some((pattern) => like(pattern, resource))),
  );
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(text);
}

export interface Guarded {
  readonly url: string;
  /** What calls needed, in their order. */
  readonly needed: Needed[];
  /** What was not allowed. */
  readonly refused: Needed[];
  /** Whoever calls from now on may do that. What else they call is refused, or only kept in `refused`. */
  as(statements: readonly Statement[], refuse: boolean): void;
  stop(): Promise<void>;
}

/** Stands before the emulator, and holds calls to a policy. What it refuses, it refuses in AWS's words. */
export async function guarded(endpoint: string): Promise<Guarded> {
  const needed: Needed[] = [];
  const refused: Needed[] = [];
  let statements: readonly Statement[] = [];
  let refuses = true;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    const needs = neededFor(incoming, body);
    needed.push(...needs);
    const missing = needs.find((one) => !allowed(statements, one));
    if (missing) {
      refused.push(missing);
      if (refuses) return refuse(outgoing, incoming, missing);
    }
    const { hostname, port } = new URL(endpoint);
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy()).end(body);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error) => {
      refused.push({ action: String(error), on: [] });
      outgoing.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    needed,
    refused,
    as: (given, refuse) => {
      statements = given;
      refuses = refuse;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** In the protocol that was spoken. */
function refuse(outgoing: ServerResponse, { headers }: IncomingMessage, { action, on }: Needed): void {
  const message = `User: arn:aws:sts::${ACCOUNT}:assumed-role/cutover/job is not authorized to perform: ${action} on resource: ${on[0]} because no identity-based policy allows the ${action} action`;
  if (String(headers["content-type"]).startsWith("application/x-www-form-urlencoded")) {
    outgoing.writeHead(403, { "content-type": "text/xml" });
    outgoing.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
    return;
  }
  outgoing.writeHead(403, {
    "content-type": "application/json",
    "x-amzn-errortype": "AccessDeniedException",
  });
  outgoing.end(JSON.stringify({ __type: "AccessDeniedException", message }));
}
