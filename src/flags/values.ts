import { z } from "zod";
import { STATE_NAME } from "./flags";

/** A flag's value as plain data, whatever the flag: what travels in documents, reports, evidence and records. */
export const flagValue = z.union([z.boolean(), z.number(), z.string().regex(STATE_NAME)]);

/** Flags with their values, likewise. Whether each is one that its flag can take, `fits` says. */
export const flagValues = z.record(z.string(), flagValue);
