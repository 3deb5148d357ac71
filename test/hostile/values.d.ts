/** What the fuzz tests use of values.js, which is JavaScript so that plain Node can run it. */
export const FIELDS: readonly string[];
export const NAMES: readonly string[];
export const SOCKET_METHODS: readonly string[];
