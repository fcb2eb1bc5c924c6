import type { PrintedRole } from "../src/aws/denied";

/** Whose policies, as `cutover permissions` prints them, a command needs. All others only look. */
const ROLES: Readonly<Record<string, PrintedRole>> = {
  preview: "preview",
  doctor: "doctor",
  abort: "break-glass",
  hold: "break-glass",
  release: "break-glass",
  dismiss: "break-glass",
  ack: "break-glass",
  finish: "promote",
  drill: "promote",
  retire: "retire",
  backup: "backup",
  "prove-backup": "backup",
};

/** By the name of the command. */
export function roleOf(command: string): PrintedRole {
  return Object.hasOwn(ROLES, command) ? (ROLES[command] as PrintedRole) : "measure";
}
