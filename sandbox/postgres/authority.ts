import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";
import { LOOPBACK } from "../host/ports";

/** How long it is valid: a sandbox that is kept lives for days, not for years. */
const VALID_MS = 30 * 86_400_000;
/** A clock that is set back while a sandbox lives makes no certificate one of the future. */
const BEFORE_MS = 86_400_000;

/** A certificate of a server's own, of an authority that nobody knows: as those of RDS are to Node. */
export interface ServerCertificate {
  /** The authority's certificate, in PEM: whoever is to believe the server is told of it. */
  readonly ca: string;
  /** The same as a file. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** By which the server knows the pooler before it. */
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
}

/** Whose certificate the pooler's is. */
const POOLER = "pooler";

/**
 * Makes a private authority, and a server's certificate of it for this machine.
 *
 * @param folder where the files are written
 * @param owner who reads them; the key is nobody else's, since PostgreSQL takes none that others can read
 */
export async function makeCertificate(
  folder: string,
  owner: { readonly uid?: number; readonly gid?: number },
): Promise<ServerCertificate> {
  const valid = {
    notBeforeDate: new Date(Date.now() - BEFORE_MS),
    notAfterDate: new Date(Date.now() + VALID_MS),
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
  } as const;
  const authority = await generate([{ name: "commonName", value: "Authority of a sandbox" }], {
    ...valid,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: LOOPBACK }], {
    ...valid,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: LOOPBACK },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  const client = await generate([{ name: "commonName", value: POOLER }], {
    ...valid,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", clientAuth: true },
    ],
  });
  const file = (name: string) => join(folder, name);
  const [caFile, certFile, keyFile] = [file("authority.pem"), file("server.pem"), file("server.key")];
  const [clientCertFile, clientKeyFile] = [file("pooler.pem"), file("pooler.key")];
  await writeFile(clientCertFile, client.cert);
  await writeFile(clientKeyFile, client.private, { mode: 0o600 });
  await writeFile(caFile, authority.cert);
  await writeFile(certFile, server.cert);
  await writeFile(keyFile, server.private, { mode: 0o600 });
  const { uid, gid } = owner;
  // The server reads them, whatever the umask leaves to others.
  if (uid !== undefined && gid !== undefined)
    for (const path of [caFile, certFile, keyFile]) await chown(path, uid, gid);
  return { ca: authority.cert, caFile, certFile, keyFile, clientCertFile, clientKeyFile };
}
