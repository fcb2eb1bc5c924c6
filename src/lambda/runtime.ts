/**
 * What every function runs on, and the day from which AWS supports it no more: no patch comes after it, and some weeks
 * later no function is made or updated on it, so no `up` of a stage would get through. A test fails half a year before.
 * Source: the table of supported runtimes in Lambda's developer guide, as of 2026-06.
 */
export const RUNTIME = { name: "nodejs24.x", supportedUntil: "2028-04-30" } as const;
