import { z } from "zod";
import type { Provider, ProviderBackup } from "./provider";

const answer = z.object({
  backups: z.array(z.object({ status: z.string(), inserted_at: z.string() })),
  /** Where backups are physical, or a moment can be gone back to, this alone says how far they reach. Seconds since 1970. */
  physical_backup_data: z.object({ latest_physical_backup_date_unix: z.number().optional() }).optional(),
});

/** Source: Supabase's Management API, "List all backups" (GET /v1/projects/{ref}/database/backups). */
export const supabase: Provider = {
  title: "Supabase",
  url: "https://api.supabase.com",
  project: {
    pattern: /^[a-z]{20}$/,
    words: "a project's reference: twenty letters, as in db.REFERENCE.supabase.co",
  },
  path: (project) => `/v1/projects/${project}/database/backups`,
  isOf: (project, { host, tenant }) =>
    host === `db.${project}.supabase.co` || (host.endsWith(".pooler.supabase.com") && tenant === project),
  read(json) {
    const { success, data } = answer.safeParse(json);
    if (!success) return undefined;
    const latest = data.physical_backup_data?.latest_physical_backup_date_unix;
    return [
      ...data.backups.map(({ status, inserted_at }) => ({
        at: zoned(inserted_at),
        state: status.toLowerCase(),
      })),
      ...(latest === undefined
        ? []
        : [{ at: new Date(latest * 1_000).toISOString(), state: "completed" } satisfies ProviderBackup]),
    ];
  },
};

/** It says its times in UTC, some without saying so. */
const zoned = (time: string) => (/(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`);
