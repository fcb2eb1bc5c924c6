import { type Called, withDenied } from "./denied";

/** What calls are signed with. Secret. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export type CredentialsProvider = () => Promise<AwsCredentials>;

/** As whom AWS is called, and by which of its endpoints. What is absent is as the environment says. */
export interface AwsCaller {
  readonly credentials?: AwsCredentials | CredentialsProvider;
  readonly useFipsEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
}

/** Where and as whom AWS is called. What is absent is as this process calls, and else as the environment says. */
export interface AwsAccess extends AwsCaller {
  readonly region: string;
  readonly endpoint?: string;
}

/** As whom this process calls AWS. A function calls as its own role, and never says so. */
let caller: AwsCaller = {};

/** From now on every client is made for this caller: a process has one identity, that of its stack's provider. */
export function callAs(given: AwsCaller): void {
  caller = given;
}

/** As whom this process calls AWS: for what is signed here, and sent to somebody else than AWS. */
export function callerHere(): AwsCaller {
  return caller;
}

/** How long one attempt may take to connect, and to be answered in full, in ms; and how many attempts there are. */
export interface Limits {
  readonly connect: number;
  readonly request: number;
  readonly attempts: number;
}

/**
 * AWS answers calls to its control planes well within a second. Three attempts are what its SDKs make by themselves.
 * Source: AWS SDKs and Tools reference guide, "Retry behavior".
 */
const LIMITS: Limits = { connect: 2_000, request: 5_000, attempts: 3 };

/** For data points of many metrics over days: CloudWatch gathers them before it answers. */
export const DATA_LIMITS = { request: 10_000 };

/**
 * The one place where clients of AWS are made, so that none waits without end: the SDK's own have no limit on a
 * connection or a request, and one that is only configured is a warning in the log. Knows no client by itself: a
 * function's bundle holds those alone that it calls.
 *
 * @param Client the SDK's class, such as `SNSClient`
 * @param limits what differs from a connection within 2 s, an answer within 5 s, and three attempts
 */
export function awsClient<Client>(
  Client: new (config: ClientConfig) => Client,
  access: AwsAccess,
  limits: Partial<Limits> = {},
): Client {
  const { connect, request, attempts } = { ...LIMITS, ...limits };
  const client = new Client({
    ...caller,
    ...access,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: connect,
      requestTimeout: request,
      // Without it, the time is over and nothing happens. Source: @smithy/node-http-handler since 4.4.
      throwOnRequestTimeout: true,
      // An answer that has begun may stop in its middle: the request's own timer is off by then.
      socketTimeout: request,
    },
  });
  tellDenials(client);
  return client;
}

/**
 * Asks by a client of its own, and closes it whatever comes of it.
 *
 * @param at where and as whom, and what differs from the usual limits
 */
export async function withClient<Client extends { destroy(): void }, T>(
  Client: new (config: ClientConfig) => Client,
  { limits, ...access }: AwsAccess & { readonly limits?: Partial<Limits> },
  ask: (client: Client) => Promise<T>,
): Promise<T> {
  const client = awsClient(Client, access, limits);
  try {
    return await ask(client);
  } finally {
    client.destroy();
  }
}

/** Has a client say in words for people what it is not allowed to call. */
function tellDenials(client: unknown): void {
  const { middlewareStack } = client as { readonly middlewareStack?: Stack };
  middlewareStack?.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw withDenied(error, context);
      }
    },
    { step: "initialize", name: "tellDenials", override: true },
  );
}

/** As the SDK has it, as far as it is needed here. */
interface Stack {
  add(
    middleware: (
      next: (args: unknown) => Promise<unknown>,
      context: Called,
    ) => (args: unknown) => Promise<unknown>,
    options: { readonly step: "initialize"; readonly name: string; readonly override: boolean },
  ): void;
}

interface ClientConfig extends AwsAccess {
  readonly maxAttempts: number;
  readonly requestHandler: object;
}
