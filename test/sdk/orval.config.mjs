export const clusterer = {
  input: '../../openapi.yaml',
  output: {
    target: 'generated/orval.ts',
    client: 'fetch',
    headers: true,
    override: { mutator: { path: 'programs/orval-fetch.ts', name: 'orvalFetch' } },
  },
};
