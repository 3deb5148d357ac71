/** What yaml-module.js makes of a file. */
declare module '*.yaml' {
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents field by field
  const document: any;
  export = document;
}
