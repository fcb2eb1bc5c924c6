import { brokenRequirements, fits, fitting } from "../../src/flags/flags";
import { stageInputs, stageRule } from "../stageRule";

/** Nobody ever sees write without read. */
export const keepRequiredFlagsOn = stageRule({
  name: "keep-required-flags-on",
  description: "A flag is on only together with the flags that it requires.",
  inputs: { stage: stageInputs.stage, flags: stageInputs.flags, flagSpecs: stageInputs.flagSpecs },
  check: (stage, report) => {
    for (const broken of brokenRequirements(stage.flagSpecs, stage.flags)) {
      report(
        `${stage.stage}: ${broken}. Servers would act on a state that was never tested. Raise the required flag with it, or first.`,
      );
    }
    for (const [flag, spec] of Object.entries(stage.flagSpecs)) {
      if (!Object.hasOwn(stage.flags, flag))
        report(`${stage.stage} does not say what ${flag} is. Flags change together: give every one a value.`);
      else if (!fits(spec, stage.flags[flag]))
        report(
          `${stage.stage}: ${flag} is ${fitting(spec).what}, but has the value ${stage.flags[flag]}. Servers may read it as on or as off. Give it a value of its kind.`,
        );
    }
  },
});
