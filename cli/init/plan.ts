import type { Ask } from "../askThere";
import type { Answers, FlagAnswer, StageAnswer } from "./answers";
import { checkAnswers } from "./check";
import { list, parseFlag, parseStage, parseValues, refusal } from "./parse";
import { type Given, SOUND, wrongIn } from "./question";
import { raisedIn, valuesIn } from "./steps";
import { TEMPLATES, type Template } from "./templates";

type Plan = Pick<Answers, "flags" | "stages">;

/** The flags and the stages: as they were given, by a template, or asked for. */
export async function plan(name: string, given: Given, ask: Ask | undefined): Promise<Plan> {
  const open = given.flags === undefined && given.stages === undefined && given.stage === undefined;
  const template = given.template ?? (open ? await askTemplate(ask) : undefined);
  if (template !== undefined) {
    if (!open || given.writes !== undefined)
      throw refusal([
        {
          where: "--template",
          what: "brings flags and stages of its own",
          remedy: "Leave out --flag, --writes, --stages and --stage, and change the files afterwards",
        },
      ]);
    return templateNamed(template).plan(name);
  }
  const flags = await flagsOf(given, ask);
  return { flags, stages: await stagesOf(given, flags, ask) };
}

/** Throws a `UsageError` with the templates that there are, where none has the name. */
export function templateNamed(name: string): Template {
  const template = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined;
  if (template) return template;
  throw refusal([
    {
      where: `--template ${name}`,
      what: "is not known",
      remedy: `There is: ${Object.keys(TEMPLATES).join(", ")}`,
    },
  ]);
}

const OWN = "own";

async function askTemplate(ask: Ask | undefined): Promise<string | undefined> {
  const known = Object.entries(TEMPLATES).map(([name, { words }]) => `${name} (${words})`);
  const answer = await ask?.({
    text: `Plan to start from: ${OWN}, or ${known.join(", ")}`,
    initial: OWN,
    check: (one) => (one === OWN ? undefined : wrongIn(() => templateNamed(one))),
  });
  return answer === OWN ? undefined : answer;
}

async function flagsOf(given: Given, ask: Ask | undefined): Promise<FlagAnswer[]> {
  const flags = (
    given.flags ??
    list(
      (await ask?.({
        text: "Its flags, with commas; NAME:percentage for a percentage, NAME:off/shadow/enforce for states",
        example: "SEARCH_READ, SEARCH_WRITE",
        check: (answer) =>
          wrongIn(() => checkAnswers({ ...SOUND, flags: list(answer).map(parseFlag), stages: SOUND.stages })),
      })) ?? "",
    )
  ).map(parseFlag);
  const known = flags.map(({ name }) => name);
  const writes =
    given.writes ??
    list(
      (await ask?.({
        text: "Those that let the new path write users' data, with commas; nothing for none",
        example: "none",
        check: (answer) => wrongIn(() => checkWriters(known, list(answer))),
      })) ?? "",
    );
  checkWriters(known, writes);
  return flags.map((flag) => (writes.includes(flag.name) ? { ...flag, writes: true } : flag));
}

function checkWriters(flags: readonly string[], writes: readonly string[]): void {
  const unknown = writes.filter((name) => !flags.includes(name));
  if (unknown.length > 0)
    throw refusal([
      {
        where: "--writes",
        what: `names ${unknown.join(", ")}, which is no flag`,
        remedy: `There is: ${flags.join(", ")}`,
      },
    ]);
}

async function stagesOf(
  given: Given,
  flags: readonly FlagAnswer[],
  ask: Ask | undefined,
): Promise<StageAnswer[]> {
  const stages = named(given);
  if (stages) return stages;
  const soundWith = (names: string) => ({ ...SOUND, flags, stages: list(names).map((name) => ({ name })) });
  const answer = await ask?.({
    text: "Its stages in order, with commas",
    example: flags.some(({ kind }) => kind === "percentage") ? "p5, p50, p100" : "stageA, stageB",
    check: (one) => wrongIn(() => checkAnswers(soundWith(one))),
  });
  const asked = soundWith(answer ?? "").stages;
  return ask ? valuesAsked(flags, asked, ask) : asked;
}

/** The stages that were given: in the order of --stages, or else in that of --stage. */
function named({ stages, stage }: Given): StageAnswer[] | undefined {
  if (stages === undefined && stage === undefined) return undefined;
  const detailed = (stage ?? []).map(parseStage);
  if (stages === undefined) return detailed;
  const names = list(stages);
  const strange = detailed.filter(({ name }) => !names.includes(name));
  if (strange.length > 0)
    throw refusal(
      strange.map(({ name }) => ({
        where: `--stage ${name}`,
        what: "is none of --stages",
        remedy: `There is: ${names.join(", ")}`,
      })),
    );
  return names.map((name) => ({
    name,
    values: detailed.flatMap((one) => (one.name === name ? (one.values ?? []) : [])),
  }));
}

/** Each stage's values, which stand there as they would be by themselves. What is not named stays as it was. */
async function valuesAsked(
  flags: readonly FlagAnswer[],
  stages: readonly StageAnswer[],
  ask: Ask,
): Promise<StageAnswer[]> {
  const said: StageAnswer[] = [];
  for (const [index, stage] of stages.entries()) {
    const before = said.at(-1)?.values ?? valuesIn({ flags, stages: [] }, 0);
    const so = (answer: string): StageAnswer => {
      const values = parseValues(answer);
      const kept = before.filter(([flag]) => !values.some(([name]) => name === flag));
      return { name: stage.name, values: [...kept, ...values] };
    };
    const answer = await ask({
      text: `What ${stage.name} raises`,
      initial: raisedIn({ flags, stages }, index + 1)
        .map(([flag, value]) => `${flag}=${value}`)
        .join(", "),
      check: (one) => wrongIn(() => checkAnswers({ ...SOUND, flags, stages: [...said, so(one)] })),
    });
    said.push(so(answer));
  }
  return said;
}
