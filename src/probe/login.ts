/** The gate role's login, as the secret holds it. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What is wrong with the secret, without a word of what is in it. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** The login in a secret's text. A parser's own error would quote the text: it is not passed on. */
export function loginOf(text: string): Login {
  let value: Partial<Record<keyof Login, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretError("the secret is not JSON");
  }
  const { username, password } = value ?? {};
  if (typeof username !== "string" || typeof password !== "string" || username === "" || password === "")
    throw new SecretError("the secret has no username and password");
  return { username, password };
}

/** The text of a secret that holds this login: the shape that RDS's own rotation writes. */
export function secretText({ user, password }: { readonly user: string; readonly password: string }): string {
  return JSON.stringify({ username: user, password });
}
