import { deniedInWords, tellDeniedElsewhere } from "../../src/aws/deniedElsewhere";
import { short } from "../../src/text/command";
import { plainLine } from "../../src/text/text";
import type { Trouble } from "./facts";

/** What a failed `pulumi preview` said. */
export interface Failure {
  readonly stage: string;
  /** Its errors, in the engine's own words. */
  readonly errors: readonly string[];
  /** What it printed, for when it failed before there was an engine to tell errors. */
  readonly printed: string;
}

interface Known {
  readonly says: RegExp;
  readonly what: (stage: string, match: RegExpExecArray) => string;
  readonly remedy: (stage: string, match: RegExpExecArray) => string;
}

/** A comment masks accounts: whoever types a command fills theirs in. */
const unaccounted = (remedy: string) => remedy.replace(/(?<= --account )\d{12}/, '"…"');

const again = "then run the same command again";

/** From the special to the general: the first that fits is told. */
const KNOWN: readonly Known[] = [
  {
    says: /no stack named|stack '[^']*' not found|could not find stack/i,
    what: (stage) => `The stack ${stage} does not exist in the state backend that pulumi is logged in to`,
    remedy: (stage) =>
      `Check its name and ${short.pulumi("whoami", "-v")}, or create it: ${short.pulumi("stack init", stage)}; ${again}`,
  },
  {
    says: /The stack (\S+), on which all stages stand, is not up|unknown stack "(?:[^"/]+\/)*([^"/]+)"/i,
    what: (_, match) => `The rollout was never started: its first stack, ${match[1] ?? match[2]}, is not up`,
    remedy: () => "Bring the first stage up with pulumi up, then run the same command again",
  },
  {
    says: /PULUMI_ACCESS_TOKEN must be set|not (?:currently )?logged in|pulumi login/i,
    what: () => "pulumi is not logged in to a state backend",
    remedy: () =>
      `Log in with ${short.pulumi("login")}, or set PULUMI_BACKEND_URL or PULUMI_ACCESS_TOKEN; ${again}`,
  },
  {
    says: /incorrect passphrase|passphrase must be set|PULUMI_CONFIG_PASSPHRASE/i,
    what: () => "The stack's secrets cannot be read: the passphrase is missing or wrong",
    remedy: () =>
      `Set PULUMI_CONFIG_PASSPHRASE to the stack's passphrase, or use its secrets provider; ${again}`,
  },
  {
    says: /Scaled time is for the sandbox only/,
    what: () => "Scaled time is for the sandbox only, and this is none",
    remedy: () =>
      `Remove cutover:timeScale from the stack's config, or set AWS_ENDPOINT_URL to the sandbox; ${again}`,
  },
  {
    says: /No AWS region is set/,
    what: () => "No AWS region is set",
    remedy: (stage) =>
      `${short.pulumi("config set", `-s ${stage}`, "aws:region", "eu-central-1")}, or set AWS_REGION; ${again}`,
  },
  {
    says: /could not load credentials|CredentialsProviderError|no valid credential|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|security token included in the request is (?:invalid|expired)/i,
    what: () => "There are no AWS credentials that work",
    remedy: () => `Give this shell or job a role that may read the rollout, such as aws sso login; ${again}`,
  },
  {
    says: /(AWS does not let .+?)\. (Give it the policies that .+? prints)/s,
    what: (_, match) => match[1] ?? "",
    remedy: (_, match) => `${unaccounted(match[2] ?? "")}; ${again}`,
  },
  {
    says: /AccessDenied|AuthorizationError|UnauthorizedOperation|api error Forbidden|not authorized to perform/i,
    what: (_, { input }) => deniedBy(input).what,
    remedy: (_, { input }) => `${unaccounted(deniedBy(input).remedy)}; ${again}`,
  },
  {
    says: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|connection refused|no such host|i\/o timeout/i,
    what: () => "Something that the preview has to read does not answer",
    remedy: () => `Start it or mend the network (in the sandbox: is the emulator still up?); ${again}`,
  },
  {
    says: /The live flags cannot be read/,
    what: () => "The live flags cannot be read, so nobody knows what a promotion would change",
    remedy: () => `Check the AWS credentials, the region and the network; ${again}`,
  },
  {
    says: /(?:load|read|decrypt|deserializ|unmarshal|decod)\w*[^\n]{0,60}(?:checkpoint|snapshot|state|deployment)|snapshot integrity|invalid character .* looking for|unexpected end of JSON/i,
    what: (stage) => `The state of the stack ${stage} cannot be read`,
    remedy: (stage) =>
      `Restore it from the backend's history (${short.pulumi("stack export", `-s ${stage}`, "--version N", "--file state.json")}, then ${short.pulumi("stack import", `-s ${stage}`, "--file state.json")}); flags can be lowered without it: ${short.abortAll()}`,
  },
  {
    says: /currently locked/i,
    what: (stage) => `The stack ${stage} is locked by another run`,
    remedy: (stage) => `Wait for it to end, or end it with ${short.ofStack("cancel", stage)}; ${again}`,
  },
  {
    says: /policy pack/i,
    what: () => "The policy pack cannot be loaded, and without it nothing is previewed",
    remedy: () => `Install the packages of npm anew: npm ci; ${again}`,
  },
];

/** What a provider or the state's backend, which have AWS's own words, were not allowed: all of it. */
function deniedBy(words: string): { readonly what: string; readonly remedy: string } {
  const found = deniedInWords(words);
  const told = (found.length > 0 ? found : [{}]).map((denied) => tellDeniedElsewhere(denied, "preview"));
  const each = (part: "what" | "remedy") => [...new Set(told.map((one) => one[part]))].join("; ");
  return { what: each("what"), remedy: each("remedy") };
}

/** One sentence and a remedy for a preview that failed, with the words of whatever failed. */
export function troubleOf({ stage, errors, printed }: Failure): Trouble {
  const words = (errors.length > 0 ? errors : lastLines(printed)).join("\n");
  for (const { says, what, remedy } of KNOWN) {
    const match = says.exec(words);
    if (match) return { what: what(stage, match), remedy: remedy(stage, match), said: saidIn(words) };
  }
  return {
    what: "pulumi preview failed",
    remedy: `Make ${short.ofStack("preview", stage)} work, ${again}`,
    said: saidIn(words),
  };
}

/** A line of the engine's that says nothing, or that only repeats that it failed. */
const EMPTY =
  /^$|^(?:error: )?(?:preview|update) failed\.?$|^(?:error: )?Running program .* failed with an unhandled exception:?$|^at .+[:(]\S*:\d+:\d+\)?$/i;

/** Whether an error of the engine's says more than that there was one: a blocked preview ends with one, too. */
export function tellsSomething(error: string): boolean {
  return saidIn(error).length > 0;
}

/** How many lines anybody reads. */
const LINES = 8;

function saidIn(words: string): string[] {
  const lines = words
    .split("\n")
    .map((line) => plainLine(line).replace(/^- /, ""))
    .filter((line) => !EMPTY.test(line));
  return [...new Set(lines)].slice(0, LINES);
}

function lastLines(printed: string): string[] {
  const lines = printed.split("\n").filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => /^error:/.test(line));
  return first < 0 ? lines.slice(-LINES) : lines.slice(first);
}
