/** One question with its answer, as lines of text. */
interface Figures {
  /** Q1 to Q6. */
  readonly id: string;
  /** What it asks, in words. */
  readonly title: string;
  /** The answer; or why there is none, and what to do. */
  readonly lines: readonly string[];
}

/** What questions about the imports of some time came to. */
export interface Answered {
  /** Which time, and what stands beside: one sentence. */
  readonly over: string;
  readonly figures: readonly Figures[];
}
