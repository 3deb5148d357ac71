// Ends the run with the one line that people and CI read: N passed, N failed, N skipped.
class CountReporter {
  onRunComplete(_contexts, results) {
    for (const { isSecondAttempt, testFilePath } of results.testResults) {
      if (isSecondAttempt) process.stdout.write(`second attempt: ${testFilePath}\n`);
    }
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

module.exports = CountReporter;
