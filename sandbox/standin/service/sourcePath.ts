const SOURCES = "/sources/";

/** Where the made-up app answers what a named source is asked. */
export const sourcePath = (name: string) => `${SOURCES}${name}`;

/** Whether a path is one that a named source is asked by. */
export const isOfSource = (path: string) => path.startsWith(SOURCES);
