/** The environment variables of the command line. The service ignores them. */
export const CLI_VARIABLES = { url: 'CLUSTERER_URL', token: 'CLUSTERER_TOKEN' } as const;
