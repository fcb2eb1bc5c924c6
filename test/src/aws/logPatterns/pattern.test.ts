import { describe, expect, test } from "vitest";
import { patternOf } from "../../../../src/aws/logPatterns/pattern";

/** The examples of AWS's own page, and what is next to them. */
describe("a pattern of words matches", () => {
  test.each<[string, string, boolean]>([
    ["", "whatever", true],
    ["ERROR", "[ERROR 400] BAD REQUEST", true],
    ["ERROR", "[error 400]", false],
    ["ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true],
    ["ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false],
    ["?ERROR ?ARGUMENTS", "[ERROR 400] BAD REQUEST", true],
    ["?ERROR ?ARGUMENTS", "[INFO] all is well", false],
    // Beside a word without a mark those with ? say nothing.
    ["?ERROR ?ARGUMENTS REQUEST", "REQUEST FAILED", true],
    ['"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", true],
    ['"INTERNAL SERVER ERROR"', "INTERNAL ERROR", false],
    ["ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", true],
    ["ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false],
    ["%ERROR 4[0-9]{2}%", "[ERROR 404] NOT FOUND", true],
    ["%ERROR 4[0-9]{2}%", "[ERROR 500]", false],
    ['"ERROR" - "Exiting"', "ERROR: Exiting with code 1", false],
    ['"ERROR" - "Exiting"', "ERROR: out of memory", true],
    ['"a \\"quoted\\" word"', 'a "quoted" word', true],
  ])("%j in %j: %s", (pattern, line, expected) => {
    expect(patternOf(pattern)?.(line)).toBe(expected);
  });
});

describe("a pattern of fields matches", () => {
  const LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
  test.each<[string, boolean]>([
    ["[ip, user, username, timestamp, request, status_code, bytes]", true],
    ["[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", true],
    ["[ip, user, username, timestamp, request, status_code = 5*, bytes]", false],
    ["[ip, ..., status_code = 404, bytes]", true],
    ["[..., request =*html*, status_code = 4*, bytes]", true],
    ["[ip, user, username]", false],
    ["[ip, ..., status_code = 404 || status_code = 410, bytes]", true],
    ["[ip, ..., status_code = 400 || status_code = 410, bytes]", false],
    ["[ip, ..., status_code >= 400 && status_code < 500, bytes]", true],
    ["[ip = %127\\.0\\.0\\.[1-9]%, ...]", true],
    ["[ip != 127.0.0.1, ...]", false],
    ["[..., request=*.html*, status_code=4*,]", true],
    ["[..., status_code = %40{2,3}4%, bytes]", false],
    ["[..., status_code = %4[0-9]{1,2}%, bytes]", true],
    ['[ip, ..., request = "GET /index.html HTTP/1.0", status_code, bytes]', true],
    ['[ip, ..., request = "a, b && c", status_code, bytes]', false],
    ["[..., status_code = 4* && bytes > 1000, size]", false],
  ])("%s: %s", (pattern, expected) => {
    expect(patternOf(pattern)?.(LINE)).toBe(expected);
  });
});

/** What AWS's page, and the messages that people report, say of what is refused. */
describe("CloudWatch Logs refuses", () => {
  test.each([
    "{ $.a }",
    "{ no condition }",
    '{ $.a = "x"',
    "{ $.a = ada@example.com }",
    "{ $.a = %[% }",
    "{ $.a = %(x)% }",
    '"open',
    '""',
    "user-id",
    "time=12",
    "ada@example.com",
    "ERROR: lost",
    "überlauf",
    "[]",
    "[a, b =]",
    "[a, b = %[%]",
    "[a, b = “x“]",
    "[a, b",
    "%[%",
    "%(a|b)%",
    "%something!%",
    "%é%",
    "%a% %b% %c%",
    "{ $.a = %a% && $.b = %b% && $.c = %c% }",
  ])("%j", (pattern) => {
    expect(patternOf(pattern)).toBeUndefined();
  });

  test.each(["%a% %b%", '%a% %b% "%c%"', "{ $.user = *ada* }", "{ $.ip != 123.123.* }", "ERROR_2"])(
    "and takes %j",
    (pattern) => {
      expect(patternOf(pattern)).toBeDefined();
    },
  );
});
