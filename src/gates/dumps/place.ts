import type { Part } from "./archive";

/** Where a rollout's dumps lie. What it throws is for people, and has no secret in it. */
export interface DumpPlace {
  /** A small file's text; undefined where there is none. */
  text(file: string): Promise<string | undefined>;
  /** How long a file is, in bytes; undefined where there is none. */
  bytes(file: string): Promise<number | undefined>;
  /** Reads bytes of a file. */
  part(file: string): Part;
  /** What tells a file's contents from any other's, as the place has it: it changes whenever they do. */
  seal(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  /**
   * Takes over a file of this machine, whole or not at all. Returns its seal: of what was given, and not of what is there
   * by then.
   *
   * @param sha256 of the file, in hex
   */
  put(file: string, from: string, sha256: string): Promise<string>;
  /** Copies a file to this machine. */
  fetch(file: string, to: string): Promise<void>;
  close(): void;
}
