import { existsSync, readFileSync } from 'node:fs';

// A run that ends without a report failed before its first test.
const NO_REPORT = {
  numPassedTests: 0,
  testResults: [{ name: 'no report', status: 'failed', assertionResults: [] }],
};

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  const { numPassedTests, testResults } = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : NO_REPORT;
  passed += numPassedTests;
  for (const { name, message, status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of failures) report(`${name}: ${fullName}`, failureMessages[0]);
    // A file that cannot be loaded fails without a failed test.
    const isUnloadable = status === 'failed' && failures.length === 0;
    if (isUnloadable) report(name, message);
    failed += failures.length + Number(isUnloadable);
  }
}
console.log(`${passed} passed, ${failed} failed`);

/** Names a failure again at the end of the log, which may be all that is kept of it, with the beginning of its message. */
function report(what, message = '') {
  console.log(`failed: ${what}\n  ${message.split('\n', 1)[0].slice(0, 500)}`);
}
