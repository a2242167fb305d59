// When the next picture of something that runs on and on is due: each at once, or one a second where motion is to be
// reduced.

const kCalm = 1000; // ms between pictures then

export class Pace {
  private last = -kCalm;

  constructor(private readonly calm: MediaQueryList) {}

  /** Then nothing is said of frames a second. */
  get slow(): boolean {
    return this.calm.matches;
  }

  due(): boolean {
    const now = performance.now();
    if (this.slow && now - this.last < kCalm) return false;
    this.last = now;
    return true;
  }
}
