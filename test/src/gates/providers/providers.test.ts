import { expect, test } from "vitest";
import { PROVIDERS } from "../../../../src/gates/providers/registry";

const REF = "abcdefghijklmnopqrst";
const DPG = "dpg-cabc123456789defgh-a";

test.each<[keyof typeof PROVIDERS, string, string, string | undefined, boolean]>([
  ["supabase", REF, `db.${REF}.supabase.co`, undefined, true],
  ["supabase", REF, "aws-0-eu-central-1.pooler.supabase.com", REF, true],
  ["supabase", REF, "aws-0-eu-central-1.pooler.supabase.com", "zyxwvutsrqponmlkjihg", false],
  ["supabase", REF, "aws-0-eu-central-1.pooler.supabase.com", undefined, false],
  ["supabase", REF, "db.zyxwvutsrqponmlkjihg.supabase.co", undefined, false],
  ["supabase", REF, `db.${REF}.supabase.co.evil.example`, undefined, false],
  ["render", DPG, DPG, undefined, true],
  ["render", DPG, `${DPG}.frankfurt-postgres.render.com`, undefined, true],
  ["render", DPG, `${DPG}b.frankfurt-postgres.render.com`, undefined, false],
  ["render", DPG, "dpg-zzzz123456789defgh-a", undefined, false],
  ["render", DPG, `${DPG}.example.com`, undefined, false],
])("%s: whether %s is reached at %s (%s)", (name, project, host, tenant, is) => {
  expect(PROVIDERS[name].isOf(project, { host, tenant })).toBe(is);
  expect(PROVIDERS[name].project.pattern.test(project)).toBe(true);
});

test.each<[keyof typeof PROVIDERS, unknown, unknown]>([
  [
    "supabase",
    {
      backups: [
        { id: 1, is_physical_backup: false, status: "COMPLETED", inserted_at: "2026-01-02T03:04:05" },
        { id: 2, is_physical_backup: false, status: "FAILED", inserted_at: "2026-01-03T03:04:05.6+00:00" },
      ],
      physical_backup_data: {},
    },
    [
      { at: "2026-01-02T03:04:05Z", state: "completed" },
      { at: "2026-01-03T03:04:05.6+00:00", state: "failed" },
    ],
  ],
  [
    "supabase",
    { backups: [], physical_backup_data: { latest_physical_backup_date_unix: 1_767_225_600 } },
    [{ at: "2026-01-01T00:00:00.000Z", state: "completed" }],
  ],
  ["supabase", { message: "Unauthorized" }, undefined],
  [
    "render",
    [
      { id: "2026", createdAt: "2026-01-02T03:04:05Z", url: "https://x" },
      { id: "2027", createdAt: "2026-01-03T03:04:05Z" },
    ],
    [
      { at: "2026-01-02T03:04:05Z", state: "completed" },
      { at: "2026-01-03T03:04:05Z", state: "under way" },
    ],
  ],
  ["render", { id: "x" }, undefined],
  ["render", undefined, undefined],
])("%s answers %j", (name, json, read) => {
  expect(PROVIDERS[name].read(json)).toEqual(read);
});
