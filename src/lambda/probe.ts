import { readFileSync } from "node:fs";
import { join } from "node:path";
import { placeIn } from "../aws/arn";
import { probeNamespace } from "../aws/probeNames";
import { keepMeasuring, roundsOf } from "../probe/cadence";
import { createProbe, type ProbeReport } from "../probe/probe";
import type { ProbeSettings } from "../probe/settings";
import { awsWorld } from "../probe/world";

/** The probe's Lambda. `components/probe` puts its settings beside its code. */
const settings = JSON.parse(readFileSync(join(__dirname, "config.json"), "utf8")) as ProbeSettings;

const { login, elsewhere } = settings;
const secretArn = (login && "secretArn" in login ? login : elsewhere)?.secretArn;
const region =
  process.env.AWS_REGION ??
  (login && "iam" in login ? login.iam.region : secretArn === undefined ? "" : placeIn(secretArn).region);
const probe = createProbe(settings, awsWorld(probeNamespace(settings.rollout), { region }));

interface Context {
  getRemainingTimeInMillis(): number;
}

export const handler = (event: unknown, context: Context): Promise<ProbeReport> =>
  keepMeasuring(probe, roundsOf(event), () => context.getRemainingTimeInMillis());
