import type { Answer } from "../answer";
import type { Call } from "../call";
import { type Rule, type Service, textOf, type World } from "../rule";
import { entriesIn, textsIn } from "../wire/xml";
import { whole } from "./whole";

const RULES: readonly Rule[] = [
  {
    id: "sns-topic-name",
    refuses:
      "topic names of more than 256 characters, or of other than letters, digits, hyphens and underscores",
    code: "InvalidParameter",
    operations: ["CreateTopic"],
    when: ({ Name }) =>
      /^[A-Za-z0-9_-]{1,256}$|^[A-Za-z0-9_-]{1,251}\.fifo$/.test(textOf(Name) ?? "")
        ? undefined
        : "Invalid parameter: Topic Name",
  },
  {
    id: "sns-subject",
    refuses: "subjects over 100 characters, or with line breaks or control characters",
    code: "InvalidParameter",
    operations: ["Publish"],
    when: ({ Subject }) =>
      Subject === undefined || /^[^\p{Cc}]{1,100}$/u.test(String(Subject))
        ? undefined
        : "Invalid parameter: Subject",
  },
  {
    id: "sns-size",
    refuses: "messages of more than 256 KB",
    code: "InvalidParameter",
    operations: ["Publish"],
    when: ({ Message }) =>
      Buffer.byteLength(textOf(Message) ?? "") > 262_144 ? "Invalid parameter: Message too long" : undefined,
  },
];

/** Asks the emulator itself. */
const asking =
  ({ upstream }: World, { scope }: Call) =>
  (Action: string, parameters: Readonly<Record<string, string>>) =>
    upstream.query("sns", { Action, Version: "2010-03-31", ...parameters }, scope);

/** In its place there may be a word, such as `Deleted`. */
const isArn = (text: string) => text.startsWith("arn:");

/** In the place of the ARN of whoever has not confirmed yet, AWS says so; the emulator names the ARN all the same. */
async function listSubscriptions(call: Call, world: World): Promise<Answer> {
  const ask = asking(world, call);
  let body = await ask("ListSubscriptionsByTopic", { TopicArn: textOf(call.input.TopicArn) ?? "" });
  for (const arn of textsIn(body, "SubscriptionArn").filter(isArn)) {
    const attributes = entriesIn(await ask("GetSubscriptionAttributes", { SubscriptionArn: arn }));
    if (attributes.PendingConfirmation === "true") body = body.replace(`>${arn}<`, ">PendingConfirmation<");
  }
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

/**
 * Whoever asks for the ARN of a subscription that nobody confirmed is told it; the emulator tells nobody. Source: SNS's API
 * reference, `ReturnSubscriptionArn` of Subscribe.
 */
async function subscribe(call: Call, world: World): Promise<Answer> {
  const { input, raw } = call;
  const said = await whole(raw, world.upstream);
  const body = String(said.body);
  if (input.ReturnSubscriptionArn !== true || !/>pending confirmation</i.test(body)) return said;
  const asked = { TopicArn: textOf(input.TopicArn) ?? "" };
  const listed = await asking(world, call)("ListSubscriptionsByTopic", asked);
  // What was subscribed last stands last, and others may subscribe meanwhile.
  const own = listed.split("<member>").findLast((one) => textsIn(one, "Endpoint")[0] === input.Endpoint);
  const [arn] = textsIn(own ?? "", "SubscriptionArn").filter(isArn);
  const { "content-length": _length, ...headers } = said.headers;
  return arn === undefined
    ? said
    : { ...said, headers, body: body.replace(/>pending confirmation</i, `>${arn}<`) };
}

/** SNS. */
export const sns = (): Service => ({
  name: "sns",
  reference: "https://docs.aws.amazon.com/sns/latest/api/API_",
  rules: RULES,
  answers: { ListSubscriptionsByTopic: listSubscriptions, Subscribe: subscribe },
  mends: {
    Subscribe: "tells the ARN of a subscription that nobody confirmed to whoever asks for it",
    ListSubscriptionsByTopic: "says PendingConfirmation in the place of the ARN of whoever has not confirmed",
  },
});
