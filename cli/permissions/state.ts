import { each, type Grant, type Role } from "./asked";

const STATE = "a sandbox keeps its state in a folder";
const KEY = "a sandbox encrypts secrets with a passphrase";

const LOOK: readonly Role[] = ["preview", "drift", "promote", "doctor", "retire"];
const WRITE: readonly Role[] = ["promote", "retire"];

/** Where Pulumi keeps the state, and what encrypts the secrets in it. */
export const STATE_GRANTS: readonly Grant[] = [
  {
    sid: "FindTheState",
    for: LOOK,
    actions: each(STATE, "s3:ListBucket"),
    on: ({ partition, stateBucket }) => (stateBucket ? [`arn:${partition}:s3:::${stateBucket}`] : []),
  },
  {
    sid: "ReadTheState",
    for: LOOK,
    actions: each(STATE, "s3:GetObject"),
    on: ({ partition, stateBucket }) =>
      stateBucket ? [`arn:${partition}:s3:::${stateBucket}/.pulumi/*`] : [],
  },
  {
    sid: "WriteTheState",
    for: WRITE,
    actions: each(STATE, "s3:DeleteObject", "s3:PutObject"),
    on: ({ partition, stateBucket }) =>
      stateBucket ? [`arn:${partition}:s3:::${stateBucket}/.pulumi/*`] : [],
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
    on: ({ partition, previewBucket }) => (previewBucket ? [`arn:${partition}:s3:::${previewBucket}`] : []),
  },
  {
    sid: "CopyTheState",
    for: ["promote"],
    actions: each(STATE, "s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
    on: ({ partition, previewBucket }) =>
      previewBucket ? [`arn:${partition}:s3:::${previewBucket}/.pulumi/*`] : [],
  },
  {
    sid: "EncryptTheCopy",
    for: ["promote"],
    actions: each(KEY, "kms:Decrypt", "kms:Encrypt"),
    on: ({ previewKey }) => (previewKey ? [previewKey] : []),
  },
];
