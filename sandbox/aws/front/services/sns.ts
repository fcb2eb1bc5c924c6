import { type Rule, type Service, textOf } from "../rule";

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

/** SNS. */
export const sns = (): Service => ({ name: "sns", rules: RULES });
