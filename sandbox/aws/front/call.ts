import { gunzipSync } from "node:zlib";
import { cbor } from "@smithy/core/cbor";
import { readQuery } from "./wire/query";

export type Input = Readonly<Record<string, unknown>>;

/** How a caller speaks; the front answers in the same way. */
export type Protocol = "json" | "cbor" | "query" | "rest";

/** A request as it came. */
export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Whose world a call speaks of: the emulator keeps accounts and regions apart by what a signature says. */
export interface Scope {
  /** The account of twelve digits. A function signs with it, where a person's key may be any other word. */
  readonly accessKey: string;
  readonly region: string;
}

/** A request to AWS, read. */
export interface Call {
  /** The service as a signature names it, such as `monitoring`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Input;
  readonly protocol: Protocol;
  readonly scope: Scope;
  readonly raw: RawRequest;
}

/** An operation of a service that speaks REST: `/applications/{ApplicationId}`. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

/** The emulator's account for every key that names none. */
export const UNNAMED_ACCOUNT = "000000000000";

const CREDENTIAL = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/;

/** What a request asks for; undefined for what is no call to AWS, or to no operation that the front knows. */
export function readCall(raw: RawRequest, routes: (service: string) => readonly Route[]): Call | undefined {
  const signed = readSigned(raw);
  if (signed === undefined) return undefined;
  const { service, accessKey, region } = signed;
  const read = readSpoken(raw) ?? readRoute(raw, routes(service));
  return read && { ...read, service, scope: { accessKey, region }, raw };
}

/** Who asks which service, by the signature; undefined for what is no call to AWS. */
export function readSigned(raw: RawRequest): (Scope & { readonly service: string }) | undefined {
  const signed = CREDENTIAL.exec(header(raw, "authorization") ?? "");
  if (signed === null) return undefined;
  const [, key, region, service] = signed as unknown as [string, string, string, string];
  return { accessKey: /^\d{12}$/.test(key) ? key : UNNAMED_ACCOUNT, region, service };
}

type Spoken = Pick<Call, "operation" | "input" | "protocol">;

/** What is asked for in a protocol that names the operation, as all do but REST. */
export function readSpoken(raw: RawRequest): Spoken | undefined {
  const target = header(raw, "x-amz-target");
  if (target !== undefined) {
    return { operation: target.split(".").at(-1) as string, input: readJson(raw), protocol: "json" };
  }
  const rpc = /^\/service\/[^/]+\/operation\/([^/?]+)/.exec(raw.url);
  if (rpc !== null && header(raw, "smithy-protocol") === "rpc-v2-cbor") {
    const body = bodyOf(raw);
    const input = body.length === 0 ? {} : (cbor.deserialize(body) as Input);
    return { operation: rpc[1] as string, input, protocol: "cbor" };
  }
  if (header(raw, "content-type")?.startsWith("application/x-www-form-urlencoded")) {
    const { Action, ...input } = readQuery(bodyOf(raw).toString("utf8"));
    return typeof Action === "string" ? { operation: Action, input, protocol: "query" } : undefined;
  }
  return undefined;
}

function readRoute(raw: RawRequest, routes: readonly Route[]): Spoken | undefined {
  const { pathname, searchParams } = new URL(raw.url, "http://front");
  for (const { operation, method, path } of routes) {
    if (method !== raw.method) continue;
    const pattern = path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    const found = new RegExp(`^${pattern}/?$`).exec(pathname);
    if (found === null) continue;
    const named = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    const isJson = header(raw, "content-type")?.includes("json") ?? false;
    const body = isJson && operation !== "CreateHostedConfigurationVersion" ? readJson(raw) : {};
    const input = { ...Object.fromEntries(searchParams), ...body, ...Object.fromEntries(named) };
    return { operation, input, protocol: "rest" };
  }
  return undefined;
}

function readJson(raw: RawRequest): Input {
  const text = bodyOf(raw).toString("utf8");
  try {
    return text === "" ? {} : (JSON.parse(text) as Input);
  } catch {
    // The emulator says what is wrong with it.
    return {};
  }
}

/** The body as it was written: the SDK compresses large ones. */
export function bodyOf(raw: RawRequest): Buffer {
  return header(raw, "content-encoding") === "gzip" ? gunzipSync(raw.body) : raw.body;
}

/** A header's first value. */
export function header({ headers }: Pick<RawRequest, "headers">, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
