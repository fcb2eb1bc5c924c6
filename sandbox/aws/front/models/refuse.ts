import type { Refusal } from "../answer";
import { bodyOf, type Protocol, type RawRequest, readSpoken, type Scope } from "../call";
import { check, type Violation } from "./check";
import type { Library } from "./library";
import { type Modelled, readQueryInput, readRoute } from "./read";

/** A request that AWS's models do not allow, and what AWS says of it. */
export interface Misshapen {
  readonly operation: string;
  readonly protocol: Protocol;
  readonly refusal: Refusal;
}

/**
 * AWS's code for a request that breaks a constraint of the model, by service or operation; a `ValidationException` for all others.
 * Source: each service's list of common errors, and for AppConfig, Logs and ECS, which have none of that name, the
 * errors of the operations themselves.
 */
const CODES: Readonly<Record<string, string>> = {
  "monitoring.PutMetricData": "InvalidParameterValue",
  appconfig: "BadRequestException",
  ecs: "InvalidParameterException",
  elasticloadbalancing: "ValidationError",
  iam: "ValidationError",
  logs: "InvalidParameterException",
  monitoring: "ValidationError",
  rds: "ValidationError",
  sns: "ValidationError",
  sts: "ValidationError",
};

const codeOf = (service: string, operation: string) =>
  CODES[`${service}.${operation}`] ?? CODES[service] ?? "ValidationException";

/** What is wrong with a signed request by AWS's published models; undefined where nothing is, or where there is no model. */
export function misshapen(
  raw: RawRequest,
  { service }: Scope & { readonly service: string },
  library: Library,
): Misshapen | undefined {
  const found = read(raw, library.of(service));
  if (found === undefined || found.shape === undefined) return undefined;
  const violations = check(found.model, found.shape, found.input, found.wire);
  if (violations.length === 0) return undefined;
  const { operation, protocol } = found;
  return {
    operation,
    protocol,
    refusal: told(violations, codeOf(service, operation), protocol),
  };
}

function read(
  raw: RawRequest,
  models: ReturnType<Library["of"]>,
): (Modelled & { readonly protocol: Protocol }) | undefined {
  const spoken = readSpoken(raw);
  if (spoken === undefined) {
    const route = readRoute(raw, models);
    return route && { ...route, protocol: "rest" };
  }
  const { operation, protocol } = spoken;
  const model = models.find(({ operations }) => Object.hasOwn(operations, operation));
  if (model === undefined) return undefined;
  const shape = model.operations[operation]?.input?.shape;
  const isQuery = protocol === "query";
  const input =
    isQuery && shape !== undefined
      ? readQueryInput(model, shape, bodyOf(raw).toString("utf8"))
      : spoken.input;
  return { model, operation, protocol, shape, input, wire: { text: isQuery, base64: protocol !== "cbor" } };
}

function told(violations: readonly Violation[], constraint: string, protocol: Protocol): Refusal {
  // What cannot be read is never held to a constraint.
  const mistyped = violations.find(({ kind }) => kind === "type");
  if (mistyped !== undefined) {
    const code = protocol === "query" ? "MalformedInput" : "SerializationException";
    return { code, message: mistyped.message };
  }
  const broken = violations.filter(({ kind }) => kind === "constraint").map(({ message }) => message);
  if (broken.length > 0) {
    const errors = broken.length === 1 ? "error" : "errors";
    return {
      code: constraint,
      message: `${broken.length} validation ${errors} detected: ${broken.join("; ")}`,
    };
  }
  // AWS lets it pass and does nothing for it: whoever wrote it believes otherwise.
  const unknown = violations.map(({ message }) => message);
  return {
    code: "UnknownMember",
    message: `${unknown.join("; ")}. AWS would ignore it; the sandbox refuses it.`,
  };
}
