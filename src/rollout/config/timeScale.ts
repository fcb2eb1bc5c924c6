import { UserError } from "../../text/problem";

/** Variables by which the AWS SDKs and the provider are pointed elsewhere. */
const ENDPOINT = /^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/;

/** Where AWS calls go, where that is not AWS itself. */
export function awsEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  return env.AWS_ENDPOINT_URL || undefined;
}

/** True for an address that cannot leave this machine. */
export function isLoopback(url: string): boolean {
  try {
    const { hostname } = new URL(url);
    return (
      hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
    );
  } catch {
    return false;
  }
}

/**
 * How much faster declared durations pass than the clock. Anything but 1 is refused unless every AWS endpoint is
 * on this machine: a soak that is cut short on a real account is a promotion that nobody checked.
 *
 * @param providerEndpoints the provider's own `aws:endpoints` config, which overrides the environment
 */
export function checkTimeScale(
  scale: number,
  env: NodeJS.ProcessEnv,
  providerEndpoints: string | undefined,
): number {
  if (scale === 1) return 1;
  const refuse = (what: string): never => {
    throw new UserError("Scaled time is for the sandbox only:", [
      { where: "cutover:timeScale", what, remedy: "Remove cutover:timeScale from the stack's config" },
    ]);
  };
  if (!Number.isFinite(scale) || scale < 1) return refuse("must be a number of at least 1");
  if (!env.AWS_ENDPOINT_URL)
    return refuse(
      "durations may only be scaled while AWS_ENDPOINT_URL points to this machine, and it is not set",
    );
  const remote = Object.entries(env).filter(
    ([name, value]) => ENDPOINT.test(name) && value && !isLoopback(value),
  );
  if (remote.length > 0)
    return refuse(
      `durations may only be scaled on this machine, but ${remote.map(([name]) => name).join(", ")} points elsewhere`,
    );
  if (providerEndpoints !== undefined)
    return refuse("durations may not be scaled while aws:endpoints is set: it may point elsewhere");
  // The SDKs take it in any case.
  if (!["", "false"].includes((env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? "").toLowerCase()))
    return refuse("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set, so calls may reach a real account");
  return scale;
}
