/** What a failed call adds to its error, for the sentence that the user reads. */
const CALL = Symbol("call");

interface Failed {
  [CALL]?: string;
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly errors?: readonly Failed[];
}

/** SDK middleware: notes in each error which operation failed. */
export const callRecorder =
  (next: (args: object) => Promise<unknown>, context: { commandName?: string }) => async (args: object) => {
    try {
      return await next(args);
    } catch (error) {
      if (typeof error === "object" && error !== null) {
        (error as Failed)[CALL] = (context.commandName ?? "the call").replace(/Command$/, "");
      }
      throw error;
    }
  };

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ECONNRESET",
  "ETIMEDOUT",
  "EAI_AGAIN",
]);

export function explain(error: unknown): string {
  const failed = error as Failed;
  const network = failed?.errors?.[0] ?? failed;
  if (network?.code && UNREACHABLE.has(network.code)) {
    const { address, port } = network;
    const url = address
      ? `http://${address}:${port}`
      : (process.env.AWS_ENDPOINT_URL ?? "the given endpoints");
    return `no AWS endpoint answers at ${url} (AWS_ENDPOINT_URL)`;
  }
  const message = oneLine(failed?.message ?? String(error));
  const operation = failed?.[CALL];
  return operation ? `${operation} answered ${failed.name}: ${message}` : message;
}

/** Also what is on its way out, and only kept for a change of mind. */
export function isMissing(error: unknown): boolean {
  const { name = "", message = "" } = error as Failed;
  return (
    /NotFound|NoSuchEntity|NonExistent|DoesNotExist/.test(name) ||
    /(scheduled|marked|pending) (for )?deletion/.test(message)
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
