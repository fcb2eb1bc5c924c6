import { z } from "zod";
import { jsonIn } from "../text/json";

const secret = z.strictObject({
  login: z.strictObject({ user: z.string().min(1), password: z.string().min(1) }).optional(),
  tokens: z.record(z.string(), z.string()),
});

/** What a messages function may not have beside its code: the gate role's login, and bearer tokens by role. */
export type MessagesSecret = Readonly<z.infer<typeof secret>>;

/** The text of the messages function's secret. */
export function messagesSecretText({ login, tokens }: MessagesSecret): string {
  return JSON.stringify({
    ...(login ? { login: { user: login.user, password: login.password } } : {}),
    tokens,
  });
}

/** What is in a secret's text. A parser's own error would quote the text: it is not passed on. */
export function messagesSecretOf(text: string): MessagesSecret {
  const value = jsonIn(text);
  if (value === undefined) throw new Error("the messages function's secret is not JSON");
  const parsed = secret.safeParse(value);
  if (!parsed.success)
    throw new Error("the messages function's secret holds neither a login nor tokens as expected");
  return parsed.data;
}
