import { type Asked, each, type Grant, type Role } from "./asked";

const STATE = "a sandbox keeps its state in a folder";
const KEY = "a sandbox encrypts secrets with a passphrase";

const LOOK: readonly Role[] = ["preview", "drift", "promote", "doctor", "retire"];
const WRITE: readonly Role[] = ["promote", "retire"];

/** A bucket of state, and what is in it: nothing where there is none. */
const bucket =
  (of: "stateBucket" | "previewBucket", below = "") =>
  (asked: Asked) =>
    asked[of] ? [`arn:${asked.partition}:s3:::${asked[of]}${below}`] : [];
const STACKS = "/.pulumi/*";

/** Where Pulumi keeps the state, and what encrypts the secrets in it. */
export const STATE_GRANTS: readonly Grant[] = [
  {
    sid: "FindTheState",
    for: LOOK,
    actions: each(STATE, "s3:ListBucket"),
    on: bucket("stateBucket"),
  },
  {
    sid: "ReadTheState",
    for: LOOK,
    actions: each(STATE, "s3:GetObject"),
    on: bucket("stateBucket", STACKS),
  },
  {
    sid: "WriteTheState",
    for: WRITE,
    actions: each(STATE, "s3:DeleteObject", "s3:PutObject"),
    on: bucket("stateBucket", STACKS),
  },
  {
    sid: "DecryptTheState",
    for: LOOK,
    actions: each(KEY, "kms:Decrypt"),
    on: ({ stateKey }) => (stateKey ? [stateKey] : []),
  },
  {
    sid: "EncryptTheState",
    for: WRITE,
    actions: each(KEY, "kms:Encrypt"),
    on: ({ stateKey }) => (stateKey ? [stateKey] : []),
  },
  {
    sid: "FindTheCopy",
    for: ["promote"],
    actions: each(STATE, "s3:ListBucket"),
    on: bucket("previewBucket"),
  },
  {
    sid: "CopyTheState",
    for: ["promote"],
    actions: each(STATE, "s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
    on: bucket("previewBucket", STACKS),
  },
  {
    sid: "EncryptTheCopy",
    for: ["promote"],
    actions: each(KEY, "kms:Decrypt", "kms:Encrypt"),
    on: ({ previewKey }) => (previewKey ? [previewKey] : []),
  },
];
