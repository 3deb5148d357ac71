const { testPath = '' } = expect.getState();

// Real processes and time-outs depend on a machine that others use too. Such a test gets a second attempt in CI, and the end of the run names it.
// A fault of the product fails twice. Tests without processes and clocks get one attempt: there, a random failure is a fault.
if (process.env.CI === 'true' && /\/test\/(e2e|integration|replicas)\//.test(testPath)) {
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
