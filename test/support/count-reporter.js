// Ends the run with the one line that people and CI read: N passed, N failed, N skipped.
class CountReporter {
  onRunComplete(_contexts, results) {
    for (const name of second(results)) process.stdout.write(`second attempt: ${name}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

/** The names of the tests that ran twice (second-attempt.ts). */
function second({ testResults }) {
  return testResults.flatMap((file) =>
    file.testResults.filter((test) => test.invocations > 1).map((test) => test.fullName),
  );
}

module.exports = CountReporter;
