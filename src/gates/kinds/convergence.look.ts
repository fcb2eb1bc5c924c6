import { DescribeTasksCommand, ECSClient, paginateListTasks } from "@aws-sdk/client-ecs";
import { awsClient } from "../../aws/clients";
import { failed } from "../../aws/failure";
import { type Flags, type FlagValue, isFlagValue } from "../../flags/flags";
import { askedByAddress, type ServersConfig } from "../../flags/servers";
import { at } from "../../text/dotted";
import { reasonOf } from "../../text/problem";
import { addressOf, serverName } from "../address";
import { type FlagAnswer, NO_FLAGS, NO_JSON } from "../flagSource";
import type { GateOf } from "../kind";
import type { Sources } from "../look";
import type { Seen } from "../observation";
import { readBody } from "../service";

/** How long one server may take to tell its flags. */
const TIMEOUT_MS = 5_000;

type ServerState = Extract<Seen, { kind: "servers" }>["servers"][number];

/**
 * Asks every listed server, and every running task of the listed ECS services, which flags it has.
 *
 * @param declared the flags that count: of any others that a server tells, evidence keeps how many there are
 * @param timeoutMs how long one server may take to answer
 */
export async function observeServers(
  servers: ServersConfig | undefined,
  region: string,
  declared: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<Seen> {
  if (!servers) return failed("unreachable", "the rollout declares no servers");
  let urls: string[];
  try {
    urls = await serverUrls(servers, region);
  } catch (error) {
    return failed("unreachable", `the ECS tasks cannot be listed: ${reasonOf(error)}`);
  }
  return {
    kind: "servers",
    servers: await Promise.all(urls.map((url) => ask(url, servers, declared, timeoutMs))),
  };
}

/** The address of every listed server, and of every running task of the ECS services that no URL stands for. */
export async function serverUrls(
  { urls, ecs }: Pick<ServersConfig, "urls" | "ecs">,
  region: string,
): Promise<string[]> {
  const services = askedByAddress({ ecs });
  return [...urls, ...(await Promise.all(services.map((service) => taskUrls(service, region)))).flat()];
}

async function ask(
  url: string,
  servers: ServersConfig,
  declared: readonly string[],
  timeoutMs: number,
): Promise<ServerState> {
  const server = serverName(url);
  const answer = await tell(url, servers, timeoutMs);
  if ("error" in answer) return { server, error: answer.error };
  if (answer.status < 200 || answer.status > 299) return { server, error: `answered ${answer.status}` };
  const { at: where } = servers;
  if (answer.json === undefined) return { server, error: NO_JSON };
  const found = at(answer.json, where);
  if (typeof found !== "object" || found === null)
    return { server, error: `${NO_FLAGS}${where || "the top"}` };
  const told = Object.entries(found).filter((entry): entry is [string, FlagValue] => isFlagValue(entry[1]));
  const flags = told.filter(([flag]) => declared.includes(flag));
  const others = told.length - flags.length;
  return { server, flags: Object.fromEntries(flags), ...(others > 0 ? { others } : {}) };
}

/** Asks one server, where it tells its flags. Never throws. */
export async function tell(
  url: string,
  { path }: Pick<ServersConfig, "path">,
  timeoutMs = TIMEOUT_MS,
): Promise<FlagAnswer> {
  try {
    const response = await fetch(addressOf(url, path), {
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: "application/json" },
      // What another server tells is not this one's.
      redirect: "manual",
    });
    // Only what an answer of success says counts.
    if (!response.ok) {
      await response.body?.cancel();
      return { status: response.status };
    }
    return { status: response.status, json: jsonOf(await readBody(response)) };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { error: reasonOf(cause) };
  }
}

/** The parser's own complaint would quote what the server says. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type EcsService = ServersConfig["ecs"][number];

/** The private addresses of a service's running tasks. One that is listed and has none counts as a server without an answer. */
async function taskUrls({ cluster, service, port, scheme }: EcsService, region: string): Promise<string[]> {
  const client = awsClient(ECSClient, { region });
  try {
    const arns: string[] = [];
    for await (const page of paginateListTasks(
      { client },
      { cluster, serviceName: service, desiredStatus: "RUNNING" },
    ))
      arns.push(...(page.taskArns ?? []));
    if (arns.length === 0) throw new Error(`${cluster}/${service} has no running task`);
    const urls: string[] = [];
    // The API describes at most 100 tasks at a time.
    for (let start = 0; start < arns.length; start += 100) {
      const asked = arns.slice(start, start + 100);
      const { tasks = [], failures = [] } = await client.send(
        new DescribeTasksCommand({ cluster, tasks: asked }),
      );
      // A task that is left out could be the one with the old flags.
      const lost = asked.length - tasks.length;
      if (lost > 0) {
        const why = failures.map(({ reason }) => reason).join(", ") || "no reason given";
        throw new Error(
          `${lost} of ${asked.length} tasks of ${cluster}/${service} cannot be described: ${why}`,
        );
      }
      for (const task of tasks) {
        const address = task.attachments
          ?.flatMap((attachment) => attachment.details ?? [])
          .find((detail) => detail.name === "privateIPv4Address")?.value;
        if (!address) throw new Error(`task ${task.taskArn} has no private address`);
        urls.push(`${scheme}://${address}:${port}`);
      }
    }
    return urls;
  } finally {
    client.destroy();
  }
}

export const look = (
  { flags }: GateOf<unknown, { flags?: Flags | undefined }>,
  { servers, region }: Sources,
): Promise<Seen> => observeServers(servers, region, Object.keys(flags ?? {}));
