const { default: TestRunner } = require('jest-runner');

/** Real processes and time-outs depend on a machine that others use too. */
const USES_PROCESSES = /\/test\/(e2e|integration|replicas)\//;

/**
 * In CI, a file of tests with real processes that fails runs once more: as a whole, alone, after all others. The end of the run names it.
 * A fault of the product fails twice. Tests without processes and clocks get one attempt: there, a random failure is a fault.
 */
class SecondAttempt extends TestRunner {
  failed = [];

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.second = new TestRunner({ ...globalConfig, maxWorkers: 1 }, context);
  }

  on(name, listener) {
    const passOn = ([test, result]) => listener([test, { ...result, isSecondAttempt: true }]);
    this.second.on(name, name === 'test-file-success' ? passOn : listener);
    return super.on(name, (event) => {
      const [test, result] = event;
      if (name === 'test-file-success' && isFailed(result) && this.repeats(test, result.failureMessage)) return;
      if (name === 'test-file-failure' && this.repeats(test, result.stack)) return;
      return listener(event);
    });
  }

  async runTests(tests, watcher, options) {
    await super.runTests(tests, watcher, options);
    if (this.failed.length > 0) await this.second.runTests(this.failed, watcher, { ...options, serial: false });
  }

  repeats(test, why) {
    if (process.env.CI !== 'true' || !USES_PROCESSES.test(test.path)) return false;
    process.stderr.write(`FAIL, to run again: ${test.path}\n${why}\n`);
    this.failed.push(test);
    return true;
  }
}

function isFailed({ numFailingTests, testExecError }) {
  return numFailingTests > 0 || testExecError !== undefined;
}

module.exports = SecondAttempt;
