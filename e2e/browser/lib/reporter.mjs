// Tells each test as it ends, and at the end how many passed, in the words that
// `cargo xtask` counts.
export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic' && data.nesting > 0) yield `    ${data.message}\n`;
    if (type === 'test:diagnostic' && data.message.startsWith('http')) yield `    ${data.message}\n`;
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A file, or a group, is no test: its tests are.
    const group = data.details?.type === 'suite' || data.name.endsWith('.mjs');
    const seconds = ((data.details?.duration_ms ?? 0) / 1000).toFixed(1);
    if (type === 'test:pass') {
      if (group) continue;
      if (data.skip !== undefined || data.todo !== undefined) {
        failed += 1;
        yield `test ${data.name} ... SKIPPED, which counts as failed\n`;
        continue;
      }
      passed += 1;
      yield `test ${data.name} ... ok (${seconds} s)\n`;
    } else {
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      // A group fails by its tests, which were told already.
      if (group && error?.failureType === 'subtestsFailed') continue;
      failed += 1;
      yield `test ${data.name} ... FAILED (${seconds} s)\n`;
      const text = cause?.stack ?? String(cause);
      yield `${text.split('\n').map((line) => `    ${line}`).join('\n')}\n`;
      for (let deeper = cause?.cause; deeper; deeper = deeper.cause) {
        yield `    because: ${deeper.stack ?? deeper}\n`;
      }
    }
  }
  const word = failed === 0 && passed > 0 ? 'ok' : 'FAILED';
  yield `\ntest result: ${word}. ${passed} passed; ${failed} failed\n`;
}
