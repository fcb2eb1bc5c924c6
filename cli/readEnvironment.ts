/** The environment on GitHub whose jobs only read what is deployed, and that the default branch alone may use. */
export const READ_ENVIRONMENT = "cutover-read";
