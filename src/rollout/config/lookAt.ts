import { z } from "zod";
import { short } from "../../text/command";

/** Lines that a person types to see what is the matter, each as it stands. */
export const lookAt = z
  .array(
    z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\n]+$/, "one line"),
  )
  .optional()
  .meta({
    description:
      "What a person types to look further, line by line, printed in the runbook (`cutover runbook`). Commands of cutover in their short form: the runbook says of which rollout. `$DATABASE_URL` is the database's address with the gates' login, `$DATABASE_OWNER_URL` with the owner's. Never a secret: it is printed as it stands.",
    examples: [
      [short.cutover("query", "Q4"), 'psql "${DATABASE_OWNER_URL:?}" -c "select * from pg_stat_activity"'],
    ],
  });
