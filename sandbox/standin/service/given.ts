import { z } from "zod";
import { nearest } from "../../../src/text/nearest";
import type { Problem } from "../../../src/text/problem";
import type { Answer } from "./answer";
import { canBeSent } from "./answer";
import type { Json } from "./invent/body";
import type { AskingRow } from "./serviceRows";

/** What a step is answered, as people say it in `rehearsal.ts`. */
interface GivenAnswer {
  /** Default: 200. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** Answers by rows (`stageA.SA2`), one for each step; null where one is to be made up. */
export type GivenAnswers = Readonly<Record<string, readonly (GivenAnswer | null | undefined)[]>>;

const shape = z.strictObject({
  status: z.int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
});

/** What people say that a step is answered; undefined where they do not. */
export function givenAnswer(answers: GivenAnswers, row: string, at: number): Answer | undefined {
  const given = Object.hasOwn(answers, row) ? answers[row]?.[at] : undefined;
  if (!given) return undefined;
  const { status = 200, headers = {}, body } = given;
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text])),
    ...(body === undefined ? {} : { body: body as Json }),
  };
}

/** What is wrong with given answers by themselves. Whether they are what gates ask is seen when they are tried. */
export function givenProblems(answers: GivenAnswers, rows: readonly AskingRow[]): Problem[] {
  const names = rows.map(({ row }) => row);
  return Object.entries(answers).flatMap(([name, given]): Problem[] => {
    const where = `rehearsal.ts answers["${name}"]`;
    const row = rows.find((one) => one.row === name);
    if (!row)
      return [
        {
          where,
          what: "is no gate that asks the service",
          remedy: [
            ...nearest(name, names).map((near) => `Did you mean ${near}?`),
            names.length > 0 ? `There are ${names.join(", ")}` : "No gate of this rollout does: take it out",
          ].join(" "),
        },
      ];
    if (!Array.isArray(given))
      return [
        {
          where,
          what: "is no list of answers, one for each step",
          remedy: "Write it as [ { body: { … } } ]",
        },
      ];
    const many = given.length > row.steps.length;
    return [
      ...(many
        ? [
            {
              where,
              what: `has ${given.length} answers for ${row.steps.length} requests`,
              remedy: "Say one for each step, in their order; null where one is to be made up",
            },
          ]
        : []),
      ...given.flatMap((one, index) => (one ? answerProblems(`${where}[${index}]`, one) : [])),
    ];
  });
}

function answerProblems(where: string, given: GivenAnswer): Problem[] {
  const result = shape.safeParse(given);
  if (!result.success)
    return result.error.issues.map(({ path, message }) => ({
      where: [where, ...path].join("."),
      what: message,
      remedy: "An answer has a status, headers (texts by their names) and a body that JSON can write",
    }));
  return Object.entries(result.data.headers ?? {}).flatMap(([name, text]) =>
    canBeSent(name, text)
      ? []
      : [
          {
            where: `${where}.headers.${name}`,
            what: "cannot be sent as a header",
            remedy: "Take it out, or write it without spaces around it, in plain characters",
          },
        ],
  );
}
