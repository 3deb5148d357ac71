/** What the command line reads of the environment; the service leaves both alone. */
export const CLI_VARIABLES = { url: 'CLUSTERER_URL', token: 'CLUSTERER_TOKEN' } as const;
