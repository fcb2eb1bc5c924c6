import { DescribeTasksCommand, ECSClient, paginateListTasks } from "@aws-sdk/client-ecs";
import { withClient } from "../aws/clients";
import { type Failure, failed } from "../aws/failure";
import { askedByAddress, type ServersConfig } from "../flags/servers";
import { addressOf, serverName } from "../text/address";
import { jsonIn } from "../text/json";
import { reasonOf } from "../text/problem";
import { type FlagAnswer, NO_JSON } from "./flagSource";
import { readBody } from "./service";

/** How long one server may take to answer. */
const TIMEOUT_MS = 5_000;

/** What one server said, or why there is nothing that counts. */
export type ServerSaid =
  | { readonly server: string; readonly json: unknown }
  | { readonly server: string; readonly error: string };

/**
 * Asks every listed server, and every running task of the listed ECS services, for the JSON at a path. What goes wrong with
 * one is said of that one.
 *
 * @param timeoutMs how long one server may take to answer
 */
export async function askEveryServer(
  servers: ServersConfig | undefined,
  region: string,
  path: string,
  timeoutMs = TIMEOUT_MS,
): Promise<Failure | readonly ServerSaid[]> {
  if (!servers) return failed("unreachable", "the rollout declares no servers");
  let urls: string[];
  try {
    urls = await serverUrls(servers, region);
  } catch (error) {
    return failed("unreachable", `the ECS tasks cannot be listed: ${reasonOf(error)}`);
  }
  return Promise.all(urls.map((url) => askOne(url, path, timeoutMs)));
}

async function askOne(url: string, path: string, timeoutMs: number): Promise<ServerSaid> {
  const server = serverName(url);
  const answer = await tell(url, { path }, timeoutMs);
  if ("error" in answer) return { server, error: answer.error };
  if (answer.status < 200 || answer.status > 299) return { server, error: `answered ${answer.status}` };
  return answer.json === undefined ? { server, error: NO_JSON } : { server, json: answer.json };
}

/** The address of every listed server, and of every running task of the ECS services that no URL stands for. */
export async function serverUrls(
  { urls, ecs }: Pick<ServersConfig, "urls" | "ecs">,
  region: string,
): Promise<string[]> {
  const services = askedByAddress({ ecs });
  return [...urls, ...(await Promise.all(services.map((service) => taskUrls(service, region)))).flat()];
}

/** Asks one server, for the JSON at a path. Never throws. */
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
    return { status: response.status, json: jsonIn(await readBody(response)) };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { error: reasonOf(cause) };
  }
}

type EcsService = ServersConfig["ecs"][number];

/** The private addresses of a service's running tasks. One that is listed and has none counts as a server without an answer. */
function taskUrls({ cluster, service, port, scheme }: EcsService, region: string): Promise<string[]> {
  return withClient(ECSClient, { region }, async (client) => {
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
  });
}
