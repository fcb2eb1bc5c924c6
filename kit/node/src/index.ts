export { isAmong, placeOf } from "./bucket";
export type {
  BooleanFlag,
  Declarations,
  Flag,
  FlagValue,
  PercentageFlag,
  Requirement,
  StatesFlag,
  Values,
} from "./declare";
export { Flags, type FlagsOptions, openFlags } from "./flags";
export type { Datum, Sink, Unit } from "./metrics/datum";
export { type EmfOptions, emf } from "./metrics/emf";
export { Metrics, type MetricsOptions, type MetricsStatus, openMetrics } from "./metrics/metrics";
export { putMetricData } from "./metrics/putMetricData";
export type { Signal, SignalNames } from "./metrics/signal";
export { type FlagsReport, reportHandler } from "./report";
export type { Key, Snapshot } from "./snapshot";
export { agent } from "./sources/agent";
export { type DataApiClient, type DataApiOptions, dataApi } from "./sources/dataApi";
export { type EnvironmentOptions, environment } from "./sources/environment";
export { inCode } from "./sources/inCode";
export type { AppConfigAt, Reading, Source } from "./sources/source";
