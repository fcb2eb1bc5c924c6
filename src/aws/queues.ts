import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import { unlessNamed } from "./failure";

const COUNTED = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

/** Asks where AWS is asked for all else: by itself, the SDK goes to the host that a queue's URL names. */
export class QueueClient extends SQSClient {
  constructor(config: SQSClientConfig) {
    super({ ...config, useQueueUrlAsEndpoint: false });
  }
}

/** How many messages lie in a queue, about, those that somebody reads just now among them. Undefined where there is none. */
export function messagesIn(client: SQSClient, name: string): Promise<number | undefined> {
  const count = async () => {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTED] }),
    );
    return COUNTED.reduce((total, key) => total + Number(Attributes[key] ?? 0), 0);
  };
  return unlessNamed(/NonExistentQueue|QueueDoesNotExist/, undefined, count());
}

/** Puts a message into a queue, by the queue's name. Throws where it does not get there. */
export async function sendTo(client: SQSClient, name: string, body: string): Promise<void> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}
