/** A text as part of a key of `KeptLog`, which is a log stream's name: that takes no colon and no asterisk. */
export function keyPart(text: string): string {
  return encodeURIComponent(text).replaceAll("*", "%2A");
}
