import { type AppConfigAt, type Source, Throttled } from "./source";

/** Where the agent listens by default. Source: AppConfig's user guide, "How to use AWS AppConfig Agent". */
const AGENT = "http://localhost:2772";

/**
 * Flags from the AppConfig agent, which runs beside the app. Run it with `POLL_INTERVAL=15s`: its default of 45 s would
 * come on top of the time that an abort takes.
 *
 * @param options.url where the agent listens, without a path
 */
export function agent({
  application,
  environment,
  profile,
  url = AGENT,
}: AppConfigAt & { readonly url?: string }): Source {
  const parts = [application, environment, profile].map(encodeURIComponent);
  const address = `${url.replace(/\/+$/, "")}/applications/${parts[0]}/environments/${parts[1]}/configurations/${parts[2]}`;
  return {
    name: "appconfig-agent",
    async read(_, signal) {
      const answer = await fetch(address, { signal, headers: { accept: "application/json" } });
      const text = await answer.text();
      if (answer.status === 404) return { none: "the AppConfig agent knows no such configuration" };
      if (answer.status === 429) throw new Throttled("the AppConfig agent answers 429");
      if (!answer.ok) throw new Error(`the AppConfig agent answers ${answer.status}`);
      // Before a first deployment there is nothing to serve.
      if (text === "") return { none: "nothing has been deployed yet" };
      return { text, version: answer.headers.get("configuration-version") ?? undefined };
    },
  };
}
