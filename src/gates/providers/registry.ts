import type { Provider } from "./provider";
import { render } from "./render";
import { supabase } from "./supabase";

/** Every provider whose backups a gate may ask for, under the name that config calls it. */
export const PROVIDERS = { supabase, render } satisfies Record<string, Provider>;

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as [keyof typeof PROVIDERS];
