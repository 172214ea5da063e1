import { readFileSync } from 'node:fs';

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  passed += numPassedTests;
  for (const { status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    // A file that cannot be loaded fails without a failed test.
    failed += status === 'failed' ? Math.max(1, failures) : failures;
  }
}
console.log(`${passed} passed, ${failed} failed`);
