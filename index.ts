import * as pulumi from "@pulumi/pulumi";
import { Foundation } from "./components/foundation";
import { providerIdentity } from "./components/providerIdentity";
import { Stage } from "./components/stage";
import { callsFor } from "./src/aws/denied";
import { actAs } from "./src/aws/identity/actAs";
import { checkImports } from "./src/imports/checkImports";
import { checkDatabase } from "./src/promotion/checkDatabase";
import { readFoundation } from "./src/promotion/foundationOutputs";
import { requireOneIdentity } from "./src/promotion/identity";
import { readPlaces, withheldFrom, withheldFromCopy } from "./src/promotion/places";
import { readPredecessor } from "./src/promotion/predecessor";
import { preparePromotion } from "./src/promotion/prepare";
import { showRecord } from "./src/promotion/record";
import { HELD_TO, promotionOutputOf } from "./src/promotion/recorded";
import { rolesMade } from "./src/promotion/rolesMade";
import { placeOf, readSettings, type Settings } from "./src/promotion/settings";
import { loadRollout } from "./src/rollout/load";
import { ownChecks } from "./src/rollout/ownChecks";
import { type Rollout, requireStage } from "./src/rollout/rollout";
import { homeOf } from "./src/text/packaged";
import { UserError } from "./src/text/problem";
import { runError, toldAt } from "./src/text/runError";

/** The program of every stack of every rollout: the first stage's stack is the foundation, the others its stages. */
async function main(): Promise<Record<string, unknown>> {
  const given = readSettings(homeOf(__dirname));
  actAs(given.provider.settings, given.region);
  callsFor(pulumi.runtime.isDryRun() ? "preview" : "promote");
  const rollout = loadRollout(given.folder);
  const withheld = { ...withheldFromCopy(rollout, given.tokens), ...withheldFrom(rollout, readPlaces()) };
  const settings = { ...given, withheld };
  const declare = settings.stack === rollout.stages[0].name ? declareFoundation : declareStage;
  const place = placeOf(rollout.name, settings);
  return declare(rollout, settings).catch((error: unknown) => Promise.reject(toldAt(place, error)));
}

async function declareFoundation(rollout: Rollout, settings: Settings): Promise<Record<string, unknown>> {
  const { region, withheld } = settings;
  await requireOneIdentity(rollout, settings, providerIdentity);
  const unasked = withheld?.database ?? withheld?.administrator;
  if (unasked === undefined) {
    const made = await rolesMade(settings);
    await checkDatabase(rollout, made);
    await checkImports(rollout, made);
  } else await pulumi.log.warn(`The database was not looked at: ${unasked}.`);
  return new Foundation(rollout.name, { rollout, region }).outputs();
}

async function declareStage(rollout: Rollout, settings: Settings): Promise<Record<string, unknown>> {
  const stage = requireStage(rollout, settings.stack);
  // Both at once: the engine derives a key for each stack that it reads.
  const before = readPredecessor(rollout, stage, settings);
  const foundation = await readFoundation(rollout, settings);
  const { plan, ...prepared } = await preparePromotion({
    rollout,
    stage,
    foundation,
    before,
    settings,
    checks: ownChecks(rollout, settings.folder),
    askProvider: providerIdentity,
  });
  const { region, timeScale, tokens } = settings;
  if (plan.kind === "none") await pulumi.log.info(`No flag changes: ${plan.sentence}.`);
  const finished = plan.kind === "none" && plan.why === "finished";
  const { record } = new Stage(
    stage.name,
    { rollout, stage, region, timeScale, tokens, finished, ...foundation, ...prepared },
    // Destroying a stack does not take its flags down; one whose flags may be live must be brought down first, unless
    // they are to stay for good.
    { protect: !(finished || (plan.kind === "none" && plan.why === "aborted")) },
  );
  return {
    stage: stage.name,
    attempt: stage.attempt,
    flags: stage.flags,
    evidence: record.apply(showRecord),
    promotion: record.apply((made) => promotionOutputOf(stage.attempt, made)),
    [HELD_TO]: pulumi.secret(record.apply(({ heldTo }) => heldTo)),
  };
}

/** A mistake in config or a world that is not ready is told in its own words, without a stack trace. */
export = () =>
  main().catch((error: unknown) => {
    throw error instanceof UserError ? runError(error.message) : error;
  });
