import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Statement } from "../../../components/permissions/statement";
import { ACCOUNT, type Needed, neededFor } from "./needed";

/**
 * Whether statements allow something, after IAM's own rules for wildcards. Conditions hold, but for that on the service a
 * role is passed to, and those on what is known of the call.
 */
export function allowed(statements: readonly Statement[], needed: Needed): boolean {
  const { action, on, passedTo, context = {} } = needed;
  const granted = statements.filter(
    ({ Action, Condition }) =>
      Action.some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
      (passedTo === undefined || Condition?.StringEquals?.["iam:PassedToService"] === passedTo) &&
      Object.entries(Condition?.StringEquals ?? {}).every(
        ([key, value]) => context[key] === undefined || [value].flat().includes(context[key]),
      ),
  );
  return on.every((resource) =>
    granted.some(({ Resource }) => Resource.some((pattern) => like(pattern, resource))),
  );
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(text);
}

export interface Guarded {
  readonly url: string;
  /** What calls needed, in their order. */
  readonly needed: Needed[];
  /** What was not allowed. */
  readonly refused: Needed[];
  /** Whoever calls from now on may do that. What else they call is refused, or only kept in `refused`. */
  as(statements: readonly Statement[], refuse: boolean): void;
  stop(): Promise<void>;
}

/** Stands before the emulator, and holds calls to a policy. What it refuses, it refuses in AWS's words. */
export async function guarded(endpoint: string): Promise<Guarded> {
  const needed: Needed[] = [];
  const refused: Needed[] = [];
  let statements: readonly Statement[] = [];
  let refuses = true;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    const needs = neededFor(incoming, body);
    needed.push(...needs);
    const missing = needs.find((one) => !allowed(statements, one));
    if (missing) {
      refused.push(missing);
      if (refuses) return refuse(outgoing, incoming, missing);
    }
    const { hostname, port } = new URL(endpoint);
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy()).end(body);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error) => {
      refused.push({ action: String(error), on: [] });
      outgoing.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    needed,
    refused,
    as: (given, refuse) => {
      statements = given;
      refuses = refuse;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** In the protocol that was spoken. */
function refuse(outgoing: ServerResponse, { headers }: IncomingMessage, { action, on }: Needed): void {
  const message = `User: arn:aws:sts::${ACCOUNT}:assumed-role/cutover/job is not authorized to perform: ${action} on resource: ${on[0]} because no identity-based policy allows the ${action} action`;
  if (String(headers["content-type"]).startsWith("application/x-www-form-urlencoded")) {
    outgoing.writeHead(403, { "content-type": "text/xml" });
    outgoing.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
    return;
  }
  outgoing.writeHead(403, {
    "content-type": "application/json",
    "x-amzn-errortype": "AccessDeniedException",
  });
  outgoing.end(JSON.stringify({ __type: "AccessDeniedException", message }));
}
