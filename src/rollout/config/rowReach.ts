import { METRIC_GONE_MS } from "../../aws/memory";
import { isMath, type MetricSource, metricsOf, type SourceError } from "../../aws/metricSource";
import { evaluate, parseArithmetic, type Range } from "../../gates/arithmetic";
import { SMOKE_LIMIT_MS } from "../../gates/common";
import { constantError } from "../../gates/constant";
import { isYesOrNoQuery } from "../../gates/elsewhere/question";
import { compare, type Expectation, extentOf } from "../../gates/expectation";
import { isYesOrNo, typeOfAnswer } from "../../gates/jmespath";
import { extentOfQuery } from "../../gates/reach";
import { safeMilliseconds, showDuration } from "../../text/duration";
import { tellWhere } from "../../text/problem";
import { fewValues, isSize } from "./mathForm";

/** What of a row decides whether it could ever act. */
export interface Acting {
  readonly metric?: (MetricSource & { readonly period?: string | undefined }) | undefined;
  readonly probe?: { readonly query: string } | undefined;
  readonly elsewhere?:
    | { readonly value?: string | undefined; readonly promql?: string | undefined }
    | undefined;
  readonly reconcile?: object | undefined;
  readonly logs?: object | undefined;
  readonly threshold?:
    | (Readonly<Partial<Record<"gt" | "gte" | "lt" | "lte", number | undefined>>> &
        Pick<Expectation, "quantity">)
    | undefined;
  readonly missingData?: string | undefined;
  readonly dataWithin?: string | undefined;
  readonly silentUntilFlip?: { readonly heartbeat: string; readonly within: string } | undefined;
}

/** What keeps a row from ever acting, whatever happens, as far as config shows it. */
export function reachErrors(row: Acting): SourceError[] {
  return [
    ...ofValues(row),
    ...ofFewValues(row),
    ...ofNoNumber(row),
    ...ofDataWithin(row.dataWithin),
    ...ofSilence(row),
  ];
}

/** Beyond what any metric says; a division may not meet zero, so counts begin a little above it. */
const [MOST, LEAST] = [1e30, 1e-9];
const COUNT: Range = { low: LEAST, high: MOST };
const ANY: Range = { low: -MOST, high: MOST };
/** More than the little above zero can add up to. */
const SLACK = 1e-6;

const rangeOf = (statistic: string): Range => (/^(Sum|SampleCount)$/.test(statistic) ? COUNT : ANY);

function ofValues({
  metric,
  probe,
  elsewhere,
  reconcile,
  logs,
  threshold,
  missingData,
}: Acting): SourceError[] {
  const math = metric && isMath(metric) ? metric : undefined;
  const fixed = metric && constantError(metric);
  const constant = fixed ? [{ path: ["metric", "expression"], ...fixed }] : [];
  const counts =
    reconcile || (probe && extentOfQuery(probe.query)) || typeOfAnswer(elsewhere?.value) === "a count";
  const counted = counts ? "count" : undefined;
  const sums =
    logs !== undefined ||
    (math ? isSize(math.expression) : metric && !isMath(metric) && rangeOf(metric.statistic) === COUNT);
  const stated = threshold
    ? [
        ...ofQuantity({ ...threshold, quantity: threshold.quantity ?? counted }),
        ...ofAny({ ...threshold, quantity: threshold.quantity ?? counted ?? (sums ? "count" : undefined) }),
      ]
    : [];
  if (stated.length > 0) return [...constant, ...stated];
  // What may be negative by its own word is not held to what a sum would be.
  if (threshold?.quantity === "signed") return constant;
  // A row whose silence breaches acts upon that, whatever its threshold.
  if (constant.length > 0 || !threshold || missingData === "breaching") return constant;
  const range = logs === undefined ? metric && valuesOf(metric) : COUNT;
  if (!range || reaches(threshold, range)) return [];
  const below = threshold.lt !== undefined || threshold.lte !== undefined;
  return [
    {
      path: ["threshold"],
      what: `is never met: ${math ? "the expression" : logs === undefined ? "a Sum, which counts," : "a number of lines"} is never ${below ? "below" : "above"} ${below ? "0" : "it"}`,
      remedy: below
        ? "Write gt or gte, or a limit above what it is at its least; of a metric that may be negative take the Minimum"
        : "Write a limit that it could reach, or another expression",
    },
  ];
}

/** What it is said to be decides also where silence breaches: the limit means something else than it says. */
function ofQuantity(threshold: NonNullable<Acting["threshold"]>): SourceError[] {
  const { quantity } = threshold;
  if (quantity === undefined) return [];
  const { least, most } = extentOf({ quantity });
  return tellWhere(!reaches(threshold, { low: least, high: most }), {
    path: ["threshold"],
    what: `is never met: a ${quantity} is from ${least} to ${Number.isFinite(most) ? most : "any number"}`,
    remedy: `Write a limit that a ${quantity} could reach, or what it is in truth: quantity: percent, share, count or signed`,
  });
}

/** An alarm that every answer sets off is no alarm: the stage could not be live for ten seconds. */
function ofAny({ gt, gte, lt, lte, quantity }: NonNullable<Acting["threshold"]>): SourceError[] {
  if (quantity === undefined) return [];
  const { least, most } = extentOf({ quantity });
  const above = (gt ?? least) < least || (gte ?? Number.POSITIVE_INFINITY) <= least;
  if (!above && !((lt ?? most) > most || (lte ?? Number.NEGATIVE_INFINITY) >= most)) return [];
  return [
    {
      path: ["threshold"],
      what: `is always met: a ${quantity} is ${Number.isFinite(most) ? `from ${least} to ${most}` : `${least} or more`}`,
      remedy: "Write what it is where something is wrong, such as { gt: 0 }",
    },
  ];
}

/** How a limit is met by the few values that there can be, where it is not one of them that decides. */
export function foregone(
  threshold: NonNullable<Acting["threshold"]>,
  values: readonly number[],
): "never" | "always" | undefined {
  // CloudWatch compares what is below 0, too.
  const limit: Expectation = { ...threshold, quantity: "signed" };
  const met = values.filter((value) => compare(limit, value).kind === "met").length;
  return met === 0 ? "never" : met === values.length ? "always" : undefined;
}

/** Of yes or no a row goes by 1 and 0: one of them is wrong, and the other is not. */
export const YES_OR_NO = {
  values: [0, 1],
  words: "true or false, which count as 1 and 0",
  remedy: "Write { gt: 0 } where true is wrong, or { lt: 1 } where false is",
};

function ofFewValues({ metric, elsewhere, threshold, missingData }: Acting): SourceError[] {
  const math = metric && isMath(metric) ? metric.expression : undefined;
  const { value, promql } = elsewhere ?? {};
  const yesOrNo =
    (value !== undefined && isYesOrNo(value)) || (promql !== undefined && isYesOrNoQuery(promql));
  const values = math === undefined ? (yesOrNo ? YES_OR_NO.values : undefined) : fewValues(math);
  const how = threshold && values && foregone(threshold, values);
  // A row whose silence breaches acts upon that, whatever its threshold.
  if (!how || (metric && how === "never" && missingData === "breaching")) return [];
  const { words, remedy } = YES_OR_NO;
  const oneOrNone = values.toSorted().join() === "0,1";
  const is = oneOrNone ? words : values.join(" or ");
  const what = `is ${how} met: ${math ?? value ?? promql} is ${is}`;
  return [
    {
      path: ["threshold"],
      what,
      remedy: oneOrNone ? remedy : "Write a limit that one of them meets, and not all, or another expression",
    },
  ];
}

/** Text that looks like a number is none, either. */
function ofNoNumber({ elsewhere }: Acting): SourceError[] {
  const type = typeOfAnswer(elsewhere?.value) ?? "";
  return tellWhere(["text", "a list", "an object"].includes(type), {
    path: ["elsewhere", "value"],
    what: `is ${type}, and a row goes by a number, or by true or false`,
    remedy: "Take one value out of it, or count, such as length(…)",
  });
}

/** Between which values a source's lie; undefined where that cannot be told. */
function valuesOf(source: MetricSource): Range | undefined {
  if (!isMath(source)) return rangeOf(source.statistic);
  const term = parseArithmetic(source.expression);
  if (!term) return isSize(source.expression) ? { low: 0, high: MOST } : undefined;
  return evaluate(term, (id) => rangeOf(source.metrics[id]?.statistic ?? ""));
}

function reaches({ gt, gte, lt, lte }: NonNullable<Acting["threshold"]>, { low, high }: Range): boolean {
  return (
    (gt === undefined || high > gt) &&
    (gte === undefined || high + SLACK >= gte) &&
    (lt === undefined || low < lt) &&
    (lte === undefined || low - SLACK <= lte)
  );
}

/** Data are told by the minute, and some minutes late. */
const MINUTE_MS = 60_000;
const SOONEST_MS = 5 * MINUTE_MS;

function ofDataWithin(dataWithin: string | undefined): SourceError[] {
  if (dataWithin === undefined) return [];
  const ms = safeMilliseconds(dataWithin);
  const error = (what: string, remedy: string): SourceError[] => [{ path: ["dataWithin"], what, remedy }];
  if (ms > METRIC_GONE_MS)
    return error(`is ${dataWithin}, and CloudWatch remembers 455d`, "Write 455d or less");
  if (ms < SOONEST_MS)
    return error(
      `is ${dataWithin}, and CloudWatch tells data by the minute, some minutes late: the row would never be armed`,
      "Write 5m or more",
    );
  return [];
}

/** The flags are up and the row cannot act until its metric has come: no longer than smoke checks take. */
function ofSilence({ metric, silentUntilFlip }: Acting): SourceError[] {
  if (!metric || !silentUntilFlip) return [];
  const { heartbeat, within } = silentUntilFlip;
  const ms = safeMilliseconds(within);
  const limit = showDuration(SMOKE_LIMIT_MS);
  const errors: SourceError[] = [];
  if (ms > SMOKE_LIMIT_MS || ms === 0)
    errors.push({
      path: ["silentUntilFlip", "within"],
      what: `is ${within}, for which up would wait with the flags up and the row unable to act`,
      remedy: `Write ${limit.replace(" ", "")} or less, and more than nothing`,
    });
  else if (ms < SOONEST_MS && safeMilliseconds(metric.period ?? "1m") >= MINUTE_MS)
    errors.push({
      path: ["silentUntilFlip", "within"],
      what: `is ${within}, and CloudWatch tells data by the minute, some minutes late: a flip that went well would be taken back`,
      remedy: "Write 5m or more; where the app publishes more often, a period: of seconds",
    });
  if (metricsOf(metric).every(({ name }) => name === heartbeat))
    errors.push({
      path: ["silentUntilFlip", "heartbeat"],
      what: `is ${heartbeat}, the very metric that is silent until the flip`,
      remedy: "Name another metric, which lives before the flip; if this one does, take silentUntilFlip out",
    });
  return errors;
}
