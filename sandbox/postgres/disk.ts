import { z } from "zod";
import { LOOPBACK } from "../host/ports";

/** Where a server of the sandbox's keeps everything, and what it is started with. */
export const serverDisk = z.strictObject({
  /** The folder of all its files, through which the server's user can walk. */
  root: z.string(),
  /** The data directory in it. */
  data: z.string(),
  /** The folder with its programs. */
  bin: z.string(),
  /** Whom it runs as. Absent: as whoever starts it. */
  uid: z.number().optional(),
  gid: z.number().optional(),
  caFile: z.string(),
  certFile: z.string(),
  keyFile: z.string(),
});
export type ServerDisk = z.infer<typeof serverDisk>;

/** How the server on a data directory is started. */
export function serverFlags(
  { data, caFile, certFile, keyFile }: Pick<ServerDisk, "data" | "caFile" | "certFile" | "keyFile">,
  port: number,
): string[] {
  const settings = {
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: "",
    ssl: "on",
    ssl_cert_file: certFile,
    ssl_key_file: keyFile,
    ssl_ca_file: caFile,
    // Shared memory in files of the sandbox's folder: nothing is left in /dev/shm after a kill -9.
    dynamic_shared_memory_type: "mmap",
    shared_buffers: "32MB",
    max_connections: 200,
    // The data lives as long as the sandbox does; it need not survive a power cut.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    timezone: "UTC",
  };
  return ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** What its programs are run with beside the environment. */
export const SERVER_ENV = { LC_ALL: "C", TZ: "UTC" } as const;
