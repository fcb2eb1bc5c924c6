import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { placeIn } from "../../../src/aws/arn";
import { awsClient } from "../../../src/aws/clients";
import { type FunctionNow, functionNow } from "../../../src/aws/functions";
import { KeptLog } from "../../../src/aws/keptLog";
import { type Known, known } from "../../../src/aws/known";
import { deliveriesGroup, deliveriesName, deliveryName } from "../../../src/aws/names";
import { messagesIn, QueueClient } from "../../../src/aws/queues";
import { deliveredIn } from "../../../src/delivery/kept";
import { type Reach, Unanswered } from "../../../src/delivery/kind";
import { type DeliveryConfig, deliveryKindOf, keptAs, secretOf } from "../../../src/delivery/registry";
import { type HeldVariables, VERSION, variableOf } from "../../../src/delivery/variables";
import { AwsPlatforms } from "../../../src/lambda/awsPlatforms";
import type { Rollout } from "../../../src/rollout/rollout";
import { askOutside } from "../../../src/text/askOutside";
import { secretsOut } from "../../../src/text/redact";
import { feedingTo, type LookedAt, type SecretFact, secretFact } from "./queued";

/** What AWS and the platform hold of one delivery. Nothing in it quotes a secret. */
export interface DeliveryFact {
  /** Its queue's ARN, whether it is there or not. */
  readonly queueArn: string;
  /** How many calls wait in its queue, and lie in its dead-letter queue; undefined where there is no such queue. */
  readonly waiting: Known<number | undefined>;
  readonly deadLetters: Known<number | undefined>;
  /** Absent where its kind needs none. */
  readonly secret?: SecretFact | undefined;
  /** What the platform holds, or why it never can; absent where there is no sound secret to ask it with. */
  readonly platform?: Known<{ readonly held: HeldVariables } | { readonly problem: string }> | undefined;
  /** The newest deployment that was carried on; undefined where none was. */
  readonly delivered: Known<number | undefined>;
}

/** What a rollout's deliveries are made of. */
export interface DeliveryFacts {
  readonly deliveries: ReadonlyMap<string, DeliveryFact>;
  /** The function that carries flags on; undefined where it is not there. */
  readonly fn: Known<FunctionNow | undefined>;
  /** The states of what feeds the queues to it, by the queue's ARN. */
  readonly fed: Known<ReadonlyMap<string, string>>;
}

/** As much of an answer as the function reads. */
const ANSWER_BYTES = 2_000_000;
/** What is shown of a platform's own words. Characters. */
const LONGEST = 300;

/**
 * Looks at all that a rollout's deliveries need, and asks each platform what it holds. Changes nothing. Never throws.
 *
 * @param keep is told each secret's text, so that no line holds it
 */
export async function readDeliveries(
  rollout: Rollout,
  { region, arn, left }: LookedAt,
  keep: (secret: string) => void,
): Promise<DeliveryFacts> {
  const { name, delivery = {} } = rollout;
  const lambda = awsClient(LambdaClient, { region });
  const sqs = awsClient(QueueClient, { region });
  const secrets = awsClient(SecretsManagerClient, { region });
  const kept = new KeptLog(region, deliveriesGroup(name));
  const { partition, account } = placeIn(arn);
  const read = <T>(work: () => Promise<T>) => known(work, left);
  const reach: Reach = {
    ask: (request) => askOutside(request, ANSWER_BYTES),
    aws: new AwsPlatforms(region),
    now: Date.now,
  };
  const one = async (own: string, config: DeliveryConfig): Promise<[string, DeliveryFact]> => {
    const called = deliveryName(name, own);
    let text = "";
    const hears = (secret: string) => {
      text = secret;
      keep(secret);
    };
    const { secretProblem } = deliveryKindOf(config);
    const [waiting, deadLetters, delivered, secret] = await Promise.all([
      read(() => messagesIn(sqs, called)),
      read(() => messagesIn(sqs, `${called}-dlq`)),
      read(() => deliveredHere(kept, keptAs(own, config))),
      secretFact(secrets, secretOf(config), secretProblem, read, hears),
    ]);
    // With a text that is no token nothing is sent: what comes of that is an error that quotes it.
    const askable = secret === undefined || (text !== "" && isSound(secret));
    const platform = askable ? await read(() => platformOf(rollout, config, text, reach)) : undefined;
    const queueArn = `arn:${partition}:sqs:${region}:${account}:${called}`;
    return [own, { queueArn, waiting, deadLetters, delivered, secret, platform }];
  };
  try {
    const fn = deliveriesName(name);
    const [found, seen, fed] = await Promise.all([
      Promise.all(Object.entries(delivery).map(([own, config]) => one(own, config))),
      read(() => functionNow(lambda, fn)),
      read(() => feedingTo(lambda, fn)),
    ]);
    return { deliveries: new Map(found), fn: seen, fed };
  } finally {
    for (const client of [lambda, sqs, secrets]) client.destroy();
    kept.close();
  }
}

const isSound = ({ text }: SecretFact) =>
  text.ok && text.value !== "none" && text.value.problem === undefined;

/** Before the first `up` there is nothing that it could be kept in. */
async function deliveredHere(kept: KeptLog, delivery: string): Promise<number | undefined> {
  try {
    return await deliveredIn(kept, delivery);
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** Throws where the platform cannot be asked now. What it says no to, it says no to the function as well. */
async function platformOf(
  { flags }: Rollout,
  config: DeliveryConfig,
  secret: string,
  reach: Reach,
): Promise<{ readonly held: HeldVariables } | { readonly problem: string }> {
  const kind = deliveryKindOf(config);
  const names = Object.keys(flags).flatMap((flag) => variableOf(config, flag) ?? []);
  try {
    const problem = await kind.lacks(config, secret, reach);
    if (problem !== undefined) return { problem };
    return { held: await kind.open(config, secret, reach).read([...names, VERSION]) };
  } catch (error) {
    if (error instanceof Unanswered && error.forGood)
      return { problem: secretsOut({ secrets: [secret] }, LONGEST)(error.message) };
    throw error;
  }
}
