/** Where the made-up app answers what a named source is asked. */
export const sourcePath = (name: string) => `/sources/${name}`;
