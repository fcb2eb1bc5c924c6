import { expect, test } from "vitest";
import { messagesSecretOf, messagesSecretText } from "../../../src/lambda/messagesSecret";

test.each([
  ["a login and tokens", { login: { user: "gate", password: "s3cret" }, tokens: { admin: "t" } }],
  ["a login alone", { login: { user: "gate", password: "s3cret" }, tokens: {} }],
  ["tokens alone", { tokens: { admin: "t", analyst: "u" } }],
])("%s come back as they were", (_, secret) => {
  expect(messagesSecretOf(messagesSecretText(secret))).toEqual(secret);
});

test.each([
  ["no JSON", "s3cret"],
  ["another shape", '{"username":"gate","password":"s3cret"}'],
  ["an empty password", '{"login":{"user":"gate","password":""},"tokens":{}}'],
  ["nothing", ""],
])("%s is refused without a word of what is in it", (_, text) => {
  const refused = () => messagesSecretOf(text);
  expect(refused).toThrow(/the messages function's secret/);
  expect(refused).not.toThrow(/s3cret|gate/);
});
