/** A mutant that acts as the rollout does: nothing could tell the two apart. */
interface Accepted {
  /** Which mutants, by their names. */
  readonly mutant: RegExp;
  /** Why nothing can tell it from what is shipped. */
  readonly why: string;
}

/** Mutants that may survive. An entry that no survivor needs is stale, and fails the run. */
export const ACCEPTED: readonly Accepted[] = [
  {
    mutant: /\.(?:SA3|E1|F1|D2|X3)\.statistic: Sum → (?:Average|Maximum)$/,
    why: "of counts, which are never less than 0, the sum, the mean and the largest are 0 together",
  },
  {
    mutant: /\.(?:XA1|XA2|XA3|XB1|T3|T4|D5|X5)\.metric\.statistic: Sum → (?:Average|Maximum)$/,
    why: "of counts, which are never less than 0, the sum, the mean and the largest are above 0 together",
  },
  {
    mutant: /query: .* > now\(\) - interval .* → .* >= now\(\) - interval /,
    why: "no row is of the very microsecond at which a window begins",
  },
  {
    mutant: /\.F3\..*query: .* >= \$1.* → .* occurred_at > \$1/,
    why: "no transition is of the very microsecond at which the stage went live",
  },
  {
    mutant: /\.SA3\.minSamples: 1 → 2$/,
    why: "each minute of the five must have been published: there are never fewer than two",
  },
  {
    mutant: /\.G3\.query: .* → .* else 1 end /,
    why: "where no error has three imports, any percentage below the bound of 2 says as little",
  },
  {
    mutant: /\.T1\.probe\.query: .* → .*(?: else -?1 end |coalesce\(100 - success_rate, -?1\))/,
    why: "where too little ended to say anything, any number up to the threshold of 5 says as little",
  },
  {
    mutant: /\.T2\.probe\.query: .* → .*(?: when stuck (?:> -?1|>= 0) then |\) else -?1 end )/,
    why: "where one import or none is open for ten minutes, any number up to the threshold of 10 says as little",
  },
  {
    mutant: /\.(?:E3|SB2|SA4)\.steps\.1\.expect\.gte: 0 → -1$/,
    why: "a list has no negative length, and a negative version or total is refused as a count whatever the bound",
  },
];
