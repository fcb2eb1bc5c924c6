import type { Seen } from "../../src/gates/observation";
import { type Behaviour, same } from "./behaviour";
import { ago, HOUR } from "./world/clock";
import { gateBefore, onSeen } from "./world/gates";

export const SNAPSHOTS: readonly Behaviour[] = [
  {
    rollout: "ops-view",
    rows: ["B4", "snapshot"],
    title: "B4: the snapshot is of the gates' own database, available, of this attempt and not a day old",
    async run(rollout) {
      const gate = gateBefore(rollout, "stageB", "B4");
      const host = String(rollout.database?.host);
      const of = host.split(".")[0];
      const sound = {
        kind: "snapshot",
        id: "ops-view-stageb-attempt-1",
        of,
        status: "available",
        createdAt: ago(23 * HOUR),
        endpoints: [host] as string[],
      } as const;
      same(onSeen(gate, sound as Seen), "pass", "one of today");
      for (const odd of [
        { of: "another" },
        { status: "creating" },
        { id: "ops-view-stageb-attempt-0" },
        { createdAt: ago(25 * HOUR) },
        { endpoints: ["another.c4k2m8p1x7qz.eu-central-1.rds.amazonaws.com"] },
      ])
        same(onSeen(gate, { ...sound, ...odd } as Seen), "fail", JSON.stringify(odd));
      same(onSeen(gate, { ...sound, endpoints: [] } as Seen), "inconclusive", "RDS does not say of which");
    },
  },
];
