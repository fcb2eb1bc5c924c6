/** What a failed call adds to its error, for the sentence that the user reads. */
const CALL = Symbol("call");

interface Failed {
  [CALL]?: { operation: string; url?: string };
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly errors?: readonly Failed[];
}

interface Args {
  readonly request?: { readonly protocol?: string; readonly hostname?: string; readonly port?: number };
}

/** SDK middleware: notes in each error which operation failed. */
export const callRecorder =
  (next: (args: Args) => Promise<unknown>, context: { commandName?: string }) => async (args: Args) => {
    try {
      return await next(args);
    } catch (error) {
      if (typeof error === "object" && error !== null) {
        const operation = (context.commandName ?? "the call").replace(/Command$/, "");
        (error as Failed)[CALL] = { operation };
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
  const operation = failed?.[CALL]?.operation;
  const code = failed?.code ?? failed?.errors?.[0]?.code ?? failed?.name;
  if (code && UNREACHABLE.has(code)) {
    return `no AWS endpoint answers at ${process.env.AWS_ENDPOINT_URL ?? "the given endpoints"} (AWS_ENDPOINT_URL)`;
  }
  const message = oneLine(failed?.message ?? String(error));
  return operation ? `${operation} answered ${failed.name}: ${message}` : message;
}

export function isMissing(error: unknown): boolean {
  const { name = "", message = "" } = error as Failed;
  return /NotFound|NoSuchEntity|NonExistent|DoesNotExist/.test(name) || /^ResourceNotFound/.test(message);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
