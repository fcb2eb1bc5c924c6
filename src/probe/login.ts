import { z } from "zod";
import type { PasswordLogin } from "../gates/databaseConnection";
import { jsonIn } from "../text/json";

/** What is wrong with the secret, without a word of what is in it. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** The login in a secret's text. A parser's own error would quote the text: it is not passed on. */
export function loginOf(text: string): PasswordLogin {
  const value = jsonIn(text);
  if (value === undefined) throw new SecretError("the secret is not JSON");
  const { username: user, password } = (value ?? {}) as Partial<Record<"username" | "password", unknown>>;
  if (typeof user !== "string" || typeof password !== "string" || user === "" || password === "")
    throw new SecretError("the secret has no username and password");
  return { user, password };
}

/** The tokens in a secret's text, by role. */
export function tokensOf(text: string): Record<string, string> {
  const { data } = z.record(z.string(), z.string()).safeParse(jsonIn(text));
  if (!data) throw new SecretError("the secret is no JSON object with a token for each role");
  return data;
}

/** The text of a secret that holds this login: the shape that RDS's own rotation writes. */
export function secretText({ user, password }: PasswordLogin): string {
  return JSON.stringify({ username: user, password });
}
