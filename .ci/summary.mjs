// Adds up what .ci/run did: `node .ci/summary.mjs FOLDER`, where FOLDER holds a node-VERSION.json for each run of the tests
// (vitest's JSON report), and failed.txt and unchecked.txt (a line each) where there was anything to say.
// Promises: the last line is the total; when a step failed or no test ran, it counts a failure and the exit code is 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const MESSAGE_CHARACTERS = 1500

const folder = process.argv[2] ?? '.'
const runs = readdirSync(folder)
  .filter((file) => /^node-.*\.json$/.test(file))
  .sort()
  .map(readRun)

for (const { node, passed, failed, skipped } of runs) {
  const ran = passed + failed
  console.log(
    `Node ${node}: ${ran} tests ran, ${passed} passed, ${failed} failed, ${skipped.length} skipped`,
  )
}
for (const one of [...lines('unchecked.txt'), ...skippedTests()]) console.log(`Unchecked: ${one}`)

for (const { node, failures } of runs) {
  for (const { title, message } of failures)
    console.log(`Failed on Node ${node}: ${title}\n${message}`)
}
const otherFailures = failuresBesideTests()
for (const one of otherFailures) console.log(`Failed: ${one}`)

const passed = sum(runs.map((run) => run.passed))
const failed = sum(runs.map((run) => run.failed)) + otherFailures.length
const skipped = sum(runs.map((run) => run.skipped.length))
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * @param {string} file
 * @returns {{ node: string, passed: number, failed: number, skipped: string[], failures: { title: string, message: string }[] }}
 *   `skipped` has the titles; a message is cut, so that the summary stays one.
 */
function readRun(file) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  /** @type {{ status: string, fullName: string, failureMessages?: string[] }[]} */
  const tests = report.testResults.flatMap(
    (/** @type {{ assertionResults: unknown[] }} */ each) => each.assertionResults,
  )
  const passed = tests.filter((test) => test.status === 'passed').length
  const skipped = tests.filter((test) => ['skipped', 'todo', 'disabled'].includes(test.status))
  // Whatever neither passed nor was skipped, such as a test that the run's end cut off.
  const others = tests.filter((test) => test.status !== 'passed' && !skipped.includes(test))
  return {
    node: file.slice('node-'.length, -'.json'.length),
    passed,
    failed: others.length,
    skipped: skipped.map((test) => test.fullName.trim()),
    failures: others.map(({ fullName, failureMessages = [] }) => ({
      title: fullName.trim(),
      message: (failureMessages[0] ?? 'no message').slice(0, MESSAGE_CHARACTERS),
    })),
  }
}

function skippedTests() {
  const titles = new Set(runs.flatMap((run) => run.skipped))
  return [...titles].map((title) => {
    const where = runs.filter((run) => run.skipped.includes(title)).map((run) => run.node)
    return `${title} (on Node ${where.join(', ')})`
  })
}

// A step of tests whose failed tests are counted is not counted once more; one that failed without any (a file that did not load) is.
function failuresBesideTests() {
  const counted = runs.filter((run) => run.failed > 0).map((run) => `Tests on Node ${run.node}`)
  const steps = lines('failed.txt').filter((step) => !counted.some((one) => step.startsWith(one)))
  const empty = runs.filter((run) => run.passed + run.failed === 0)
  const none = runs.length === 0 ? ['no test ran'] : []
  return [...steps, ...none, ...empty.map((run) => `no test ran on Node ${run.node}`)]
}

/** @param {string} file */
function lines(file) {
  const path = join(folder, file)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0)
}
