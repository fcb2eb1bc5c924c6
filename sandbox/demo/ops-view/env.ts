import type { Stopwatch } from "../service/stopwatch";
import type { Caller } from "./items";
import type { Reads, Writes } from "./stores/store";

/** What the middleware puts into a request's context for the handlers. */
export interface Env {
  Variables: {
    caller: Caller;
    reads: Reads;
    writes: Writes;
    stopwatch: Stopwatch;
  };
}
