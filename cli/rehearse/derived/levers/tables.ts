import type { StandInTables } from "../../../../sandbox/standin/tables/tables";
import type { Row } from "../rehearsedRows";
import type { Lever } from "./lever";

/** The rows of the tables that a gate's, or a probe's, query reads. A gate's are moved only where no alarm rings with it. */
export function tableRows({ questions, lasting, mayRing, spoil, calm }: StandInTables): Lever {
  // What answers are held against has no bad value: those questions are no rows' own.
  const questionOf = ({ stage, section, id }: Row) =>
    questions.find(
      (one) =>
        one.stage === stage &&
        one.section === section &&
        one.row === id &&
        one.wanted.kind !== "known" &&
        !lasting.has(one.id) &&
        (section === "abort" || !mayRing(one.id)),
    );
  return {
    moves: "rows of its tables",
    can: (row) => questionOf(row) !== undefined,
    async pull(row) {
      const question = questionOf(row);
      if (question) await spoil(question.id);
    },
    release: calm,
  };
}
