import { existsSync, readFileSync } from 'node:fs';

// A run that ends without a report failed before its first test.
const NO_REPORT = { numPassedTests: 0, testResults: [{ status: 'failed', assertionResults: [] }] };

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  const { numPassedTests, testResults } = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : NO_REPORT;
  passed += numPassedTests;
  for (const { status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    // A file that cannot be loaded fails without a failed test.
    failed += status === 'failed' ? Math.max(1, failures) : failures;
  }
}
console.log(`${passed} passed, ${failed} failed`);
