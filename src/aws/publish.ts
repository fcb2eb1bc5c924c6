import type { PublishCommandInput } from "@aws-sdk/client-sns";

/** A message as it goes to a topic. */
export interface Published {
  /** See `subjectOf`: SNS refuses anything else. */
  readonly subject: string;
  readonly text: string;
  /** For machines, and for subscriptions that filter by them. */
  readonly attributes?: Readonly<Record<string, string | number>> | undefined;
}

/** What SNS is asked for it. */
export function publishInput(
  TopicArn: string,
  { subject, text, attributes = {} }: Published,
): PublishCommandInput {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: typeof value === "number" ? "Number" : "String", StringValue: String(value) },
    ]),
  );
  return { TopicArn, Subject: subject, Message: text, MessageAttributes };
}
