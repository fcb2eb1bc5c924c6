import { delimiter, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { doctorCommand } from "../../../cli/doctor/run";
import { type DoctorView, doctorView } from "../../../cli/doctor/schema";
import { Ground, outcome, SLOW, type TestRollout } from "../../engine/harness";

describe("doctor", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    vi.stubEnv("AWS_REGION", ground.sandbox.aws.region);
    rollout = await ground.rollout("examined", { scale: SLOW, abortSwitch: true });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await ground?.close();
  });

  async function doctor(env: NodeJS.ProcessEnv = {}): Promise<{ code: number; view: DoctorView }> {
    const { sandbox } = ground;
    const written: string[] = [];
    const PATH = [dirname(sandbox.engine.pulumi), process.env.PATH].join(delimiter);
    const code = await doctorCommand({
      folder: rollout.project.folder,
      json: true,
      within: "120s",
      env: { ...sandbox.env, PATH, ...env },
      screen: { write: (text) => written.push(text) },
    });
    return { code, view: doctorView.parse(JSON.parse(written.join(""))) };
  }

  const wrong = ({ lines }: DoctorView) =>
    lines.filter(({ state }) => state === "fault" || state === "unknown");

  it("has nothing to mend before the first up, and says what that makes", async () => {
    const { code, view } = await doctor();
    expect(wrong(view)).toEqual([]);
    expect(code).toBe(0);
  });

  it("has nothing to mend once stages are up", async () => {
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    const { code, view } = await doctor();
    expect(wrong(view)).toEqual([]);
    expect(code).toBe(0);
  });
});
