import { reasonOf } from "./problem";

const READING: Readonly<Record<string, string>> = {
  ENOENT: "is not there",
  ENOTDIR: "is no folder",
  EISDIR: "is a folder",
  EACCES: "may not be read",
  EPERM: "may not be read",
};

const WRITING: Readonly<Record<string, string>> = {
  ENOENT: "lies in a folder that is not there",
  ENOTDIR: "lies in what is no folder",
  EISDIR: "is a folder",
  EEXIST: "is there already",
  EACCES: "may not be written",
  EPERM: "may not be written",
  EROFS: "lies on a disk that may only be read",
  ENOSPC: "finds no room on the disk",
};

/** Why a file or a folder could not be read, to follow on its name: the system's own words name calls and codes. */
export const whyUnread = (error: unknown): string => why(error, READING, "cannot be read");

/** The same of one that could not be written. */
export const whyUnwritten = (error: unknown): string => why(error, WRITING, "cannot be written");

function why(error: unknown, known: Readonly<Record<string, string>>, otherwise: string): string {
  const { code = "" } = (error ?? {}) as { code?: string };
  return Object.hasOwn(known, code) ? (known[code] ?? otherwise) : `${otherwise}: ${reasonOf(error)}`;
}
