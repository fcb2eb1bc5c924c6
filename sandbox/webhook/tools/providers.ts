import type { Asked } from "../../host/http";
import { bearerOf } from "../../platforms/platform";
import type { Answered, Tool } from "./tool";

const json = (status: number, body: unknown): Answered => ({
  status,
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

/** Who asks has a token, and asks for backups of one database alone. */
function asking(path: RegExp, answer: () => unknown): Tool {
  return (asked: Asked) => {
    if (bearerOf(asked) === undefined) return json(401, { message: "Unauthorized" });
    if (asked.method !== "GET" || !path.test(asked.path)) return json(404, { message: "Not Found" });
    return json(200, answer());
  };
}

/** Of every project there is a backup that has just come to its end. Source: Supabase's Management API, "List all backups". */
export const supabase = asking(/^\/v1\/projects\/[a-z]{20}\/database\/backups$/, () => ({
  region: "eu-central-1",
  walg_enabled: true,
  pitr_enabled: false,
  backups: [{ id: 1, is_physical_backup: true, status: "COMPLETED", inserted_at: new Date().toISOString() }],
  physical_backup_data: {},
}));

/** The same of every database. Source: api-docs.render.com, "List exports". */
export const render = asking(/^\/v1\/postgres\/dpg-[a-z0-9-]+\/export$/, () => {
  const createdAt = new Date().toISOString();
  return [{ id: createdAt, createdAt, url: "https://render.invalid/export.dir.tar.gz" }];
});
