/** Where a sandbox's AWS is. */
export interface Emulator {
  readonly endpoint: string;
  readonly region: string;
}

/** Whom the emulator is asked as. It takes anybody, but whoever asks signs as somebody. */
export const ANYBODY = { accessKeyId: "test", secretAccessKey: "test" } as const;

/** The settings of a client that asks a sandbox's AWS. */
export function emulated({
  endpoint,
  region,
}: Emulator): Emulator & { readonly credentials: typeof ANYBODY } {
  return { endpoint, region, credentials: ANYBODY };
}
