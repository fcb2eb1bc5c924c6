import { describe, expect, it } from "vitest";
import { redactor, secretsOut } from "../../../src/text/redact";

describe("takes time by the length of a text, whatever it repeats", () => {
  const known = { secrets: ["aaaaaaaaaaaaaaaa", "Tr0ub4dor&3xyz"], hosts: ["db.internal"] };
  const filters = [secretsOut(known), redactor(known)];
  /** Milliseconds of this process on a processor: what it waits for one while others are at work does not count. */
  const taken = (text: string) => {
    const before = process.cpuUsage();
    for (const filter of filters) filter(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const PARTS = [
    "eyJ-",
    "eyJaaaaaaaa ",
    "a",
    "aZ9+",
    "a@",
    "a.",
    ":",
    "1.",
    "[",
    "?key",
    "&-",
    "://",
    "a://",
    "key (",
    ")=(",
    "key ()=(a",
    ") already ",
    "invalid value for ",
    'value "',
    "»",
    "password",
    "password=",
    'token="',
    "token=[",
    "authorization:",
    "cookie: a",
    "basic ",
    "basic AAAA",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY",
    "-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----",
    "%25",
    "\\u0041",
    "\\",
    "=41",
    " ",
    "\n",
    "\u200b",
    "\u001b[",
    "a-",
    "--a-",
    "-u a",
    "http://",
    "http://a/hooks/",
    "ENOTFOUND ",
    "ghp_",
    "bearer ",
  ];

  it.each(PARTS)("%j", (part) => {
    const of = (length: number) => part.repeat(Math.ceil(length / part.length));
    // Sixteen times as long takes sixteen times as long, not 256 times. Halfway between is what no neighbour on the same
    // processor, compilation or collection of garbage makes of the first.
    const growth = () => taken(of(128_000)) / Math.max(taken(of(8_000)), 2);
    let least = growth();
    for (let tries = 1; tries < 6 && least > 64; tries++) least = Math.min(least, growth());
    expect(least).toBeLessThanOrEqual(64);
  });
});
