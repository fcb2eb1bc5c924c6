import { placeIn } from "../../src/aws/arn";
import { failed } from "../../src/aws/failure";
import { known } from "../../src/aws/known";
import { TOPICS, type TopicName } from "../../src/aws/names";
import { observeServers } from "../../src/gates/kinds/convergence.look";
import type { Observation } from "../../src/gates/observation";
import { foundationOutputs, gateLogin } from "../../src/promotion/foundationOutputs";
import { soundnessOf } from "../soundness";
import { ownPackage } from "../version";
import { deliveries } from "./deliveries";
import type { Finding, Group } from "./finding";
import { type Ground, must } from "./ground";
import { judgeAccount } from "./judge/account";
import { askedOf } from "./judge/asked";
import { judgeMeasuring } from "./judge/away";
import { judgeAws } from "./judge/aws";
import { judgeChannels } from "./judge/channels";
import { judgeDatabase } from "./judge/database";
import { judgeFiles } from "./judge/files";
import { judgeGates } from "./judge/gates";
import { judgeMachine } from "./judge/machine";
import { hostsOf, judgeNetwork } from "./judge/network";
import { judgePeople } from "./judge/people";
import { judgeQuotas } from "./judge/quotas";
import { judgeRows } from "./judge/rows";
import { judgeServers } from "./judge/servers";
import { judgeSnapshots } from "./judge/snapshots";
import { judgeState } from "./judge/state";
import { countingOf, judgeZeros } from "./judge/zeros";
import { awayFacts, connectionHere, gateFacts } from "./look/gates";
import { awsHosts } from "./look/hosts";
import { reach } from "./look/network";
import { readEngine, readPlugins } from "./look/state";

/** Something that is looked at: reads facts, and makes lines of them. */
export interface Check {
  readonly group: Group;
  /** What it is called where it cannot be made. */
  readonly name: string;
  /** What has to be there: what is not is told once, and not by each check that needs it. */
  readonly needs: readonly Need[];
  make(ground: Ground): Promise<readonly Finding[]>;
}

export type Need = "files" | "aws" | "state";

/** All of them. None knows another; what they share, the ground reads once. */
export const CHECKS: readonly Check[] = [
  { group: "This machine", name: "versions", needs: [], make: machine },
  { group: "Stack files", name: "config", needs: [], make: files },
  { group: "State", name: "backend", needs: ["files"], make: state },
  { group: "AWS", name: "identity", needs: [], make: aws },
  { group: "AWS", name: "keys and topics", needs: ["files", "aws"], make: account },
  { group: "Network", name: "hosts", needs: ["files"], make: network },
  { group: "Network", name: "measuring function", needs: ["files", "aws"], make: measuring },
  { group: "Database", name: "database", needs: ["files", "state"], make: database },
  { group: "People", name: "topics", needs: ["files", "aws"], make: people },
  { group: "People", name: "channels", needs: ["files", "aws"], make: channels },
  { group: "Quotas", name: "quotas", needs: ["files", "aws"], make: quotas },
  { group: "Gates", name: "gates", needs: ["files", "aws"], make: gates },
  { group: "Gates", name: "snapshots", needs: ["files", "aws"], make: snapshots },
  { group: "Abort rows", name: "abort rows", needs: ["files", "aws"], make: rows },
  { group: "Abort rows", name: "zeros", needs: ["files", "aws"], make: zeros },
  { group: "Servers", name: "servers", needs: ["files", "aws"], make: servers },
  { group: "Deliveries", name: "deliveries", needs: ["files", "aws"], make: deliveries },
];

async function machine({ env, left, written }: Ground): Promise<Finding[]> {
  const own = ownPackage();
  const [engine, plugins] = await Promise.all([
    readEngine(env, AbortSignal.timeout(Math.ceil(left))),
    readPlugins(env),
  ]);
  const rollout = written.ok ? written.value.rollout : undefined;
  const providers = ["aws", ...(rollout?.database ? ["postgresql"] : [])];
  return judgeMachine({
    node: process.versions.node,
    nodeWanted: own.engines.node,
    engine,
    sdk: (own.peerDependencies["@pulumi/pulumi"] ?? "").replace(/^\D*/, ""),
    plugins,
    wanted: providers.map((name) => `${name} ${own.dependencies[`@pulumi/${name}`]}`),
    first: rollout?.stages[0].name,
  });
}

async function files({ folder, written, problems }: Ground): Promise<Finding[]> {
  if (!written.ok) return judgeFiles(undefined, problems);
  const sound = await soundnessOf(folder, written.value);
  return judgeFiles(written.value.rollout.name, [...problems, ...sound.problems]);
}

async function state(ground: Ground): Promise<Finding[]> {
  const stages = ground.files.rollout.stages.map(({ name }) => name);
  const stacks = await ground.stacks();
  const there = stacks.ok ? stages.filter((name) => stacks.value.includes(name)) : [];
  const configs = await Promise.all(there.map(async (name) => [name, await ground.config(name)] as const));
  return judgeState({ stages, stacks, configs: new Map(configs) });
}

async function aws(ground: Ground): Promise<Finding[]> {
  const { region, setting, settings } = ground;
  const list = (key: string): string[] => {
    const given = setting(key);
    return Array.isArray(given) ? given.map(String) : [];
  };
  return judgeAws({
    region,
    regions: settings("aws:region"),
    allowed: list("aws:allowedAccountIds"),
    forbidden: list("aws:forbiddenAccountIds"),
    caller: region === undefined ? undefined : await ground.caller(),
    up: await upAt(ground),
  });
}

/** A topic that is not there is told by whoever looks at whom topics reach. */
async function account(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  if (!rollout.account && !rollout.existingTopics) return [];
  const [{ arn }, topics] = [must(await ground.caller()), await topicsOf(ground)];
  const there = Object.entries(rollout.existingTopics ?? {}).filter(([topic]) => {
    const seen = topics.get(topic as TopicName);
    return !seen?.ok || seen.value !== undefined;
  });
  const problems = await ground.once("keys and topics", async () => {
    const { keyAndTopicProblems } = await import("../../src/promotion/keysAndTopics");
    const who = { ok: true, value: arn } as const;
    return keyAndTopicProblems(rollout, ground.region ?? "", who, Object.fromEntries(there));
  });
  return judgeAccount(rollout, must(problems), locate);
}

/** Where the first stage's stack is up, by the topics that it has made. */
async function upAt(ground: Ground) {
  if (!ground.written.ok) return undefined;
  const { rollout } = ground.files;
  const outputs = await ground.outputs();
  const found = outputs.ok ? foundationOutputs.safeParse(outputs.value).data : undefined;
  // One of the account's own may be anywhere.
  const own = TOPICS.find((topic) => rollout.existingTopics?.[topic] === undefined);
  if (!found || own === undefined) return undefined;
  const { region, account } = placeIn(found.topics[own]);
  return { stack: rollout.stages[0].name, region, account };
}

async function network(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const { region, endpoint, setting, left } = ground;
  const own = endpoint === undefined ? (region === undefined ? [] : awsHosts(region)) : [endpoint];
  const text = (key: string) => (setting(key) === undefined ? undefined : String(setting(key)));
  const administrator = { host: text("postgresql:host"), port: text("postgresql:port") };
  const hosts = hostsOf(rollout, own, administrator, locate);
  return judgeNetwork(await Promise.all(hosts.map(async (host) => [host, await reach(host, left)] as const)));
}

async function measuring(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  return judgeMeasuring(rollout, await awayFacts(ground), locate);
}

async function database(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const [{ name: first }] = rollout.stages;
  if (!rollout.database) return [];
  const { seenByAdministrator, seenByGates } = await import("./look/database");
  const asked = askedOf(rollout);
  const config = must(await ground.config(first));
  const outputs = await ground.outputs();
  const away = rollout.measure !== undefined;
  const connection = away ? undefined : connectionHere(rollout, outputs.ok ? outputs.value : undefined);
  const { env, left } = ground;
  // What a first run that failed has made shows in no output: then it is not said whose a role is.
  const login = gateLogin.safeParse(outputs.ok ? outputs.value?.gateLogin : undefined).data;
  const made = login && [login.user];
  const [administrator, gates] = await Promise.all([
    seenByAdministrator(rollout, rollout.database, config, asked, { env, left, made }),
    connection && seenByGates(rollout, connection, asked, left),
  ]);
  return judgeDatabase({ first, host: rollout.database.host, administrator, gates, away, locate });
}

async function people(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const [topics, { guards }] = await Promise.all([topicsOf(ground), rowFacts(ground)]);
  return judgePeople({ rollout, topics, guards, locate });
}

async function channels(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  if (!rollout.channels) return [];
  const { readChannels } = await import("./look/channels");
  const { arn } = must(await ground.caller());
  const at = { region: ground.region ?? "", arn, left: ground.left };
  const [topics, seen] = await Promise.all([
    topicsOf(ground),
    readChannels(rollout, at, (secret) => ground.secrets.push(secret)),
  ]);
  return judgeChannels({ rollout, topics, locate, ...seen });
}

/** Read once for whoever listens to topics, and for the channels among them. */
async function topicsOf(ground: Ground) {
  const read = await ground.once("topics", async () => {
    const { readTopics } = await import("./look/guards");
    const { arn } = must(await ground.caller());
    return readTopics(ground.files.rollout, { region: ground.region ?? "", arn, left: ground.left });
  });
  return must(read);
}

async function rows(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const { due } = must(await ground.came());
  return judgeRows(rollout, await rowFacts(ground), due, locate);
}

async function zeros(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const { readPulses } = await import("./look/pulses");
  const { raised, due } = must(await ground.came());
  const [counting, now] = [countingOf(rollout, raised, locate), Date.now()];
  const pulses = await readPulses(counting, { region: ground.region ?? "", now, left: ground.left });
  return judgeZeros(counting, pulses, { now, due });
}

/** Read once for whoever is paged, and for what pages them. */
async function rowFacts(ground: Ground) {
  const read = await ground.once("rows", async () => {
    const { readRows } = await import("./look/guards");
    const { arn } = must(await ground.caller());
    const came = must(await ground.came());
    const at = { region: ground.region ?? "", arn, left: ground.left };
    return readRows(ground.files.rollout, came, at);
  });
  return must(read);
}

async function quotas(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const { readUsed } = await import("./look/quotas");
  return judgeQuotas(rollout, await readUsed(rollout.name, ground.region ?? "", ground.left), locate);
}

async function gates(ground: Ground): Promise<Finding[]> {
  return judgeGates(await gateFacts(ground));
}

async function snapshots(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  const { readSources } = await import("./look/snapshots");
  return judgeSnapshots(await readSources(rollout, ground.region ?? "", ground.left), locate);
}

async function servers(ground: Ground): Promise<Finding[]> {
  const { rollout, locate } = ground.files;
  if (!rollout.servers) return [];
  const [{ name: first }] = rollout.stages;
  const { region = "", left } = ground;
  const away = await awayFacts(ground);
  // That the function gives no answer is told of it, once.
  if (away && (away.kind !== "answers" || !away.servers)) return [];
  const [seen, came] = await Promise.all([
    away?.servers
      ? known(async () => away.servers as Observation["seen"])
      : known(() => observeServers(rollout.servers, region, Object.keys(rollout.flags)), left),
    ground.came(),
  ]);
  return judgeServers({
    seen: seen.ok ? seen.value : failed("timeout", seen.why),
    deployed: came.ok ? { ok: true, value: came.value.ledger !== undefined } : came,
    first,
    where: locate(first, ["cutover:rollout", "servers"]),
  });
}
