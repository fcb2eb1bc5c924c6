import { type Failure, failed } from "../../aws/failure";
import { requestFailure, type Service, send } from "../service";
import { pathOf, type Question, readAnswer, type Told } from "./question";
import type { NamedSource } from "./source";

/** Who may be asked by name, and the tokens that go into their headers, by role. The tokens are secret. */
export interface Elsewhere extends Pick<Service, "tokens" | "withheld"> {
  readonly sources: Readonly<Record<string, NamedSource>>;
}

/** Asks a named source once. Throws nothing: whatever goes wrong is a failure that says so, without a secret. */
export async function askElsewhere(
  { sources, ...secrets }: Elsewhere,
  question: Question,
  timeoutMs: number,
): Promise<Told | Failure> {
  const source = Object.hasOwn(sources, question.from) ? sources[question.from] : undefined;
  if (!source) return failed("bad-answer", `no source is called ${question.from}`);
  try {
    const request = { method: "GET" as const, path: pathOf(question) };
    const answer = await send({ ...source, ...secrets }, request, AbortSignal.timeout(timeoutMs));
    return readAnswer(question, answer);
  } catch (error) {
    return requestFailure(error);
  }
}
