/**
 * Options of Ajv for a document that is checked in many test files. The contract tests check that the document itself is valid.
 * A schema that occurs often is compiled once, not wherever it is used. To optimize the code of a check takes as long as to write it, and each runs a few times only.
 */
export const QUICK = {
  strict: false,
  allErrors: true,
  validateSchema: false,
  inlineRefs: false,
  code: { optimize: false },
};
