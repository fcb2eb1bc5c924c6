import { type Check, type CheckContext, CheckFailed, hold } from "../../src/gates/smokeCheck";
import { milliseconds, showDuration } from "../../src/text/duration";
import { deprecationDate, type HeaderDate, sunsetDate } from "./headers";

/** The endpoint of v1 alone. It is only looked at: a request that imports something would count as a caller. */
const V1 = "/process-full";
/** How long before its end callers of v1 have to be told of it. */
const NOTICE = "7d";
/** Header dates have no fractions of a second. */
const SECOND = 1_000;

/** D4: v1 says on every answer that it is deprecated, and until when it answers. */
export const v1IsDeprecated: Check = async (context) => {
  const { status, headers } = await context.send({ path: V1 });
  hold(status === 200, `GET ${V1} answered ${status}, not 200: v1 has to go on for those who still call it`);
  const deprecation = dateOf(deprecationDate(headers.deprecation));
  const sunset = dateOf(sunsetDate(headers.sunset));
  const now = Date.now();
  hold(deprecation <= now, `v1 is deprecated from ${show(deprecation)} only, which is still ahead`);
  hold(sunset >= deprecation, `Sunset (${show(sunset)}) lies before Deprecation (${show(deprecation)})`);
  holdNotice(context, sunset, now);
  holdDeclared(context, sunset);
  return `deprecated since ${show(deprecation)}, sunset ${show(sunset)}`;
};

/**
 * X6: v1 announces its end until the end. An endpoint that takes POST alone (405) is not called, since that would import
 * something: that every answer of it carried the headers is what D5 and A0 hold it to, all the while.
 */
export const v1StillAnnounces: Check = async (context) => {
  const { status, headers } = await context.send({ path: V1 });
  hold(status !== 404 && status !== 410, `GET ${V1} answered ${status}: v1 has ended before its end`);
  hold(status < 500, `GET ${V1} answered ${status}`);
  const silent = headers.deprecation === undefined && headers.sunset === undefined;
  if (status === 405 && silent)
    return `${V1} takes POST alone, which is not sent: D5 watches what it answers`;
  const deprecation = dateOf(deprecationDate(headers.deprecation));
  const sunset = dateOf(sunsetDate(headers.sunset));
  hold(deprecation <= Date.now(), `v1 is deprecated from ${show(deprecation)} only, which is still ahead`);
  holdDeclared(context, sunset);
  return `deprecated since ${show(deprecation)}, sunset ${show(sunset)}`;
};

/** D3: the end of v1 is far enough ahead for its callers to act on it. */
export const sunsetIsAhead: Check = async (context) => {
  const sunset = declaredSunset(context);
  holdNotice(context, sunset, Date.now());
  return `sunset ${show(sunset)}`;
};

/** X4: v1 answers nobody any more, and says that it never will. */
export const v1IsGone: Check = async (context) => {
  for (const method of ["GET", "POST"] as const) {
    const { status } = await context.send({ method, path: V1, ...(method === "POST" ? { body: {} } : {}) });
    hold(status === 410, `${method} ${V1} answered ${status}, not 410`);
  }
  const { status } = await context.send({ path: "/health" });
  hold(status === 200, `GET /health answered ${status}, not 200: v1 is gone, and v2 with it`);
  return `${V1} answers 410`;
};

function holdDeclared(context: CheckContext, sunset: number): void {
  const declared = declaredSunset(context);
  hold(
    Math.floor(declared / SECOND) === Math.floor(sunset / SECOND),
    `v1 announces its end for ${show(sunset)}, the rollout for ${show(declared)}`,
  );
}

function holdNotice({ timeScale }: CheckContext, sunset: number, now: number): void {
  const left = (sunset - now) * timeScale;
  const remedy = `callers are promised ${NOTICE}: set a later sunset`;
  hold(left > 0, `the sunset ${show(sunset)} has passed already; ${remedy}`);
  hold(
    left >= milliseconds(NOTICE),
    `the sunset ${show(sunset)} is only ${showDuration(left)} ahead; ${remedy}`,
  );
}

function declaredSunset({ parameters }: CheckContext): number {
  const at = Date.parse(String(parameters.sunset));
  if (Number.isNaN(at)) throw new CheckFailed("the rollout's parameter sunset is no time");
  return at;
}

function dateOf(date: HeaderDate): number {
  if (!date.ok) throw new CheckFailed(date.problem);
  return date.at;
}

function show(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
