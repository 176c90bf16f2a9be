import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Ends with the one line that every runner of this project ends with. */
export default class Summary implements Reporter {
  private readonly last = new Map<string, TestResult['status']>();

  onTestEnd(test: TestCase, result: TestResult) {
    this.last.set(test.id, result.status);
  }

  onEnd(result: FullResult) {
    const all = [...this.last.values()];
    const skipped = all.filter((status) => status === 'skipped').length;
    const passed = all.filter((status) => status === 'passed').length;
    // A fault outside a test (a bad file, say) is a failure too.
    const failed = all.length - passed - skipped || (result.status === 'failed' ? 1 : 0);
    console.log(`web: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
